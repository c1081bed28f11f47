"""What the shop gives by itself once an order is kept."""

from __future__ import annotations

from retention.hearing import EntityKind, Reason
from retention.offer import GrantState
from retention.order import Stage
from tests.unit.counter import Counter, entity, order


def late_parcel() -> Counter:
    return Counter(order(stage=Stage.IN_TRANSIT, late_hours=62))


def test_who_takes_the_offer_is_cared_for_and_told_so() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    reply = counter.say("接受方案", "accept_offer")
    assert [grant.state for grant in counter.care()] == [GrantState.ISSUED]
    assert [bubble.text for bubble in reply.bubbles][-1].startswith("谢谢您把这单留下来，店铺送您 30 天关怀权益")
    (given,) = counter.care()
    with counter.store.transaction() as records:
        acts = [entry.act for entry in records.audit.about(f"grant:{given.grant_id}")]
        budget = records.ledger.budget("care")
    assert acts == ["grant_proposed", "grant_issued"]
    assert budget is not None
    assert (budget.reserved_fen, budget.used_fen) == (0, 1000)


def test_who_stays_without_an_offer_is_cared_for_too() -> None:
    counter = Counter(order())
    counter.say("不想要了取消吧", "cancel_order", Reason.CHANGED_MIND)
    counter.say("算了还是留着", "keep_order")
    assert len(counter.care()) == 1


def test_who_never_wanted_to_leave_is_not() -> None:
    counter = Counter(order())
    counter.say("到哪了", "track_order")
    counter.say("好的，留着", "keep_order")
    assert counter.care() == []


def test_wanting_to_leave_twice_is_cared_for_once_a_month() -> None:
    counter = Counter(order(), order("TQ20261120002"))
    for number in ("TQ20261120001", "TQ20261120002", "TQ20261120001"):
        counter.open(f"conv-{counter.turns}")
        named = (entity(EntityKind.ORDER_NO, number),)
        counter.say(f"{number} 不想要了", "cancel_order", Reason.CHANGED_MIND, entities=named)
        counter.say("算了还是留着", "keep_order")
    assert len(counter.care()) + len(counter.care("TQ20261120002")) == 1


def test_the_care_plan_is_no_answer_to_a_later_claim() -> None:
    counter = Counter(order())
    counter.say("不想要了取消吧", "cancel_order", Reason.CHANGED_MIND)
    counter.say("算了还是留着", "keep_order")
    assert len(counter.care()) == 1
    counter.open("conv-2")
    counter.say("我还是要退，太慢了", "cancel_order", Reason.LOGISTICS)
    assert counter.decision().outcome == "offered"


def test_an_order_that_goes_after_all_takes_its_care_plan_with_it() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    counter.open("conv-2")
    counter.say("还是退了吧，直接退", "leave_now")
    assert [grant.state for grant in counter.care()] == [GrantState.REVERSED]


def test_an_empty_budget_keeps_nobody_from_keeping_the_order() -> None:
    counter = late_parcel()
    with counter.store.transaction() as records:
        records.ledger.set_budget("care", 0)
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    assert counter.care() == []
    assert counter.grants()[0].state is GrantState.ISSUED
