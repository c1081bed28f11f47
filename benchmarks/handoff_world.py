"""The shop in which the handoff machine is played: its staff, its short day, what its shoppers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone

from compensation.engine import Engine
from integrations.sealing import sealed_with
from integrations.wiring import ROOT
from integrations.wording import YamlWording
from language.yes_no import yes_or_no
from policies import interception, staffing
from retention.associate import Associate, Role
from retention.course import Step
from retention.exposure import unvaried
from retention.hearing import Entity, EntityKind, Hearing, Reason
from retention.kindred import Kindred
from retention.risk import Score
from retention.staffing import Assignment, Hours, Staffing
from retention.visit import Rules

BEGIN = datetime(2026, 11, 20, 3, 0, tzinfo=timezone.utc)  # 11:00 in China
TALKS = ("k1", "k2", "k3")
STAFF = (
    Associate(name="lin", display="小林", role=Role.AGENT, skills=(), capacity=1, active=True),
    Associate(name="zhou", display="小周", role=Role.AGENT, skills=("logistics",), capacity=2, active=True),
    Associate(name="chen", display="老陈", role=Role.SUPERVISOR, skills=(), capacity=2, active=True),
)
NAMES = tuple(one.name for one in STAFF)
ROWS = staffing.load(ROOT / "policies" / "staffing.yml")
# Opens 9:00, closes 12:00, in China: histories begin an hour before it closes.
SHORT_DAY = replace(
    ROWS, assignment=Assignment.AUTOMATIC, hours=(Hours(days=frozenset(range(7)), start=9 * 60, end=12 * 60),)
)
POLICY = interception.load(ROOT / "policies" / "interception.yml")
ENGINE = Engine.from_file(ROOT / "compensation" / "catalog.yml", max_rounds=POLICY.offer_rounds)
WORDING = YamlWording.from_folder(ROOT / "nlu_data")
SMALL_TALK = "你好"
SAYINGS = {
    SMALL_TALK: Hearing(intent="greet", confidence=0.9),
    "物流太慢了": Hearing(intent="delivery_delay", confidence=0.9, reasons=(Reason.LOGISTICS,)),
    "转人工": Hearing(intent="request_human", confidence=0.97),
    "预约回电": Hearing(intent="chitchat", confidence=0.5),
    "13800001111": Hearing(
        intent="inform_order",
        confidence=0.9,
        entities=(Entity(kind=EntityKind.PHONE, value="13800001111", text="13800001111", start=0, end=11),),
    ),
}


def rules(staffing: Staffing) -> Rules:
    """The shop's own, but that nobody is sent to a person by their mood: that is not under test."""

    def wants_person(_: Sequence[Step]) -> str | None:
        return None

    return Rules(
        stop_words=frozenset(),
        score=lambda _: Score(probability=0.2),
        choose=POLICY.choose,
        decide=unvaried(ENGINE.decide),
        after_save=ENGINE.after_save,
        wants_person=wants_person,
        cap_window=lambda: ENGINE.cap_window,
        spent_since=ENGINE.spent_since,
        shop_answer=lambda _: None,
        yes_or_no=yes_or_no,
        intent_title=WORDING.intent_title,
        allowance=ENGINE.allowance,
        staffing=staffing,
        kindred=Kindred(seal=sealed_with("benchmark"), window=lambda: ENGINE.cap_window, crowd=dict),
    )
