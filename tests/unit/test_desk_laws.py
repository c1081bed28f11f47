"""Whatever a shopper says in whatever order: money and orders stay inside the rules."""

from __future__ import annotations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from retention.hearing import Emotion, EntityKind, Reason
from retention.meaning import DECIDED
from retention.offer import GrantState
from retention.order import Stage
from retention.route import ABOUT_ORDER, ABOUT_SHOP, SMALL_TALK
from tests.unit.counter import Counter, entity, order, price, stock

INTENTS = sorted({*ABOUT_ORDER, *ABOUT_SHOP, *SMALL_TALK, *DECIDED, "affirm", "deny"} - {"leave_now", "let_go"})
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
