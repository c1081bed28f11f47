"""Scores are noted as they are given; what they add up to stands on /metrics and on the dashboard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from integrations.model_shelf import ModelShelf, Origin
from retention.associate import Role
from retention.conversation import Author, Message, Turn
from retention.hearing import Hearing, Reason
from retention.order import Stage
from retention.ports import Store
from retention.scoring import Scoring
from risk.drift import reference
from risk.features import FEATURES
from risk.prior import RulePrior
from rootcause.nodes import NODES
from service.jobs import forget_scorings
from service.risk_watch import watch
from tests.http.world import LATE_ORDER, NOW, Watch, World, opened
from tests.unit.twin_cases import model, model_folder

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
SCORING = Scoring(
    order_no=LATE_ORDER.order_no,
    at=NOW,
    probability=0.3,
    model_version=RulePrior.version,
    rules_version="1",
    rule="default",
    intercept=False,
    values={"late_hours": 62.0},
)


def noted(store: Store) -> list[Scoring]:
    with store.transaction() as records:
        return list(records.scorings.since(NOW - 999 * DAY))


async def test_a_score_asked_for_is_noted_with_what_it_was_made_of_once_in_ten_minutes(tmp_path: Path) -> None:
    watch_ = Watch()
    async with opened(tmp_path, clock=watch_) as world:
        for minutes in (0, 9, 2):
            watch_.pass_by(minutes=minutes)
            answer = await world.client.post(
                "/v1/risk/score", json={"order_no": LATE_ORDER.order_no}, headers=world.api()
            )
        assert [one.at for one in noted(world.store)] == [NOW, NOW + timedelta(minutes=11)]
        last, body = noted(world.store)[-1], answer.json()
        assert (last.probability, last.model_version) == (body["probability"], body["model_version"])
        assert (last.rule, last.intercept) == (body["rule"], body["intercept"])
        assert last.values["late_hours"] > 62
        assert all(last.values.values())


async def test_old_scores_are_forgotten(world: World) -> None:
    with world.store.transaction() as records:
        records.scorings.add(replace(SCORING, at=NOW - 181 * DAY))
        records.scorings.add(SCORING)
    assert forget_scorings(world.store, NOW - 180 * DAY) == 1
    assert noted(world.store) == [SCORING]


def settled(store: Store, number: int, *, probability: float, lost: bool, at_days: int = 40) -> None:
    """A score of an order that came to its end since."""
    at = NOW - at_days * DAY
    stage = Stage.CANCELLED if lost else Stage.CLOSED
    order = replace(
        LATE_ORDER,
        order_no=f"S{number}",
        stage=stage,
        placed_at=at - DAY,
        delivered_at=None if lost else at + DAY,
    )
    with store.transaction() as records:
        records.orders.put(order)
        records.scorings.add(replace(SCORING, order_no=order.order_no, at=at, probability=probability))


async def test_settled_scores_are_compared_with_what_became_of_the_orders(world: World) -> None:
    for number in range(300):
        settled(world.store, number, probability=0.5, lost=number % 4 == 0)
    for number in range(300, 320):
        settled(
            world.store, number, probability=0.9, lost=True, at_days=20
        )  # too young: the kept ones are not yet known
    with world.store.transaction() as records:  # a later score of the same order is no second one
        records.scorings.add(replace(SCORING, order_no="S1", at=NOW - 39 * DAY, probability=0.99))
    found = watch(world.shop, NOW)
    assert found.calibration is not None
    assert (found.settled, found.own) == (300, True)
    assert (found.calibration.expected, found.calibration.observed) == (0.5, 0.25)
    assert found.calibration.ece == pytest.approx(0.25)


async def test_without_enough_settled_scores_nothing_is_claimed(world: World) -> None:
    settled(world.store, 1, probability=0.5, lost=True)
    found = watch(world.shop, NOW)
    assert (found.calibration, found.settled, found.stability) == (None, 1, {})


async def test_what_moved_stands_on_metrics_and_on_the_dashboard_in_chinese(tmp_path: Path) -> None:
    async with opened(tmp_path) as world:
        put_live(world)
        with world.store.transaction() as records:
            for number in range(250):
                records.scorings.add(
                    replace(
                        SCORING,
                        order_no=f"S{number}",
                        at=NOW - DAY,
                        model_version=model().version,
                        values={"late_hours": 500.0},
                    )
                )
        world.service.metrics.risk(await world.service.risk_watch.look())
        told = (await world.client.get("/metrics", headers=world.api())).text
        assert 'tourniquet_risk_psi{feature="late_hours"}' in told
        assert "tourniquet_risk_score_mean 0.3" in told
        assert "tourniquet_risk_ece NaN" in told
        lead = await world.log_in("老陈", Role.SUPERVISOR)
        body = (await lead.get("/console/api/insight/risk")).json()
    late = next(one for one in body["stability"] if one["name"] == "late_hours")
    assert (late["state"], late["state_words"]) == ("moved", "明显变化")
    assert late["words"] == NODES[FEATURES["late_hours"].node].name_zh
    assert (body["version"], body["scores"], body["calibration"]) == (model().version, 250, None)
    assert [one["words"] for one in body["figures"]][:2] == ["现用模型", "经验分"]


def put_live(world: World) -> None:
    """The small synthetic shop's model, as training would have put it there."""
    shelf = ModelShelf(world.shop.settings.risk_folder)
    with shelf.bench() as bench:
        for file in model_folder().iterdir():
            (bench / file.name).write_bytes(file.read_bytes())
        origin = Origin(sources="code", synthetic=True, verdict="")
        values = np.array([0.0] * 900 + [float(hours) for hours in range(100)])
        shelf.keep(bench, model().version, origin=origin, references={"late_hours": reference(values)})
    shelf.promote(model().version)
    assert world.shop.risk.refresh()


async def test_the_part_that_says_ready_names_the_model_or_what_stands_in(world: World) -> None:
    before = (await world.client.get("/readyz")).json()
    [check] = [one for one in before["checks"] if one["name"] == "risk model"]
    assert check["state"] == "degraded"
    assert "经验分" in check["detail"]


async def test_agents_may_not_look(world: World) -> None:
    agent = await world.log_in("小李")
    assert (await agent.get("/console/api/insight/risk")).status_code == 403


async def test_the_desks_scores_are_noted_too_and_a_talkative_shopper_is_one_observation(world: World) -> None:
    talk = world.conversation_of(await world.begin())
    for number, text in enumerate(("物流太慢了我要退单", "真的太慢了")):
        with world.store.transaction() as records:
            records.messages.add(
                Message(conversation_id=talk, message_id=f"M{number}", author=Author.SHOPPER, at=NOW, text=text)
            )
        heard = Hearing(intent="request_refund", confidence=0.95, reasons=(Reason.LOGISTICS,))
        world.shop.desk.handle(Turn(conversation_id=talk, message_id=f"M{number}", text=text, hearing=heard))
    [one] = noted(world.store)
    assert one.order_no == LATE_ORDER.order_no
    assert one.values["asked_to_leave"] == 1.0
