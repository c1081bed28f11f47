"""The desk's promises to shoppers and to the shop's money, played at the counter."""

from __future__ import annotations

import pytest

from retention.conversation import Status
from retention.handoff import HandoffState
from retention.hearing import Emotion, EntityKind, Reason
from retention.offer import GrantState
from retention.order import Stage
from retention.profile import Outcome
from tests.unit.counter import HOUR, Counter, entity, order, price, stock


def late_parcel() -> Counter:
    return Counter(order(stage=Stage.IN_TRANSIT, late_hours=62))


def test_a_late_parcel_is_expedited_with_five_yuan_accepted_and_granted_once() -> None:
    counter = late_parcel()
    reply = counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)
    assert counter.decision().outcome == "offered"
    card = reply.bubbles[-1].offer
    assert card is not None
    assert card.value_fen == 500
    counter.say("接受方案", "accept_offer")
    assert counter.decision().outcome == "granted"
    assert [grant.state for grant in counter.grants()] == [GrantState.ISSUED]
    assert counter.order().attributes.get("expedited") is True
    assert counter.order().is_open


def test_the_profile_shows_reason_mood_offer_and_grant() -> None:
    counter = late_parcel()
    counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)
    counter.say("行", "affirm")
    with counter.store.transaction() as records:
        profile = records.profiles.find("conv-1")
    assert profile is not None
    assert profile.reasons == ("logistics",)
    assert [mood.emotion for mood in profile.moods] == ["angry", "neutral"]
    assert len(profile.offers) == 1
    assert profile.grants == (counter.grants()[0].grant_id,)
    assert profile.granted_fen == 500
    assert profile.outcome is Outcome.DEFLECTED


def test_a_price_drop_is_answered_with_the_difference() -> None:
    counter = Counter(order()).events(price(165))
    counter.say("怎么降价了", "price_drop", Reason.PRICE)
    assert counter.grants()[0].offer.value_fen == 3500


def test_the_difference_never_passes_half_the_margin() -> None:
    counter = Counter(order()).events(price(100))
    counter.say("怎么降价了", "price_drop", Reason.PRICE)
    assert counter.grants()[0].offer.value_fen == 4000


def test_a_price_claim_without_a_record_gets_an_honest_no() -> None:
    counter = Counter(order())
    counter.say("你们降价了赔我500", "price_drop", Reason.PRICE)
    assert counter.decision().outcome == "refused"
    assert counter.grants() == []


def test_a_wrong_size_is_amended_before_shipping_without_money() -> None:
    counter = Counter(order()).events(stock("黑色 42"), stock("黑色 43"))
    counter.say("拍小了想换43", "wrong_choice", Reason.SIZE, entities=(entity(EntityKind.SIZE, "43"),))
    assert counter.order().attributes["variant"] == "黑色 42", "nothing is written before the yes"
    counter.say("对", "affirm")
    assert counter.order().attributes["variant"] == "黑色 43"
    assert counter.grants() == []


def test_cancelling_over_the_size_is_turned_into_an_amendment() -> None:
    counter = Counter(order()).events(stock("黑色 43"))
    counter.say("码数拍错了,取消吧", "cancel_order", Reason.SIZE, Reason.MISTAKE)
    counter.say("黑色 43", "inform_order")
    counter.say("确认修改", "affirm")
    assert counter.order().attributes["variant"] == "黑色 43"
    assert counter.order().stage is Stage.PENDING_SHIPMENT
    assert counter.grants() == []


def test_a_size_out_of_stock_is_not_promised() -> None:
    counter = Counter(order()).events(stock("黑色 43", available=False), stock("黑色 44"))
    reply = counter.say("换43", "wrong_choice", entities=(entity(EntityKind.SIZE, "43"),))
    assert "没货" in reply.bubbles[0].text
    assert reply.bubbles[0].buttons[0].text == "黑色 44"


