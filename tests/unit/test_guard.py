"""The guard: who asks too often, too fast or under too many names gets help and the way out, but no money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.guard import PREFIX, Guard, read_guard
from compensation.reading import CatalogError
from retention.case import Case
from retention.hearing import Reason
from retention.kin import Kin, Relative, TieKind
from retention.offer import Grant, GrantState, NoOffer, Offer
from retention.order import Stage
from tests.unit.compensation_cases import (
    CASES,
    ENGINE,
    NOW,
    SCORES,
    SURE_LOSS,
    UNTIMED,
    case,
    grant_of,
    line,
    offer_of,
    order,
    price_event,
)
from tests.unit.counter import GUARD, ROOT

DECIDE = GUARD.around(ENGINE.decide, ENGINE.quote)
FILE = ROOT / "compensation" / "guard.yml"
LEAVING = case(order(), Reason.LOGISTICS, goal="request_refund")
"""A parcel on its way that would be lost: the engine offers to hurry it, with money."""

UNSURE = case(order(line(2000), stage=Stage.PENDING_SHIPMENT), Reason.CHANGED_MIND, goal="cancel_order", rfm=90)


def refused(of: Case) -> str:
    answer = DECIDE(of, SURE_LOSS)
    assert isinstance(answer, NoOffer), answer
    return answer.rule


def offered(of: Case) -> Offer:
    answer = DECIDE(of, SURE_LOSS)
    assert isinstance(answer, Offer), answer
    return answer


def grants(
    count: int, *, state: GrantState = GrantState.DECLINED, kind: str = "coupon", hours: float = 1
) -> list[Grant]:
    offer = replace(offer_of(5), kind=kind)
    made = replace(grant_of(offer, to=LEAVING, state=state), created_at=NOW - timedelta(hours=hours))
    return [replace(made, grant_id=f"other-{number}", order_no=f"B{number}") for number in range(count)]


def sharing(*ties: TieKind, others: int = 1, each: list[Grant] | None = None) -> Kin:
    relatives = [
        Relative(
            ties=frozenset(ties),
            grants=tuple(replace(one, grant_id=f"{number}/{one.grant_id}") for one in each or ()),
        )
        for number in range(others)
    ]
    return Kin(relatives=tuple(relatives))


def test_who_is_nobodys_kin_and_asks_for_the_first_time_is_offered_what_the_engine_offers() -> None:
    assert offered(LEAVING) == ENGINE.decide(LEAVING, SURE_LOSS)


def test_an_order_cancelled_minutes_after_it_was_placed_gets_no_money() -> None:
    fresh = replace(LEAVING, order=replace(LEAVING.order, placed_at=NOW - timedelta(minutes=4)))
    assert refused(fresh) == "guard:instant_cancel"
    assert offered(replace(fresh, order=replace(fresh.order, placed_at=NOW - timedelta(minutes=30))))


def test_who_does_not_want_to_leave_is_not_taken_for_who_cancels_at_once() -> None:
    fresh = replace(LEAVING, goal="delivery_delay", order=replace(LEAVING.order, placed_at=NOW - timedelta(minutes=4)))
    assert offered(fresh)


def test_the_fourth_wish_to_leave_after_three_that_were_paid_for_gets_no_money() -> None:
    days = [timedelta(days=number) for number in (2, 9, 20, 40)]
    tried = replace(LEAVING, kin=Kin(attempts=tuple(NOW - each for each in days)))
    assert refused(tried) == "guard:leaving_for_offers"
    assert offered(replace(tried, kin=Kin(attempts=tuple(NOW - each for each in days[1:]))))


@pytest.mark.parametrize("tie", [TieKind.DEVICE, TieKind.PHONE])
def test_many_accounts_on_one_device_or_phone_get_no_money(tie: TieKind) -> None:
    assert refused(replace(LEAVING, kin=sharing(tie, others=3))) == "guard:many_accounts"
    assert offered(replace(LEAVING, kin=sharing(tie, others=2)))


def test_a_family_at_one_address_is_no_crowd_of_false_accounts() -> None:
    assert offered(replace(LEAVING, kin=sharing(TieKind.ADDRESS, others=6)))


def test_a_second_coupon_for_the_same_phone_is_withheld_and_what_is_no_coupon_is_not() -> None:
    given_elsewhere = sharing(TieKind.PHONE, each=grants(1, state=GrantState.ISSUED, hours=200))
    assert offered(UNSURE).kind == "coupon"
    assert offered(replace(UNSURE, kin=given_elsewhere)).kind == "shipping_insurance"
    assert offered(replace(LEAVING, kin=given_elsewhere)).kind == "expedite"


def test_a_coupon_that_was_declined_or_taken_back_does_not_count_as_had() -> None:
    for state in (GrantState.DECLINED, GrantState.EXPIRED, GrantState.REVERSED):
        assert offered(replace(UNSURE, kin=sharing(TieKind.PHONE, each=grants(1, state=state))))


def test_offers_of_a_day_are_counted_over_the_accounts_of_one_person() -> None:
    mine = replace(LEAVING, customer_grants=tuple(grants(1)))
    assert offered(mine)
    assert refused(replace(mine, kin=sharing(TieKind.DEVICE, others=2, each=grants(1)))) == "guard:offers_a_day"
    old = sharing(TieKind.DEVICE, others=2, each=grants(1, hours=30))
    assert offered(replace(mine, kin=old))


def test_a_published_promise_is_kept_whoever_asks() -> None:
    cheaper = case(order(stage=Stage.PENDING_SHIPMENT), Reason.PRICE, events=(price_event(150),), goal="cancel_order")
    suspect = replace(cheaper, kin=sharing(TieKind.DEVICE, others=9, each=grants(3)))
    assert offered(suspect).kind == "price_protection"


def test_the_true_reason_of_the_engine_is_not_hidden_behind_the_guard() -> None:
    worthless = replace(LEAVING, kin=sharing(TieKind.DEVICE, others=9), reasons=(Reason.SIZE,))
    assert refused(worthless) == "fix_first"


def test_what_an_associate_reads_says_why_and_accuses_nobody() -> None:
    words = [row.why + row.title for row in GUARD.rows]
    assert not [text for text in words for bad in ("薅", "羊毛", "欺诈", "骗", "刷单", "恶意") if bad in text]


KINS = st.builds(
    Kin,
    relatives=st.lists(
        st.builds(
            Relative,
            ties=st.frozensets(st.sampled_from(TieKind), min_size=1),
            grants=st.sampled_from([(), tuple(grants(1)), tuple(grants(4)), tuple(grants(2, state=GrantState.ISSUED))]),
        ),
        max_size=5,
    ).map(tuple),
    attempts=st.lists(st.integers(0, 40).map(lambda days: NOW - timedelta(days=days)), max_size=5).map(tuple),
)


@given(case=CASES, score=SCORES, kin=KINS, goal=st.sampled_from([None, "cancel_order", "price_drop"]))
@UNTIMED
def test_the_guard_only_ever_takes_money_away(case: Case, score: object, kin: Kin, goal: str | None) -> None:
    of = replace(case, kin=kin, goal=goal)
    free, kept = ENGINE.decide(of, score), DECIDE(of, score)  # type: ignore[arg-type]
    if isinstance(free, NoOffer):
        assert kept == free
    elif isinstance(kept, NoOffer):
        assert kept.rule.startswith(PREFIX)
        assert free.reserve_fen > 0
    else:
        allowed = {one.offer_id for one in ENGINE.quote(of, score) if one.offer is not None}  # type: ignore[arg-type]
        assert kept.offer_id in allowed


@given(case=CASES, score=SCORES, kin=KINS, more=KINS)
@UNTIMED
def test_more_evidence_never_brings_money_back(case: Case, score: object, kin: Kin, more: Kin) -> None:
    offer = ENGINE.decide(replace(case, goal="cancel_order"), score)  # type: ignore[arg-type]
    if isinstance(offer, NoOffer):
        return
    of = replace(case, goal="cancel_order", kin=kin)
    both = Kin(relatives=kin.relatives + more.relatives, attempts=kin.attempts + more.attempts)
    if GUARD.against(of, offer) is not None:
        assert GUARD.against(replace(of, kin=both), offer) is not None


def broken(*changes: tuple[str, str]) -> CatalogError:
    text = FILE.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(CatalogError) as caught:
        read_guard(text.encode(), file="guard.yml")
    return caught.value


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ("minutes: 10", "minutes: ten", "rows[0].parameters.minutes"),
        ("times: 3, days: 30", "times: 3, days: 31", "rows[1].parameters.days"),
        ("type: accounts", "type: suspects", "rows[2].type"),
        ("[device, phone], others", "[device, face], others", "rows[2].parameters.ties[1]"),
        ("kinds: [coupon, points, gift]", "kinds: [coupon, cash]", "rows[3].kinds[1]"),
        ("id: offers_a_day", "id: many_accounts", "rows[4].id"),
        ("phone: 6", "device: 6", "crowd.device"),
        ("window_days: 30", "window_days: 0", "window_days"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(before: str, after: str, path: str) -> None:
    assert broken((before, after)).path == path


def test_the_guard_names_its_version_by_what_it_holds() -> None:
    changed = FILE.read_bytes().replace(b"minutes: 10", b"minutes: 11")
    other: Guard = read_guard(changed, file="guard.yml")
    assert other.version != GUARD.version
