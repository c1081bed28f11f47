"""What a shopper is told when a person is called, what the person is told, and the call-back when nobody is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from retention.change import ChangeKind
from retention.conversation import Status
from retention.handoff import Handoff, HandoffState
from retention.hearing import Emotion, EntityKind, Reason
from retention.order import Stage
from retention.presence import Presence, PresenceState
from retention.staffing import Hours
from retention.task import Task, TaskState
from tests.unit.counter import HOUR, NOW, STAFFING, Counter, entity, order

EVERY_DAY = frozenset(range(7))
AFTERNOONS = replace(STAFFING, hours=(Hours(days=EVERY_DAY, start=13 * 60, end=18 * 60),))  # NOW is noon in China
PHONE = "13900002222"


def handoffs(counter: Counter) -> list[Handoff]:
    with counter.store.transaction() as records:
        return list(records.handoffs.of_conversation(counter.conversation_id))


def tasks(counter: Counter) -> list[Task]:
    with counter.store.transaction() as records:
        return list(records.tasks.listed(TaskState.OPEN))


def online(counter: Counter, name: str = "小李") -> None:
    with counter.store.transaction() as records:
        records.presences.put(Presence(associate=name, state=PresenceState.ONLINE, seen_at=counter.now))


def call(counter: Counter, conversation_id: str) -> str:
    counter.open(conversation_id)
    return counter.say("转人工", "request_human").bubbles[-1].text


def test_who_is_put_into_the_queue_learns_their_place() -> None:
    counter = Counter(order())
    online(counter)
    assert "第 1 位" in call(counter, "k1")
    assert "第 2 位" in call(counter, "k2")


def test_a_wait_nobody_can_know_is_not_made_up() -> None:
    counter = Counter(order())
    online(counter)
    text = call(counter, "k1")
    assert "说不准" in text
    assert "分钟" not in text


def test_after_a_few_claims_the_wait_is_told_from_their_pace() -> None:
    counter = Counter(order())
    for number in range(3):
        call(counter, f"before-{number}")
        counter.now += timedelta(minutes=4)
        counter.queue.claim(handoffs(counter)[0].handoff_id, "小李")
    online(counter)
    assert "第 1 位，预计要等 4 分钟左右" in call(counter, "k1")
    counter.now += timedelta(seconds=1)
    assert "第 2 位，预计要等 9 分钟左右" in call(counter, "k2"), "rounded up to half a minute a place"


def test_while_nobody_is_online_that_is_what_is_said() -> None:
    counter = Counter(order())
    online(counter)
    counter.now += timedelta(minutes=5)
    text = call(counter, "k1")
    assert "没有同事在线" in text
    assert "20 分钟" in text


def test_a_shop_whose_people_answer_elsewhere_does_not_say_that_nobody_is_there() -> None:
    assert "说不准" in call(Counter(order()), "k1")


def test_out_of_hours_the_bot_says_when_somebody_is_there_and_stays() -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    reply = counter.say("转人工", "request_human")
    assert reply.status is Status.BOT
    assert "今天 13:00" in reply.bubbles[-1].text
    assert [button.text for button in reply.bubbles[-1].buttons] == ["预约回电"]
    assert [one.state for one in handoffs(counter)] == [HandoffState.EXPIRED]
    assert counter.decision().outcome == "call_back_offered"
    assert counter.say("到哪了", "track_order").bubbles


def test_out_of_hours_a_bad_mood_is_not_sent_to_nobody_twice() -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    furious = {"emotion": Emotion.ANGRY, "intensity": 0.95}
    counter.say("你们这帮骗子!!", "service_complaint", **furious)  # type: ignore[arg-type]
    counter.say("气死我了!!", "service_complaint", **furious)  # type: ignore[arg-type]
    assert len(handoffs(counter)) == 1
    assert counter.say("充电的时候起火了", "product_defect").status is Status.WAITING


@pytest.mark.parametrize("text", ["充电的时候起火了", "不想活了"])
def test_danger_waits_for_a_person_at_any_hour(text: str) -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    assert counter.say(text, "product_defect").status is Status.WAITING
    assert handoffs(counter)[0].priority == 100


def test_a_number_named_after_the_offer_of_a_call_is_where_to_call() -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    counter.say("转人工", "request_human")
    counter.say("预约回电", "chitchat")
    reply = counter.say(PHONE, "inform_order", entities=(entity(EntityKind.PHONE, PHONE),))
    assert "139****2222" in reply.bubbles[0].text
    assert PHONE not in reply.bubbles[0].text
    assert "今天 13:00 到 13:30" in reply.bubbles[0].text
    [task] = tasks(counter)
    assert (task.contact, task.customer_id) == (PHONE, "c-1")


def test_a_second_number_replaces_the_first() -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    for number in (PHONE, "13700003333"):
        counter.say("转人工", "request_human")
        counter.say(number, "inform_order", entities=(entity(EntityKind.PHONE, number),))
    assert [task.contact for task in tasks(counter)] == ["13700003333"]


def test_the_time_named_with_the_number_or_before_it_is_when_to_call() -> None:
    for said in (("明天下午三点打给我", PHONE), (f"明天下午三点打 {PHONE}",)):
        counter = Counter(order(), staffing=AFTERNOONS)
        counter.say("转人工", "request_human")
        for text in said:
            found = (entity(EntityKind.PHONE, PHONE),) if PHONE in text else ()
            reply = counter.say(text, "inform_order" if found else "request_human", entities=found)
        assert "明天 15:00 到 15:30" in reply.bubbles[0].text
        assert tasks(counter)[0].due_at == NOW + timedelta(hours=27, minutes=30)  # NOW is noon in China


def test_a_booked_call_takes_another_time_or_number_and_keeps_what_is_not_said_anew() -> None:
    counter = Counter(order())
    counter.say("预约回电", "call_back")
    counter.say(PHONE, "inform_order", entities=(entity(EntityKind.PHONE, PHONE),))
    assert tasks(counter)[0].due_at == NOW + timedelta(minutes=30)
    counter.say("还是明天下午三点打给我吧", "chitchat")
    moved = tasks(counter)[0]
    assert (moved.contact, moved.due_at) == (PHONE, NOW + timedelta(hours=27, minutes=30))
    other = "13700003333"
    counter.say(f"换成 {other}", "inform_order", entities=(entity(EntityKind.PHONE, other),))
    renumbered = tasks(counter)[0]
    assert (renumbered.contact, renumbered.due_at, renumbered.wish) == (other, moved.due_at, moved.wish)
    counter.say("明天下午方便送货吗", "track_order")
    assert tasks(counter) == [renumbered]


def test_a_number_in_a_new_address_books_no_call() -> None:
    counter = Counter(order(), staffing=AFTERNOONS)
    counter.say("转人工", "request_human")
    counter.say("电话换成 " + PHONE, "change_address", entities=(entity(EntityKind.PHONE, PHONE),))
    assert tasks(counter) == []


def test_who_waited_in_vain_is_told_so_and_offered_a_call() -> None:
    counter = Counter(order())
    counter.say("转人工", "request_human")
    counter.now += timedelta(minutes=20)
    moved = counter.queue.expire(handoffs(counter)[0].handoff_id)
    assert moved is not None
    assert moved.conversation.status is Status.BOT
    assert "回电" in moved.announced.text
    counter.say(PHONE, "inform_order", entities=(entity(EntityKind.PHONE, PHONE),))
    assert len(tasks(counter)) == 1


def test_the_summary_tells_everything_an_associate_would_scroll_for() -> None:
    counter = Counter(order(stage=Stage.IN_TRANSIT, late_hours=62), tier="gold", rfm=72.0, cancelled_orders=1)
    counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)
    counter.say("接受方案", "accept_offer")
    counter.say("还是没动静，转人工", "request_human", emotion=Emotion.ANGRY, intensity=0.7)
    lines = handoffs(counter)[0].summary.splitlines()
    told = dict(line.split("：", 1) for line in lines if "：" in line)
    assert told["转接原因"] == "顾客要求人工"
    assert told["顾客"] == "金卡会员，价值分 72，历史订单 6 笔，取消 1 笔、退货 0 笔"
    assert told["订单"] == "轻跑鞋，尾号 0001，运输中，实付 200 元，已超时 2 天 14 小时"
    assert "催办" in told["已做过"]
    assert "（已发放）" in told["已做过"]
    assert told["想要"] == "退款（先前提过）"
    assert told["原因"] == "物流"
    assert told["还能给"].startswith("最多 ")
    assert told["情绪"] == "生气 0.5 → 平静 → 生气 0.7"
    assert told["最后说"] == "「还是没动静，转人工」"


def test_the_summary_says_what_was_refused_and_that_nothing_may_be_given() -> None:
    counter = Counter(order(stage=Stage.DELIVERED, delivered_at=NOW - 24 * 30 * HOUR, paid_fen=12000))
    counter.say("我要退货", "request_refund")
    counter.say("转人工", "request_human")
    summary = handoffs(counter)[0].summary
    assert "没办成：退款" in summary
    assert "还能给：不能再补偿" in summary
    assert "还没有改动，也没有给过方案" in summary


def test_the_summary_holds_no_phone_address_or_name() -> None:
    counter = Counter(order())
    parts = (entity(EntityKind.DETAIL, "张江路 88 号"), entity(EntityKind.RECEIVER, "王芳"))
    counter.say("改地址", "change_address")
    counter.say("寄到张江路 88 号 王芳 13912345678 吧", "inform_order", entities=parts)
    counter.say("还是转人工吧，张江路 88 号，王芳，139 1234 5678", "request_human", entities=parts)
    summary = handoffs(counter)[0].summary
    assert "最后说" in summary
    for private in ("张江路", "王芳", "13912345678", "1234 5678", "13800001111", "文三路", "李明"):
        assert private not in summary


def test_a_stranger_is_called_one_in_the_summary() -> None:
    counter = Counter(order(), customer=None)
    counter.say("转人工", "request_human")
    assert "身份没有核实" in handoffs(counter)[0].summary


def test_a_changed_order_is_told_with_what_it_was_changed_to() -> None:
    counter = Counter(order())
    counter.say("换43", "wrong_choice", entities=(entity(EntityKind.SIZE, "43"),))
    counter.say("对", "affirm")
    with counter.store.transaction() as records:
        assert [one.kind for one in records.orders.changes(order().order_no)] == [ChangeKind.AMEND_VARIANT]
    counter.say("转人工", "request_human")
    assert "修改规格为 " in handoffs(counter)[0].summary