@pytest.mark.parametrize("insistence", ["cancel_order", "request_refund"])
def test_after_one_offer_the_order_goes_at_once(insistence: str) -> None:
    counter = Counter(order(late_hours=30))
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    assert counter.decision().outcome == "offered"
    reply = counter.say("直接取消" if insistence == "cancel_order" else "还是退了吧", insistence)
    assert counter.order().stage is Stage.CANCELLED
    assert counter.grants()[0].state is GrantState.DECLINED
    assert reply.status is Status.BOT


@pytest.mark.parametrize("no", ["算了", "不了", "免了", "不要"])
def test_a_plain_no_never_takes_an_offer_whatever_was_heard(no: str) -> None:
    counter = late_parcel()
    counter.say("物流太慢了我要退单", "request_refund", Reason.LOGISTICS, emotion=Emotion.ANGRY, intensity=0.5)
    counter.say(no, "accept_offer")
    assert [grant.state for grant in counter.grants()] != [GrantState.ISSUED]


@pytest.mark.parametrize("words", ["确认退款", "好的，退吧", "对，取消"])
def test_a_yes_to_going_never_takes_the_offer_on_the_table(words: str) -> None:
    counter = Counter(order(late_hours=30))
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    counter.say(words, "refund_status")
    assert [grant.state for grant in counter.grants()] != [GrantState.ISSUED]
    assert counter.order().stage is Stage.CANCELLED


def test_a_yes_that_names_the_money_back_takes_the_offer() -> None:
    counter = Counter(order(late_hours=30))
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("好的，退5块也行，不退了", "accept_offer")
    assert [grant.state for grant in counter.grants()] == [GrantState.ISSUED]


def test_who_writes_what_a_button_says_is_understood_as_who_presses_it() -> None:
    counter = Counter(order(stage=Stage.DELIVERED))
    counter.say("插上电没反应，坏的", "product_defect", Reason.QUALITY)
    counter.say("退货退款", "request_refund")
    assert counter.decision().outcome != "offered"
    counter.say("确认退款", "refund_status")
    assert counter.order().stage is Stage.AFTER_SALE
    assert counter.grants() == []


