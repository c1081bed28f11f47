"""Whatever a shopper says in whatever order: money and orders stay inside the rules."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from retention.hearing import Emotion, Entity, EntityKind, Reason
from retention.meaning import DECIDED
from retention.offer import GrantState
from retention.order import Line, Stage
from retention.route import ABOUT_ORDER, ABOUT_SHOP, SMALL_TALK
from tests.unit.counter import Counter, entity, order, price, stock

INTENTS = sorted(
    {*ABOUT_ORDER, *ABOUT_SHOP, *SMALL_TALK, *DECIDED, "affirm", "deny"}
    - {"leave_now", "let_go", "post_it", "call_back"}
)
TEXTS = ("好", "不了", "算了", "直接取消", "接受方案", "确认取消", "43", "为什么", "转人工", "", "没收到", "{title}")
TURN = st.tuples(
    st.sampled_from(TEXTS),
    st.sampled_from(INTENTS),
    st.lists(st.sampled_from(Reason), max_size=2, unique=True),
    st.sampled_from([Emotion.NEUTRAL, Emotion.ANGRY, Emotion.PLEASED]),
    st.sampled_from([(), (entity(EntityKind.SIZE, "43"),), (entity(EntityKind.CITY, "上海市"),)]),
)


# Shrinking a talk takes minutes and reads no better than the talk itself.
@settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    turns=st.lists(TURN, min_size=1, max_size=9),
    stage=st.sampled_from(Stage),
    late_hours=st.sampled_from([0, 30, 62]),
)
def test_any_talk_keeps_the_promises(turns: list[tuple], stage: Stage, late_hours: int) -> None:  # type: ignore[type-arg]
    counter = Counter(order(stage=stage, late_hours=late_hours)).events(price(150), stock("黑色 43"), stock("黑色 42"))
    before, said_yes = counter.order(), False
    for text, intent, reasons, emotion, entities in turns:
        reply = counter.say(text, intent, *reasons, emotion=emotion, intensity=0.4, entities=entities)
        said_yes = (
            said_yes or intent in ("affirm", "accept_offer", "cancel_order", "request_refund") or text in TEXTS[:6]
        )
        if reply.status.value == "bot":
            assert reply.bubbles, f"silence after {text} {intent}"
        assert all("{" not in bubble.text.replace("{title}", "") for bubble in reply.bubbles)
        if counter.order() != before:
            assert said_yes, "an order changed before anybody agreed to anything"
    grants = counter.grants()
    active = [grant for grant in grants if grant.state in (GrantState.PROPOSED, GrantState.ISSUED)]
    assert sum(grant.reserve_fen for grant in active) <= before.margin_fen // 2
    assert len({grant.key for grant in grants}) == len(grants) <= 1
    if counter.order().stage is Stage.CANCELLED and before.stage is not Stage.CANCELLED:
        assert not active, "a cancelled order keeps no remedy"
    with counter.store.transaction() as records:
        for budget_id in {grant.offer.budget for grant in grants}:
            budget = records.ledger.budget(budget_id)
            assert budget is not None
            assert budget.reserved_fen + budget.used_fen == sum(
                grant.reserve_fen for grant in active if grant.offer.budget == budget_id
            )


LINES = (
    Line(sku="sku-1", title="轻跑鞋", category="鞋", qty=1, unit_price_fen=20000, unit_cost_fen=12000),
    Line(sku="sku-2", title="破壁豆浆机", category="家电", qty=2, unit_price_fen=9000, unit_cost_fen=6000),
)
SEVERAL_TEXTS = (
    *TEXTS,
    "豆浆机不要了，鞋留着",
    "豆浆机",
    "取消一件",
    "确认",
    "只取消其中的",
    "整单都不要了",
    "换成43",
    "换个时间",
)
FIXES = st.sampled_from(
    [
        (),
        (entity(EntityKind.FIX, "ship_apart"),),
        (entity(EntityKind.FIX, "merge_orders"),),
        (entity(EntityKind.FIX, "advise_size"),),
        (entity(EntityKind.FIX, "part_of_order"),),
        (entity(EntityKind.FIX, "pick_up"), entity(EntityKind.SLOT, "+1 14-18")),
        (entity(EntityKind.HEIGHT, "175"), entity(EntityKind.WEIGHT, "70")),
        (entity(EntityKind.SIZE, "43"),),
    ]
)
YES = ("affirm", "accept_offer", "cancel_order", "request_refund", "leave_now", "let_go", "part_of_order")


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    turns=st.lists(st.tuples(st.sampled_from(SEVERAL_TEXTS), st.sampled_from(INTENTS), FIXES), min_size=1, max_size=9),
    stage=st.sampled_from([Stage.PENDING_SHIPMENT, Stage.IN_TRANSIT, Stage.DELIVERED]),
)
def test_orders_with_several_goods_change_only_after_a_yes_and_never_cost_more(
    turns: list[tuple[str, str, tuple[Entity, ...]]], stage: Stage
) -> None:
    attributes = {"pick_up": {"hours": ["9-12", "14-18"]}, "variants": {"sku-1": "黑色 42"}}
    one = order(stage=stage, lines=LINES, paid_fen=38000, attributes=attributes)
    counter = Counter(one, order("TQ20261120002")).events(
        stock("黑色 43"), stock("黑色 42", available=False, restock_days=5)
    )
    said_yes = False
    for text, intent, entities in turns:
        before = (counter.order(), counter.order("TQ20261120002"))
        reply = counter.say(text, intent, entities=entities)
        said_yes = (
            said_yes or intent in YES or text in ("好", "接受方案", "确认取消", "确认", "直接取消", "整单都不要了")
        )
        if reply.status.value == "bot":
            assert reply.bubbles, f"silence after {text} {intent}"
        after = (counter.order(), counter.order("TQ20261120002"))
        assert after == before or said_yes, "an order changed before anybody agreed to anything"
        for now, then in zip(after, before, strict=True):
            assert now.lines
            assert now.paid_fen <= then.paid_fen
            assert {line.sku for line in now.lines} <= {line.sku for line in then.lines}
