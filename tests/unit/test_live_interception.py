"""Changed interception rows are live without a restart; wrong ones are refused, and the last right ones stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.live_interception import LiveInterception
from integrations.memory.store import MemoryStore
from policies.interception import load
from policies.trajectory import SIGNALS, Trajectory
from retention.audit import AuditEntry
from retention.case import Case
from retention.course import Step
from retention.customer import Customer
from retention.hearing import Hearing
from retention.risk import Score
from tests.unit.counter import NOW, order
from tests.unit.interception_cases import SHIPPED

STRICTER = SHIPPED.replace("threshold: 0.70", "threshold: 0.60")
RISKY = Score(probability=0.65)
ORDER = Case(now=NOW, order=order(), customer=Customer(customer_id="c-1"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copied = tmp_path / "interception.yml"
    copied.write_text(SHIPPED, encoding="utf-8")
    return copied


def opened(file: Path, store: MemoryStore, trajectory: Trajectory | None = None) -> LiveInterception:
    return LiveInterception(file, load(file), trajectory=trajectory, store=store, clock=lambda: NOW)


def entries(store: MemoryStore, live: LiveInterception) -> list[AuditEntry]:
    with store.transaction() as records:
        return list(records.audit.about(f"interception:{live.version}"))


def test_a_saved_change_decides_the_next_case_and_the_choice_names_its_version(file: Path) -> None:
    live = opened(file, MemoryStore())
    before = live.choose(ORDER, RISKY)
    file.write_text(STRICTER, encoding="utf-8")
    assert live.refresh()
    after = live.choose(ORDER, RISKY)
    assert (before.intercept, after.intercept) == (False, True)
    assert before.version != after.version == live.version


def test_rounds_and_the_call_for_a_person_follow_the_table_too(file: Path) -> None:
    live = opened(file, MemoryStore())
    file.write_text(
        SHIPPED.replace("offer_rounds: 1", "offer_rounds: 2").replace("  escalate: 0.12", "  escalate: 0.9"),
        encoding="utf-8",
    )
    course = (Step(text="嗯", hearing=Hearing(intent="chitchat", confidence=0.9, escalate=0.5)),)
    assert live.wants_person(course) == "escalate"
    live.refresh()
    assert (live.offer_rounds(), live.escalates_at(), live.wants_person(course)) == (2, 0.9, None)


def test_what_was_learnt_of_courses_judges_by_the_new_rows_too(file: Path) -> None:
    certain = Trajectory(weights=dict.fromkeys(SIGNALS, 0.0), start=9.0)
    live = opened(file, MemoryStore(), certain)
    file.write_text(STRICTER, encoding="utf-8")
    live.refresh()
    assert live.table.person.trajectory is certain