def test_declining_the_offer_needs_one_yes_to_cancel() -> None:
    counter = Counter(order(late_hours=30))
    counter.say("发货太慢了不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("不要你们的补偿", "decline_offer")
    assert counter.order().stage is Stage.PENDING_SHIPMENT
    counter.say("确认取消", "affirm")
    assert counter.order().stage is Stage.CANCELLED


def test_without_a_reason_the_desk_asks_once_and_then_lets_go() -> None:
    counter = Counter(order())
    reply = counter.say("取消订单", "cancel_order")
    assert "直接取消" in [button.text for button in reply.bubbles[0].buttons]
    counter.say("直接取消", "cancel_order")
    assert counter.order().stage is Stage.CANCELLED


def test_another_sold_out_size_is_no_reason_to_doubt_this_order() -> None:
    counter = Counter(order()).events(stock("黑色 42"), stock("黑色 45", available=False, restock_days=5))
    counter.say("取消订单", "cancel_order")
    assert counter.decision().rule == "ask_reason"
    assert counter.decision().scenario == "everyday"


def test_a_shopper_who_gives_no_reason_is_not_asked_again() -> None:
    counter = Counter(order())
    counter.say("取消订单", "cancel_order")
    counter.say("没有为什么", "deny")
    counter.say("确认取消", "affirm")
    assert counter.order().stage is Stage.CANCELLED


def test_another_size_keeps_the_colour_that_was_bought() -> None:
    counter = Counter(order()).events(stock("白色 43"), stock("黑色 43"), stock("黑色 42"))
    counter.say("换大一码", "wrong_choice", entities=(entity(EntityKind.SIZE, "+1"),))
    counter.say("对", "affirm")
    assert counter.order().attributes["variant"] == "黑色 43"


def test_a_shipped_order_is_refunded_not_cancelled() -> None:
    counter = Counter(order(stage=Stage.DELIVERED))
    counter.say("我要退货", "request_refund", Reason.CHANGED_MIND)
    counter.say("还是要退", "request_refund")
    assert counter.order().stage is Stage.AFTER_SALE


def test_a_refund_after_the_window_is_refused_and_the_order_untouched() -> None:
    old = order(stage=Stage.DELIVERED, delivered_at=order().placed_at - 24 * 30 * HOUR)
    counter = Counter(old)
    counter.say("我要退货", "request_refund")
    assert counter.decision().outcome == "refused"
    assert counter.order() == old


@pytest.mark.parametrize(
    ("text", "intent", "mood"),
    [
        ("转人工", "request_human", {}),
        ("你们这帮骗子!!", "service_complaint", {"emotion": Emotion.ANGRY, "intensity": 0.95}),
        ("我要打12315", "threaten_escalation", {"emotion": Emotion.ANGRY, "intensity": 0.6}),
        ("这也太离谱", "product_defect", {"escalate": 0.9}),
        ("充电的时候起火了", "product_defect", {}),
    ],
)
def test_a_person_takes_over_within_the_turn_and_the_bot_falls_silent(
    text: str, intent: str, mood: dict[str, object]
) -> None:
    counter = late_parcel()
    reply = counter.say(text, intent, **mood)  # type: ignore[arg-type]
    assert reply.status is Status.WAITING
    assert len(reply.bubbles) == 1
    assert counter.say("人呢", "request_human").bubbles == ()


def test_the_associates_reply_reaches_the_transcript_and_the_bot_resumes_after_return() -> None:
    counter = late_parcel()
    counter.say("转人工", "request_human")
    with counter.store.transaction() as records:
        waiting = records.handoffs.open_of("conv-1")
    assert waiting is not None
    assert "轻跑鞋" in waiting.summary or waiting.order_no is None
    claimed = counter.queue.claim(waiting.handoff_id, "小李")
    assert claimed.handoff.state is HandoffState.CLAIMED
    counter.queue.reply(waiting.handoff_id, "小李", "a1", "您好,我来处理")
    counter.queue.give_back(waiting.handoff_id, "小李")
    reply = counter.say("到哪了", "track_order")
    assert reply.status is Status.BOT
    assert reply.bubbles
    with counter.store.transaction() as records:
        assert [m.text for m in records.messages.after("conv-1", 0) if m.associate] == ["您好,我来处理"]


def test_asking_twice_for_the_same_order_makes_one_grant() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    counter.open("conv-2")
    reply = counter.say("物流慢死了退款", "request_refund", Reason.LOGISTICS)
    assert len(counter.grants()) == 1
    assert "已经给您办好了" in reply.bubbles[0].text


def test_a_new_conversation_is_no_second_round() -> None:
    counter = Counter(order(late_hours=30))
    counter.say("太慢不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("不需要", "decline_offer")
    counter.open("conv-2")
    counter.say("东西不想要了", "cancel_order", Reason.CHANGED_MIND)
    assert len(counter.grants()) == 1


def test_the_same_message_again_answers_the_same_and_does_nothing_twice() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    first = counter.say("接受方案", "accept_offer", message_id="m-accept")
    again = counter.say("接受方案", "accept_offer", message_id="m-accept")
    assert again == first
    assert len(counter.grants()) == 1


def test_a_foreign_order_number_tells_nothing_and_changes_nothing() -> None:
    foreign = order("TQ99999999999", customer_id="c-2")
    counter = Counter(order(), foreign)
    number = (entity(EntityKind.ORDER_NO, foreign.order_no),)
    reply = counter.say(f"取消{foreign.order_no}", "cancel_order", entities=number)
    assert counter.decision().rule == "unknown_order"
    assert foreign.title not in reply.bubbles[0].text
    assert counter.order(foreign.order_no) == foreign


def test_an_unknown_order_number_twice_leads_to_a_way_out() -> None:
    counter = Counter(order())
    number = (entity(EntityKind.ORDER_NO, "TQ00000000000"),)
    counter.say("查 TQ00000000000", "inform_order", entities=number)
    reply = counter.say("TQ00000000000", "inform_order", entities=number)
    assert {"转人工", counter.order().order_no} <= {button.text for button in reply.bubbles[0].buttons}


def test_ask_why_tells_the_true_reason_of_the_offer() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    reply = counter.say("为什么只给5块", "ask_why")
    assert counter.grants()[0].offer.why in reply.bubbles[0].text


def test_nobody_without_proof_of_identity_touches_an_order() -> None:
    counter = Counter(order(), customer=None)
    number = (entity(EntityKind.ORDER_NO, "TQ20261120001"),)
    reply = counter.say("取消 TQ20261120001", "cancel_order", entities=number)
    assert "轻跑鞋" not in reply.bubbles[0].text
    assert counter.order().stage is Stage.PENDING_SHIPMENT


def test_an_expired_offer_is_not_granted() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    counter.now += 24 * 30 * HOUR
    counter.say("接受方案", "accept_offer")
    assert counter.decision().outcome == "offer_expired"
    assert counter.grants()[0].state is GrantState.EXPIRED


def test_cancelling_after_a_grant_takes_the_grant_back() -> None:
    counter = Counter(order(late_hours=30))
    counter.say("太慢不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("接受方案", "accept_offer")
    counter.say("还是给我取消", "cancel_order")
    counter.say("确认取消", "affirm")
    assert counter.order().stage is Stage.CANCELLED
    assert counter.grants()[0].state is GrantState.REVERSED


def test_an_address_is_amended_after_a_yes_and_the_phone_is_masked() -> None:
    counter = Counter(order())
    parts = (
        entity(EntityKind.CITY, "上海市"),
        entity(EntityKind.DISTRICT, "浦东新区"),
        entity(EntityKind.DETAIL, "张江路 88 号"),
        entity(EntityKind.PHONE, "13912345678"),
    )
    counter.say("我要改地址", "change_address")
    reply = counter.say("上海市浦东新区张江路 88 号 13912345678", "inform_order", entities=parts)
    assert "13912345678" not in reply.bubbles[0].text
    counter.say("没错", "affirm")
    assert counter.order().address.city == "上海市"
    assert counter.order().address.phone == "13912345678"


def test_several_orders_are_asked_about_and_the_wish_is_kept() -> None:
    counter = Counter(order(), order("TQ20261120002", late_hours=30))
    counter.say("发货太慢取消", "cancel_order", Reason.LOGISTICS)
    counter.say("TQ20261120002", "inform_order", entities=(entity(EntityKind.ORDER_NO, "TQ20261120002"),))
    assert counter.decision().order_no == "TQ20261120002"
    assert counter.decision().outcome == "offered"


def test_opting_out_sends_the_next_cancellation_to_a_person() -> None:
    counter = Counter(order())
    counter.say("别用算法给我决定", "opt_out")
    reply = counter.say("取消订单", "cancel_order", Reason.PRICE)
    assert reply.status is Status.WAITING


def test_a_just_saved_thankful_shopper_stays_with_the_bot() -> None:
    counter = late_parcel()
    for _ in range(3):
        counter.say("怎么还没到啊", "delivery_delay", emotion=Emotion.ANGRY, intensity=0.4)
    assert counter.say("谢谢啦", "thank", emotion=Emotion.PLEASED, intensity=0.7).status is Status.BOT


def test_an_offer_is_shown_once_and_a_side_question_does_not_trap_the_shopper() -> None:
    counter = Counter(order(late_hours=30))
    counter.say("发货太慢不要了", "cancel_order", Reason.LOGISTICS)
    counter.say("到底发了没", "track_order")
    counter.say("没啥，就是不想买了", "changed_mind", Reason.CHANGED_MIND)
    assert counter.grants()[0].state is GrantState.DECLINED
    counter.say("取消", "cancel_order")
    assert counter.order().stage is Stage.CANCELLED


def test_an_offer_survives_a_side_question() -> None:
    counter = late_parcel()
    counter.say("太慢了我要退", "request_refund", Reason.LOGISTICS)
    counter.say("到哪了", "track_order")
    counter.say("行，就这么办", "affirm")
    assert counter.grants()[0].state is GrantState.ISSUED


def test_who_says_at_once_is_asked_for_the_yes_alone() -> None:
    counter = Counter(order())
    counter.say("直接取消，别问我原因", "cancel_order")
    assert counter.grants() == []
    counter.say("确认取消", "affirm")
    assert counter.order().stage is Stage.CANCELLED


def test_asking_for_what_was_bought_already_changes_nothing() -> None:
    counter = Counter(order()).events(stock("黑色 42"), stock("墨绿 42"))
    colours = (entity(EntityKind.COLOUR, "黑"), entity(EntityKind.COLOUR, "墨绿"))
    counter.say("黑的不想要了，换成墨绿", "wrong_choice", entities=colours)
    counter.say("对", "affirm")
    assert counter.order().attributes["variant"] == "墨绿 42"


def test_a_yes_to_a_person_brings_one() -> None:
    locked = order(stage=Stage.IN_TRANSIT, attributes={"address_editable": False})
    counter = Counter(locked)
    counter.say("改地址", "change_address")
    assert counter.say("嗯，转吧", "affirm").status is Status.WAITING


def test_a_parcel_signed_for_but_never_seen_goes_to_a_person() -> None:
    counter = Counter(order(stage=Stage.DELIVERED))
    assert counter.say("显示签收了，可是我没收到", "track_order").status is Status.WAITING


def test_broken_goods_are_replaced_by_the_same_without_a_question_of_size() -> None:
    counter = Counter(order(stage=Stage.DELIVERED))
    counter.say("杯子裂了", "product_defect", Reason.QUALITY)
    counter.say("换一件", "exchange_item")
    counter.say("确认换货", "affirm")
    assert counter.order().stage is Stage.AFTER_SALE


def test_a_refusal_of_nothing_is_not_taken_for_keeping_the_order() -> None:
    counter = Counter(order())
    counter.say("我要推款，不想要勒", "decline_offer")
    assert counter.decision().outcome != "declined"


def test_a_second_reading_changes_no_setting() -> None:
    counter = Counter(order())
    readings = (("decline_offer", 0.44), ("opt_out", 0.24), ("cancel_order", 0.21))
    counter.say("我要推款，不想要勒", "decline_offer", ranking=readings)
    assert counter.decision().rule != "opt_out"
    assert "取消" in counter.say("好的", "affirm").bubbles[0].text


def test_no_cap_is_told_to_a_shopper() -> None:
    counter = Counter(order()).events(price(190))
    reply = counter.say("降价了补差价", "price_drop", Reason.PRICE)
    why = counter.say("为什么不补", "ask_why")
    assert "上限" not in reply.bubbles[0].text + why.bubbles[0].text


def test_a_mistaken_address_is_fixed_as_an_address() -> None:
    counter = Counter(order())
    reply = counter.say("地址写错了，取消吧", "cancel_order", Reason.MISTAKE)
    assert "收货地址" in reply.bubbles[0].text


def test_sold_out_goods_are_never_said_to_be_in_time() -> None:
    counter = Counter(order(promised_ship_at=order().placed_at + 24 * 30 * HOUR)).events(
        stock("黑色 42", available=False, restock_days=5)
    )
    assert "5 天" in counter.say("什么时候发货", "track_order").bubbles[0].text
