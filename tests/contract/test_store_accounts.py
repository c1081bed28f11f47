"""Accounts, and who is logged in."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.associate import Role
from retention.errors import NotFoundError
from retention.ports import Store
from tests.contract.samples import ASSOCIATE, HOUR, NOW, SIGN_IN, race

OTHER = replace(ASSOCIATE, name="老陈", role=Role.ADMIN, skills=(), active=False)


@pytest.fixture(autouse=True)
def associate(store: Store) -> None:
    with store.transaction() as records:
        assert records.associates.add(ASSOCIATE, password_hash="$h1", at=NOW)


def test_an_account_comes_back_without_its_password(store: Store) -> None:
    with store.transaction() as records:
        records.associates.add(OTHER, password_hash="$h2", at=NOW)
        assert records.associates.find(ASSOCIATE.name) == ASSOCIATE
        assert list(records.associates.listed()) == list(records.associates.lock()) == [ASSOCIATE, OTHER]
        assert [records.associates.password_hash(name) for name in (ASSOCIATE.name, OTHER.name)] == ["$h1", "$h2"]
        assert records.associates.find("nobody") is None
        assert records.associates.password_hash("nobody") is None


def test_a_name_is_added_once_and_the_first_stays(store: Store) -> None:
    with store.transaction() as records:
        assert not records.associates.add(replace(OTHER, name=ASSOCIATE.name), password_hash="$h2", at=NOW)
        assert records.associates.find(ASSOCIATE.name) == ASSOCIATE
        assert records.associates.password_hash(ASSOCIATE.name) == "$h1"


def test_an_account_changes_without_its_password_and_a_password_without_the_account(store: Store) -> None:
    changed = replace(OTHER, name=ASSOCIATE.name)
    with store.transaction() as records:
        records.associates.update(changed)
        assert records.associates.password_hash(ASSOCIATE.name) == "$h1"
        records.associates.set_password(ASSOCIATE.name, "$h2")
        assert records.associates.password_hash(ASSOCIATE.name) == "$h2"
        assert records.associates.find(ASSOCIATE.name) == changed


def test_an_unknown_account_does_not_change(store: Store) -> None:
    with store.transaction() as records:
        with pytest.raises(NotFoundError):
            records.associates.update(OTHER)
        with pytest.raises(NotFoundError):
            records.associates.set_password(OTHER.name, "$h2")


def test_a_sign_in_comes_back_until_it_ends(store: Store) -> None:
    with store.transaction() as records:
        records.sign_ins.add(SIGN_IN)
    with store.transaction() as records:
        assert records.sign_ins.find(SIGN_IN.digest) == SIGN_IN
        assert records.sign_ins.find("another") is None
        assert records.sign_ins.end(SIGN_IN.digest)
        assert not records.sign_ins.end(SIGN_IN.digest)
        assert records.sign_ins.find(SIGN_IN.digest) is None


def test_all_of_one_associate_end_and_nobody_elses(store: Store) -> None:
    with store.transaction() as records:
        records.associates.add(OTHER, password_hash="$h2", at=NOW)
        for digest in ("d1", "d2"):
            records.sign_ins.add(replace(SIGN_IN, digest=digest))
        records.sign_ins.add(replace(SIGN_IN, digest="d3", name=OTHER.name))
        assert records.sign_ins.end_all(ASSOCIATE.name) == 2
        assert records.sign_ins.end_all(ASSOCIATE.name) == 0
        assert records.sign_ins.find("d3") is not None


def test_what_has_expired_is_forgotten_when_the_next_one_begins(store: Store) -> None:
    over = replace(SIGN_IN, digest="d1", expires_at=NOW + HOUR)
    lasting = replace(SIGN_IN, digest="d2", expires_at=NOW + 2 * HOUR)
    with store.transaction() as records:
        records.sign_ins.add(over)
        records.sign_ins.add(lasting)
        records.sign_ins.add(replace(SIGN_IN, digest="d3", created_at=NOW + HOUR, expires_at=NOW + 3 * HOUR))
        assert records.sign_ins.find("d1") is None
        assert records.sign_ins.find("d2") == lasting


def test_of_many_who_add_the_same_name_at_once_one_does(store: Store) -> None:
    def add(number: int) -> bool:
        with store.transaction() as records:
            return records.associates.add(OTHER, password_hash=f"$h{number}", at=NOW)

    assert sum(race([partial(add, number) for number in range(20)])) == 1
