"""Interception that starts on its own: from an event to one message, at the right hour, on the right channel, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from integrations.wiring import read_rows
from policies.outreach import OutreachPolicy
from retention.contact import Contact
from retention.conversation import Author, Conversation, Message, Status
from retention.notice import Dispatch, DispatchState, NoticeKind
from retention.offer import AFTER_SAVE, GrantState
from retention.order import Stage
from retention.outreach import Cause, Outreach, OutreachArm, OutreachState
from retention.task import TaskKind, TaskState
from tests.http.world import AT_RISK_HOOK, CUSTOMER, LATE_ORDER, NOW, Watch, World, in_a_file, opened

pytestmark = pytest.mark.anyio

NO = LATE_ORDER.order_no
QUIET = timedelta(seconds=30)
EVENING = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)  # 22:00 in China
MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=timezone.utc)  # 09:00


def rows(**changes: Any) -> OutreachPolicy:
    return replace(read_rows().outreach, **{"hold_out": 0.0, **changes})


class Care:
    """A shop with one late order whose shopper keeps changing the address, and a clock that goes on when told to."""

    def __init__(self, world: World, watch: Watch) -> None:
        self.world = world
        self.watch = watch
        self.sent = 0

    async def report(self, *kinds: str, **about: Any) -> None:
        events = []
        for kind in kinds:
            self.sent += 1
            at = self.watch().isoformat()
            events.append({"event_id": f"e{self.sent}", "kind": kind, "at": at, **({"order_no": NO} | about)})
        answer = await self.world.client.post("/v1/events", json={"events": events}, headers=self.world.api())
        assert answer.status_code == 200, answer.text

    async def endanger(self) -> None:
        """Three changes of address within a day: a row of interception.yml, whatever the score."""
        await self.report(*["behaviour.address_changed"] * 3)

    async def quiet(self, **passed: float) -> None:
        """Let time pass and the service do what is due."""
        self.watch.pass_by(**(passed or {"seconds": 31}))
        while await self.world.service.caring.round():
            pass

    def outreaches(self) -> list[Outreach]:
        with self.world.store.transaction() as records:
            return list(records.outreaches.of_order(NO))

    def only(self) -> Outreach:
        [found] = self.outreaches()
        return found

    def talk(self, channel: str = "web", **about: Any) -> str:
        """An earlier talk of the shopper, two hours ago."""
        then = self.watch() - timedelta(hours=2)
        talk = Conversation(
            conversation_id=f"talk-{channel}",
            channel=channel,
            status=Status.BOT,
            created_at=then,
            updated_at=then,
            customer_id="C1",
        )
        with self.world.store.transaction() as records:
            records.conversations.put(replace(talk, **about))
        return talk.conversation_id

    def contact(self, conversation_id: str, *, hours: float = 2) -> None:
        then = self.watch() - timedelta(hours=hours)
        with self.world.store.transaction() as records:
            records.contacts.put(
                Contact(
                    contact_id="wechat:wx1::o1",
                    channel="wechat",
                    app_id="wx1",
                    external_id="o1",
                    open_kfid="",
                    conversation_id=conversation_id,
                    inbound_at=then,
                    held_until=then,
                )
            )

    def messages(self, conversation_id: str) -> list[Message]:
        with self.world.store.transaction() as records:
            return list(records.messages.after(conversation_id, 0))

    def said(self, conversation_id: str = "talk-web") -> list[str]:
        return [one.text for one in self.messages(conversation_id) if one.author is Author.BOT]

    def notices(self) -> list[Dispatch]:
        with self.world.store.transaction() as records:
            found = records.dispatches.listed(frozenset(DispatchState))
        return [one for one in found if one.kind is NoticeKind.ORDER_AT_RISK]

    def subscribe(self) -> None:
        with self.world.store.transaction() as records:
            records.subscriptions.put(AT_RISK_HOOK)


@asynccontextmanager
async def caring(tmp_path: Path, *, now: datetime = NOW, **changes: Any) -> AsyncIterator[Care]:
    watch = Watch(now)
    async with opened(tmp_path, store=in_a_file(tmp_path), clock=watch, outreach=rows(**changes)) as world:
        yield Care(world, watch)


async def test_an_order_in_danger_is_written_about_once_with_the_truth_and_a_fix(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.talk()
        await care.endanger()
        await care.quiet()
        [said] = care.said()
        assert "缓震跑鞋" in said
        assert "晚" in said
        assert "风险" not in said
        assert "系统" not in said
        outreach = care.only()
        assert (outreach.state, outreach.cause, outreach.arm) == (OutreachState.SENT, Cause.LATE, OutreachArm.REACHED)
        await care.endanger()
        await care.quiet(minutes=40)
        assert len(care.said()) == 1
        assert care.only() == outreach


async def test_the_webhook_tells_of_it_once_an_episode_with_what_it_was_decided_by(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.subscribe()
        await care.endanger()
        await care.quiet()
        await care.endanger()
        await care.quiet(minutes=10)
        [notice] = care.notices()
        assert notice.customer_id == "C1"
        assert notice.data["order_no"] == NO
        for key in ("probability", "threshold", "rule", "scenario", "why", "reasons", "model_version", "rules_version"):
            assert key in notice.data


async def test_after_a_week_the_same_order_may_be_told_of_again_but_is_not_written_about_twice(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.subscribe()
        care.talk()
        await care.endanger()
        await care.quiet()
        await care.quiet(days=8)
        await care.endanger()
        await care.quiet()
        first, second = care.outreaches()
        assert (first.state, second.state, second.why) == (OutreachState.SENT, OutreachState.SKIPPED, "cap_order")
        assert len(care.notices()) == 2
        assert len(care.said()) == 1


async def test_scores_are_kept_and_news_of_one_burst_is_scored_once(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        for _ in range(5):
            await care.report("behaviour.viewed")
            await care.quiet(seconds=10)
        await care.quiet()
        with care.world.store.transaction() as records:
            scorings = records.scorings.since(NOW)
        assert [one.order_no for one in scorings] == [NO]


async def test_at_night_it_waits_for_the_morning_and_is_said_then(tmp_path: Path) -> None:
    async with caring(tmp_path, now=EVENING) as care:
        care.talk()
        await care.endanger()
        await care.quiet()
        waiting = care.only()
        assert (waiting.state, waiting.why, waiting.next_at) == (OutreachState.WAITING, "quiet_hours", MORNING)
        await care.quiet(hours=10)
        assert care.said() == []
        await care.quiet(hours=1)
        assert len(care.said()) == 1


async def test_what_is_no_longer_in_danger_in_the_morning_is_not_said(tmp_path: Path) -> None:
    async with caring(tmp_path, now=EVENING) as care:
        care.talk()
        await care.endanger()
        await care.quiet()
        with care.world.store.transaction() as records:
            records.orders.put(replace(LATE_ORDER, promised_delivery_at=NOW + timedelta(days=3)))
        await care.quiet(days=1, hours=12)
        assert care.said() == []
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "calm")


async def test_while_the_shopper_talks_the_desk_takes_care_of_them_there(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        headers = await care.world.begin()
        await care.world.say(headers, "你好")
        await care.endanger()
        await care.quiet()
        talk = care.world.conversation_of(headers)
        assert (care.only().state, care.only().why) == (OutreachState.WAITING, "live_talk")
        before = len(care.said(talk))
        await care.quiet(minutes=31)
        assert care.only().state is OutreachState.SENT
        assert len(care.said(talk)) == before + 1


async def test_what_the_shopper_brought_up_meanwhile_is_not_brought_up_again(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        headers = await care.world.begin()
        await care.endanger()
        await care.quiet()
        await care.world.say(headers, "物流太慢，取消订单")
        await care.quiet(minutes=45)
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "talked")


async def test_an_open_wechat_contact_comes_before_a_web_page_and_gets_it_through_the_outbox(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.talk()
        care.contact(care.talk("wechat"))
        await care.endanger()
        await care.quiet()
        assert care.said() == []
        assert len(care.said("talk-wechat")) == 1
        with care.world.store.transaction() as records:
            assert [one.conversation_id for one in records.outbox.waiting("wechat:wx1::o1")] == ["talk-wechat"]


@pytest.mark.parametrize("hours", [47.9, 60])
async def test_a_contact_whose_48_hours_are_over_is_no_channel(tmp_path: Path, hours: float) -> None:
    async with caring(tmp_path) as care:
        care.contact(care.talk("wechat"), hours=hours)
        await care.endanger()
        await care.quiet()
        assert care.said("talk-wechat") == []
        assert care.only().state is OutreachState.TASKED


async def test_where_no_channel_is_open_a_person_is_asked_to_call_with_why_and_what_they_may_give(
    tmp_path: Path,
) -> None:
    async with caring(tmp_path) as care:
        await care.endanger()
        await care.quiet()
        with care.world.store.transaction() as records:
            [task] = records.tasks.listed(TaskState.OPEN)
        assert (task.kind, task.order_no, task.conversation_id) == (TaskKind.REACH_OUT, NO, None)
        assert task.contact == LATE_ORDER.address.phone
        assert "缓震跑鞋" in task.wish
        assert "补偿" in task.wish
        console = await care.world.log_in("小林")
        listed = (await console.get("/console/api/tasks")).json()["tasks"]
        assert [one["kind"] for one in listed] == ["reach_out"]
        assert listed[0]["contact"] == "138****5678"
        taken = await console.post(f"/console/api/tasks/{task.task_id}/take", json={})
        assert taken.json()["task"]["contact"] == LATE_ORDER.address.phone
        done = await console.post(f"/console/api/tasks/{task.task_id}/done", json={"note": "已联系，会再等两天"})
        assert done.status_code == 200


async def test_a_person_is_only_asked_about_orders_that_are_worth_it_and_not_more_than_they_can_do(
    tmp_path: Path,
) -> None:
    few = replace(rows().calls, most_open=0)
    async with caring(tmp_path, calls=few) as care:
        await care.endanger()
        await care.quiet()
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "calls_full")


async def test_a_held_out_order_is_told_of_and_left_alone(tmp_path: Path) -> None:
    async with caring(tmp_path, hold_out=0.5, salt="5") as care:
        care.subscribe()
        care.talk()
        await care.endanger()
        await care.quiet()
        outreach = care.only()
        expected = care.world.shop.outreach.arm(NO)
        assert (outreach.arm, outreach.propensity) == expected
        assert len(care.notices()) == 1
        assert len(care.said()) == (0 if outreach.arm is OutreachArm.HELD_OUT else 1)


@pytest.mark.parametrize("word", ["TD", "td。", "退订", "别再发了", "别再提醒"])
async def test_who_answers_with_a_stop_word_is_never_written_to_again_and_told_so(tmp_path: Path, word: str) -> None:
    async with caring(tmp_path) as care:
        headers = await care.world.begin()
        await care.quiet(minutes=31)
        await care.endanger()
        await care.quiet()
        talk = care.world.conversation_of(headers)
        assert len(care.said(talk)) == 1
        answer = await care.world.say(headers, word)
        assert "不再主动给您发消息" in answer.json()["replies"][0]["text"]
        with care.world.store.transaction() as records:
            customer = records.customers.find("C1")
            assert customer is not None
            assert customer.no_outreach
            assert not customer.opted_out
            records.orders.put(replace(LATE_ORDER, order_no="ANOTHER"))
        assert care.only().state is OutreachState.ANSWERED
        await care.report(*["behaviour.address_changed"] * 3, order_no="ANOTHER")
        await care.quiet(minutes=40)
        with care.world.store.transaction() as records:
            [other] = records.outreaches.of_order("ANOTHER")
        assert (other.state, other.why) == (OutreachState.SKIPPED, "opted_out")


async def test_a_crm_that_sends_the_customer_anew_does_not_undo_what_they_said(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        with care.world.store.transaction() as records:
            records.customers.put(replace(CUSTOMER, no_outreach=True))
        body = {"customer_id": "C1", "name": "李小明"}
        sent = await care.world.client.put("/v1/customers/C1", json=body, headers=care.world.api())
        assert sent.status_code == 200
        care.talk()
        await care.endanger()
        await care.quiet()
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "opted_out")
        erased = await care.world.client.delete("/v1/customers/C1", headers=care.world.api())
        assert erased.status_code == 200
        assert care.only().customer_id == ""


async def test_the_shopper_answers_and_the_talk_goes_on_knowing_order_and_offer(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        headers = await care.world.begin()
        await care.quiet(minutes=31)
        await care.endanger()
        await care.quiet()
        talk = care.world.conversation_of(headers)
        [message] = [one for one in care.messages(talk) if one.author is Author.BOT]
        assert message.bubble is not None
        assert message.bubble.offer is not None
        assert {"接受方案", "别再提醒"} <= {button.text for button in message.bubble.buttons}
        grant_id = message.bubble.offer.grant_id
        assert care.only().grant_id == grant_id
        answer = await care.world.say(headers, "接受方案")
        assert answer.status_code == 200, answer.text
        with care.world.store.transaction() as records:
            grants = records.ledger.of_order(NO)
        kept = [grant for grant in grants if grant.offer.cause != AFTER_SAVE]
        assert [(grant.grant_id, grant.state) for grant in kept] == [(grant_id, GrantState.ISSUED)]
        assert care.only().state is OutreachState.ANSWERED


async def test_an_order_that_was_promised_something_is_not_offered_anything_more(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.talk()
        body = {"order_no": NO, "reason": "logistics"}
        given = await care.world.client.post(
            "/v1/grants", json=body, headers=care.world.api(**{"Idempotency-Key": "g1"})
        )
        assert given.status_code in (200, 201), given.text
        await care.endanger()
        await care.quiet()
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "promised")
        with care.world.store.transaction() as records:
            assert len(records.ledger.of_order(NO)) == 1


async def test_news_about_goods_reaches_every_open_order_of_them(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        with care.world.store.transaction() as records:
            for number in range(1200):
                records.orders.put(replace(LATE_ORDER, order_no=f"B{number:04}", customer_id=f"X{number}"))
            records.orders.put(replace(LATE_ORDER, order_no="GONE", stage=Stage.CANCELLED))
        await care.report("price.changed", order_no=None, sku="RUN-1", data={"price_fen": 20000})
        await care.quiet(seconds=1)
        await care.quiet()
        with care.world.store.transaction() as records:
            scored = {one.order_no for one in records.scorings.since(NOW, limit=5000)}
        assert scored == {NO, *(f"B{number:04}" for number in range(1200))}


async def test_an_order_that_is_only_late_is_looked_at_when_its_promise_passes(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        promised = NOW + timedelta(hours=5)
        body = {
            "order_no": "NEW",
            "customer_id": "C1",
            "stage": "in_transit",
            "placed_at": NOW.isoformat(),
            "promised_delivery_at": promised.isoformat(),
            "paid_fen": 100,
            "shipping_fen": 0,
            "lines": [
                {"sku": "S", "title": "袜子", "category": "袜", "qty": 1, "unit_price_fen": 100, "unit_cost_fen": 50}
            ],
            "address": dict.fromkeys(("province", "city", "district", "detail", "receiver", "phone"), "1"),
        }
        sent = await care.world.client.put("/v1/orders/NEW", json=body, headers=care.world.api())
        assert sent.status_code == 200, sent.text
        await care.quiet()
        await care.quiet(hours=4)
        with care.world.store.transaction() as records:
            assert len(records.scorings.since(NOW)) == 1
        await care.quiet(hours=1, minutes=2)
        with care.world.store.transaction() as records:
            assert len(records.scorings.since(NOW)) == 2


async def test_a_switched_off_shop_is_told_and_nobody_is_written_to(tmp_path: Path) -> None:
    async with caring(tmp_path, enabled=False) as care:
        care.subscribe()
        care.talk()
        await care.endanger()
        await care.quiet()
        assert (care.only().state, care.only().why) == (OutreachState.SKIPPED, "off")
        assert len(care.notices()) == 1
        assert care.said() == []


async def test_everything_that_was_done_is_in_the_audit_with_its_versions(tmp_path: Path) -> None:
    async with caring(tmp_path) as care:
        care.talk()
        await care.endanger()
        await care.quiet()
        with care.world.store.transaction() as records:
            entries = records.audit.about(f"order:{NO}")
        assert [one.act for one in entries] == ["order_at_risk", "outreach_sent"]
        assert all({"model", "rules", "outreach"} <= set(one.versions) for one in entries)
        assert all(one.data["propensity"] == 1.0 for one in entries)
