"""Accounts of one household are found by what they share, and nothing readable is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.memory.store import MemoryStore
from integrations.sealing import sealed_with
from retention.hearing import Reason
from retention.kin import TieKind
from retention.kindred import Kindred, address_key, phone_key
from retention.order import Order
from retention.ports import Records
from retention.profile import Profile
from tests.unit.counter import NOW, order

KINDRED = Kindred(
    seal=sealed_with("shop-secret-0123456789"),
    window=lambda: timedelta(days=30),
    crowd=lambda: {TieKind.PHONE: 3, TieKind.ADDRESS: 3},
)


@pytest.fixture
def records() -> Iterator[Records]:
    with MemoryStore().transaction() as found:
        yield found


def of(customer_id: str, *, phone: str = "13800001111", detail: str = "文三路 1 号 302 室") -> Order:
    address = replace(order().address, phone=phone, detail=detail)
    return replace(order(f"T-{customer_id}-{phone}"), customer_id=customer_id, address=address)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("13800001111", "+86 138-0000-1111", True),
        ("13800001111", "0086１３８００００１１１１", True),
        ("17000001111转2345", "17000001111转2346", False),
        ("13800001111", "13800001112", False),
    ],
)
def test_a_telephone_number_is_one_however_it_is_written(one: str, other: str, alike: bool) -> None:
    assert (phone_key(one) == phone_key(other)) is alike


@pytest.mark.parametrize("phone", ["", "1", "138****1111", "无"])
def test_what_is_no_whole_number_joins_nobody(phone: str) -> None:
    assert phone_key(phone) is None


def test_an_address_is_one_however_it_is_set_and_flats_next_door_are_two() -> None:
    base = order().address
    keys = {
        address_key(replace(base, detail=text)) for text in ("文三路1号，2-301", "文三路 1号2—301 ", "文三路１号 2-301")
    }
    assert len(keys) == 1
    assert address_key(replace(base, detail="文三路1号，23-01")) not in keys
    assert address_key(replace(base, detail="文三路1号，2-302")) not in keys
    assert address_key(replace(base, detail="***")) is None


def test_two_accounts_that_share_a_phone_are_kin_by_the_phone(records: Records) -> None:
    KINDRED.see_order(records, of("a"), at=NOW)
    KINDRED.see_order(records, of("b", detail="古墩路 700 号 5 幢"), at=NOW)
    [relative] = KINDRED.of(records, "a", now=NOW).relatives
    assert relative.ties == frozenset({TieKind.PHONE})


def test_an_address_that_too_many_share_joins_nobody(records: Records) -> None:
    for number in range(4):
        KINDRED.see_order(records, of(f"dorm-{number}", phone=f"1390000000{number}"), at=NOW)
    assert len(KINDRED.of(records, "dorm-0", now=NOW).relatives) == 3
    KINDRED.see_order(records, of("dorm-4", phone="13900000004"), at=NOW)
    assert KINDRED.of(records, "dorm-0", now=NOW).relatives == ()


def test_a_device_has_no_crowd(records: Records) -> None:
    for number in range(9):
        KINDRED.see_device(records, f"account-{number}", "device-0123", at=NOW)
    assert len(KINDRED.of(records, "account-0", now=NOW).relatives) == 8


def test_what_was_shared_before_the_window_is_forgotten(records: Records) -> None:
    KINDRED.see_order(records, of("a"), at=NOW - timedelta(days=31))
    KINDRED.see_order(records, of("b"), at=NOW)
    assert KINDRED.of(records, "b", now=NOW).relatives == ()


def test_erased_people_are_nobodys_kin(records: Records) -> None:
    KINDRED.see_order(records, of(""), at=NOW)
    KINDRED.see_order(records, of("a"), at=NOW)
    assert KINDRED.of(records, "a", now=NOW).relatives == ()
    assert KINDRED.of(records, "", now=NOW).relatives == ()


def test_nothing_readable_is_kept_and_another_shops_seal_is_another(records: Records) -> None:
    KINDRED.see_order(records, of("a"), at=NOW)
    kept = repr(records.kinship.around("a", since=NOW))
    assert "13800001111" not in kept
    assert "文三路" not in kept
    other = sealed_with("another-secret-0123456789")
    assert other(TieKind.PHONE, "13800001111") != KINDRED.seal(TieKind.PHONE, "13800001111")
    assert KINDRED.seal(TieKind.DEVICE, "13800001111") != KINDRED.seal(TieKind.PHONE, "13800001111")


def test_only_other_conversations_that_wanted_out_and_were_offered_something_are_attempts(records: Records) -> None:
    leaving = Profile(
        conversation_id="k1",
        customer_id="a",
        channel="web",
        started_at=NOW - timedelta(days=2),
        updated_at=NOW,
        intents=("greet", "cancel_order"),
        reasons=(Reason.PRICE.value,),
        offers=("coupon",),
    )
    for profile in (
        leaving,
        replace(leaving, conversation_id="k2", offers=()),
        replace(leaving, conversation_id="k3", intents=("track_order",)),
        replace(leaving, conversation_id="k4", started_at=NOW - timedelta(days=31)),
        replace(leaving, conversation_id="k5"),
    ):
        records.profiles.put(profile)
    assert KINDRED.of(records, "a", now=NOW, but="k5").attempts == (leaving.started_at,)
