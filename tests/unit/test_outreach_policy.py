"""The rows of stepping in early: what they decide, and how a hand-edited one is refused."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given

from policies.outreach import OutreachPolicy, QuietHours, load, read
from policies.rows import PolicyError, Row
from retention.customer import Customer
from retention.order import Order, Stage
from retention.outreach import Outreach, OutreachArm, OutreachState
from retention.words import CHINA
from tests.contract.samples import CUSTOMER, NOW, ORDER, OUTREACH
from tests.unit.counter import ROOT

FILE = ROOT / "policies" / "outreach.yml"
POLICY = load(FILE)
DATA = yaml.safe_load(FILE.read_text(encoding="utf-8"))
WILLING = replace(CUSTOMER, opted_out=False, no_outreach=False)
SENT = replace(OUTREACH, state=OutreachState.SENT)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour, minute, tzinfo=CHINA)


def refused(change: Any) -> PolicyError:
    data = deepcopy(DATA)
    change(data)
    with pytest.raises(PolicyError) as caught:
        read(Row("outreach.yml", "", data), "test")
    return caught.value


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda data: data.update(quite_hours={}), "quite_hours"),
        (lambda data: data.update(enabled="yes"), "enabled"),
        (lambda data: data["quiet_hours"].update({"from": 1260}), "quiet_hours.from"),
        (lambda data: data["quiet_hours"].update({"to": "25:00"}), "quiet_hours.to"),
        (lambda data: data["caps"].update(order=0), "caps.order"),
        (lambda data: data["caps"].update(customer=True), "caps.customer"),
        (lambda data: data["caps"].pop("customer_days"), "caps.customer_days"),
        (lambda data: data["hold_out"].update(share=0.6), "hold_out.share"),
        (lambda data: data["hold_out"].update(salt=1), "hold_out.salt"),
        (lambda data: data.update(channels=["sms"]), "channels[0]"),
        (lambda data: data.update(channels=["web", "web"]), "channels"),
        (lambda data: data.update(stages=["cancelled"]), "stages"),
        (lambda data: data.update(web_hours=25), "web_hours"),
        (lambda data: data["tasks"].update(least_yuan=-1), "tasks.least_yuan"),
        (lambda data: data["debounce"].update(most_s=10), "debounce.most_s"),
        (lambda data: data["debounce"].update(quiet_s=float("nan")), "debounce.quiet_s"),
        (lambda data: data.update(stop_words=[]), "stop_words"),
        (lambda data: data.update(stop_words=["退订", 1]), "stop_words[1]"),
        (lambda data: data.pop("version"), "version"),
    ],
)
def test_a_bad_value_is_refused_with_its_file_and_path(change: Any, path: str) -> None:
    error = refused(change)
    assert (error.file, error.path) == ("outreach.yml", path)


@given(
    key=st.sampled_from(sorted(DATA)),
    junk=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_whatever_stands_in_a_row_is_read_or_refused_and_nothing_else(key: str, junk: object) -> None:
    data = deepcopy(DATA) | {key: junk}
    complaint = None
    try:
        read(Row("outreach.yml", "", data), "test")
    except PolicyError as error:
        complaint = error
    assert complaint is None or complaint.path.startswith(key)


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "outreach.yml"
    file.write_text("version: [", encoding="utf-8")
    with pytest.raises(PolicyError):
        load(file)


def test_quiet_hours_over_midnight_end_in_the_morning() -> None:
    assert POLICY.quiet.until(at(20, 59)) is None
    assert POLICY.quiet.until(at(21)) == at(9) + timedelta(days=1)
    assert POLICY.quiet.until(at(2)) == at(9)
    assert POLICY.quiet.until(at(9)) is None


def test_quiet_hours_within_a_day_end_the_same_day() -> None:
    nap = QuietHours(start=12 * 60, end=14 * 60)
    assert nap.until(at(13)) == at(14)
    assert nap.until(at(14)) is None


@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    moment=st.datetimes(timezones=st.just(CHINA)).filter(lambda one: one.year < 9000 and one.year > 1000),
)
def test_when_quiet_hours_end_they_are_over(start: int, end: int, moment: datetime) -> None:
    hours = QuietHours(start=start, end=end)
    until = hours.until(moment)
    if until is not None:
        assert moment < until <= moment + timedelta(days=1)
        assert hours.until(until) is None


def test_who_may_be_written_to_and_what_stands_against_it() -> None:
    def against(
        *,
        order: Order = ORDER,
        customer: Customer = WILLING,
        earlier: Sequence[Outreach] = (),
        policy: OutreachPolicy = POLICY,
    ) -> str | None:
        return policy.against(order, customer, earlier, NOW)

    assert against() is None
    assert against(policy=replace(POLICY, enabled=False)) == "off"
    assert against(order=replace(ORDER, stage=Stage.CANCELLED)) == "order_over"
    assert against(order=replace(ORDER, stage=Stage.PENDING_PAYMENT)) == "stage"
    assert against(order=replace(ORDER, customer_id="")) == "nobody"
    assert against(customer=replace(WILLING, no_outreach=True)) == "opted_out"
    assert against(customer=replace(WILLING, opted_out=True)) == "opted_out"
    assert against(earlier=[SENT]) == "cap_order"
    assert against(earlier=[replace(SENT, state=OutreachState.SKIPPED)]) is None
    others = [replace(SENT, order_no=f"B{number}", outreach_id=f"B{number}/1") for number in range(2)]
    assert against(earlier=others[:1]) is None
    assert against(earlier=others) == "cap_customer"
    long_ago = [replace(one, opened_at=NOW - timedelta(days=8)) for one in others]
    assert against(earlier=long_ago) is None


def test_the_hold_out_is_drawn_by_the_order_and_as_large_as_it_says() -> None:
    arms = [POLICY.arm(f"A{number}") for number in range(10_000)]
    held = [arm for arm in arms if arm[0] is OutreachArm.HELD_OUT]
    assert 0.085 < len(held) / len(arms) < 0.115
    assert {propensity for _, propensity in held} == {0.1}
    assert arms == [POLICY.arm(f"A{number}") for number in range(10_000)]
    assert arms != [replace(POLICY, salt="2").arm(f"A{number}") for number in range(10_000)]


def test_an_episode_lasts_its_days_however_often_the_score_crosses_the_threshold() -> None:
    assert POLICY.is_new_episode(None, NOW)
    assert not POLICY.is_new_episode(OUTREACH, NOW + timedelta(days=6, hours=23))
    assert POLICY.is_new_episode(OUTREACH, NOW + timedelta(days=7))


def test_a_talk_and_the_night_are_waited_for() -> None:
    noon = at(12)
    assert POLICY.waiting(noon, talked_at=None) is None
    talking = POLICY.waiting(noon, talked_at=noon - timedelta(minutes=10))
    assert talking is not None
    assert (talking.why, talking.until) == ("live_talk", noon + timedelta(minutes=20))
    night = POLICY.waiting(at(23), talked_at=at(22, 59))
    assert night is not None
    assert night.why == "quiet_hours"
