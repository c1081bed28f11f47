"""The money side of an order system: the embedded one and one over HTTP keep the same word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import pytest

from integrations.http_remedies import HttpRemedies
from integrations.remedies import EmbeddedRemedies
from retention.errors import RemedyRefusedError, RemedyUncertainError
from retention.fulfilment import Act, Remedy, Standing, fulfilment_id
from retention.money_ports import Remedies
from retention.offer import Grant
from retention.ports import Store
from tests.contract.conftest import KINDS, Backend
from tests.contract.samples import GRANT, HOUR, a_grant, race
from tests.fake_order_system import SECRET, FakeOrderSystem, Mishap, order_system

GIVE, BACK = fulfilment_id("G1", Act.GRANT), fulfilment_id("G1", Act.REVERSE)


def now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """An order system, and what ``paid`` says a shopper has really got for a grant."""

    remedies: Remedies
    paid: Callable[[str], int]

    def give(self, grant: Grant = GRANT) -> Remedy:
        return self.remedies.fulfil(fulfilment_id(grant.grant_id, Act.GRANT), grant, now=now())

    def take_back(self, grant: Grant = GRANT) -> Remedy:
        return self.remedies.undo(fulfilment_id(grant.grant_id, Act.REVERSE), grant, now=now())


@pytest.fixture(params=("http", *KINDS))
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    if request.param == "http":
        yield request.getfixturevalue("http")
        return
    backend: Backend = request.getfixturevalue(f"{request.param}_backend")
    with closing(backend.store):
        yield _embedded(backend.store)


def _embedded(store: Store) -> Shop:
    remedies = EmbeddedRemedies(store)

    def paid(grant_id: str) -> int:
        found = remedies.find(grant_id)
        return int(found is not None and found.standing is Standing.GIVEN)

    return Shop(remedies=remedies, paid=paid)


@pytest.fixture
def system() -> Iterator[tuple[FakeOrderSystem, str]]:
    with order_system() as made:
        yield made


@pytest.fixture
def http(system: tuple[FakeOrderSystem, str]) -> Iterator[Shop]:
    fake, url = system
    with closing(HttpRemedies(url, SECRET, now, seconds=10)) as remedies:
        yield Shop(remedies=remedies, paid=lambda grant_id: fake.paid.get(grant_id, 0))


def test_what_is_given_stands_and_can_be_found(shop: Shop) -> None:
    given = shop.give()
    assert (given.grant_id, given.standing) == ("G1", Standing.GIVEN)
    assert shop.remedies.find("G1") == given
    assert shop.remedies.find("G404") is None
    assert shop.paid("G1") == 1


def test_the_same_delivery_however_often_gives_once_and_answers_alike(shop: Shop) -> None:
    answers = race([shop.give] * 20, threads=4)
    assert len(set(answers)) == 1
    assert shop.paid("G1") == 1


def test_what_is_taken_back_is_gone_and_the_answer_stays(shop: Shop) -> None:
    shop.give()
    taken = shop.take_back()
    assert taken.standing is Standing.TAKEN_BACK
    assert shop.take_back() == taken
    assert shop.remedies.find("G1") == taken
    assert shop.paid("G1") == 0


def test_a_giving_that_arrives_after_its_taking_back_gives_nothing(shop: Shop) -> None:
    assert shop.take_back().standing is Standing.TAKEN_BACK
    assert shop.give().standing is Standing.TAKEN_BACK
    assert shop.paid("G1") == 0


def test_of_a_giving_and_a_taking_back_at_once_the_taking_back_wins(shop: Shop) -> None:
    for number in range(12):
        grant = a_grant(f"r{number}")
        both = [lambda grant=grant: shop.give(grant), lambda grant=grant: shop.take_back(grant)]
        race(both * 3, threads=4)
        assert shop.paid(grant.grant_id) == 0


def test_everything_since_a_moment_is_listed_once(shop: Shop) -> None:
    began = now()
    for number in range(5):
        shop.give(a_grant(number))
    shop.take_back(a_grant(3))
    listed = list(shop.remedies.all(began))
    assert {one.grant_id for one in listed} == {f"G{number}" for number in range(5)}
    assert len(listed) == 5
    assert [one.grant_id for one in listed if one.standing is Standing.TAKEN_BACK] == ["G3"]
    assert list(shop.remedies.all(now() + HOUR)) == []


def test_the_order_system_gets_the_terms_a_key_and_nothing_about_the_person(
    http: Shop, system: tuple[FakeOrderSystem, str]
) -> None:
    http.give()
    ((key, wish),) = system[0].calls
    assert key == GIVE
    assert (wish["act"], wish["order_no"], wish["terms"]) == ("grant", GRANT.order_no, dict(GRANT.offer.terms))
    assert "C1" not in str(wish)


@pytest.mark.parametrize("mishap", [Mishap.BROKEN, Mishap.IN_PROGRESS, Mishap.GARBLED])
def test_an_unclear_answer_is_a_doubt_and_asking_again_gives_once(
    mishap: Mishap, http: Shop, system: tuple[FakeOrderSystem, str]
) -> None:
    system[0].mishaps.append(mishap)
    with pytest.raises(RemedyUncertainError):
        http.give()
    assert http.give().standing is Standing.GIVEN
    assert http.paid("G1") == 1


def test_an_answer_that_is_lost_is_a_doubt_and_asking_again_gives_once(
    http: Shop, system: tuple[FakeOrderSystem, str]
) -> None:
    fake, url = system
    fake.mishaps.append(Mishap.ANSWER_LOST)
    with (
        closing(HttpRemedies(url, SECRET, now, seconds=0.2)) as impatient,
        pytest.raises(RemedyUncertainError, match="ReadTimeout"),
    ):
        impatient.fulfil(GIVE, GRANT, now=now())
    assert http.paid("G1") == 1
    assert http.give().standing is Standing.GIVEN
    assert http.paid("G1") == 1


def test_a_refusal_is_told_by_its_code_and_not_in_words_that_may_name_people(
    http: Shop, system: tuple[FakeOrderSystem, str]
) -> None:
    system[0].mishaps.append(Mishap.REFUSED)
    with pytest.raises(RemedyRefusedError) as refusal:
        http.give()
    assert refusal.value.problem == "the order system answered 422 order_closed"


def test_the_same_key_with_another_body_is_refused(http: Shop, system: tuple[FakeOrderSystem, str]) -> None:
    http.give()
    with pytest.raises(RemedyRefusedError, match="key_reused"):
        http.remedies.fulfil(GIVE, replace(GRANT, order_no="A404"), now=now())
    assert http.paid("G1") == 1


def test_a_wrong_secret_is_a_doubt_because_somebody_can_put_it_right(system: tuple[FakeOrderSystem, str]) -> None:
    wrong = "whsec_d3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmctd3Jvbmc="
    with closing(HttpRemedies(system[1], wrong, now)) as remedies:
        with pytest.raises(RemedyUncertainError, match="401"):
            remedies.fulfil(GIVE, GRANT, now=now())
        with pytest.raises(RemedyUncertainError, match="401"):
            remedies.find("G1")
    assert system[0].paid == {}


def test_an_order_system_that_is_away_is_a_doubt() -> None:
    with closing(HttpRemedies("http://127.0.0.1:9", SECRET, now)) as away:
        with pytest.raises(RemedyUncertainError, match="ConnectError"):
            away.undo(BACK, GRANT, now=now())
        with pytest.raises(RemedyUncertainError):
            list(away.all(now()))


def test_a_secret_that_cannot_sign_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match=r"."):
        HttpRemedies("http://127.0.0.1:9", "whsec_not base64!", now)
