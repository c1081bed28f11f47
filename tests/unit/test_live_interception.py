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
from retention.errors import StoreBusyError
from retention.hearing import Hearing
from retention.risk import Score
from tests.unit.counter import NOW, order
from tests.unit.interception_cases import SHIPPED

STRICTER = SHIPPED.replace("threshold: 0.70", "threshold: 0.60")
WRONG = SHIPPED.replace("threshold: 0.70", "threshold: 7")
OVERLAP = SHIPPED.replace(
    "  - {id: promotion,", "  - {id: gold, when: {tiers: [gold]}, threshold: 0.6, why: 金卡}\n  - {id: promotion,"
)
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
    before = live.choose(ORDER, Score(probability=0.65))
    file.write_text(STRICTER, encoding="utf-8")
    assert live.refresh()
    after = live.choose(ORDER, Score(probability=0.65))
    assert (before.intercept, after.intercept) == (False, True)
    assert before.version != after.version == live.version


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (WRONG, "interception.yml：scenarios[0].threshold 现为 7，应为0 到 1 的数"),
        (OVERLAP, "gold 和 promotion 都管得到：促销 任何促销，会员等级 gold"),
        ("scenarios: [", "interception.yml：第 1 行第 13 列"),
    ],
)
def test_a_hand_edited_file_that_is_wrong_is_refused_and_the_old_table_stays(file: Path, text: str, words: str) -> None:
    store = MemoryStore()
    live = opened(file, store)
    version = live.version
    file.write_text(text, encoding="utf-8")
    assert not live.refresh()
    assert live.problem is not None
    assert words in live.problem
    assert f"仍按 {version} 执行" in live.problem
    assert live.choose(ORDER, Score(probability=0.65)).version == version
    file.write_text(STRICTER, encoding="utf-8")
    assert live.refresh()
    assert live.problem is None


def test_a_file_that_is_gone_is_a_problem_until_it_is_back(file: Path) -> None:
    live = opened(file, MemoryStore())
    file.unlink()
    assert not live.refresh()
    assert live.problem is not None
    assert "interception.yml 打不开" in live.problem
    file.write_text(SHIPPED, encoding="utf-8")
    live.refresh()
    assert live.problem is None


def test_the_log_says_what_changed_and_from_which_version(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    first = live.version
    assert [entry.why for entry in entries(store, live)] == ["启动时读入"]
    file.write_text(STRICTER, encoding="utf-8")
    live.refresh()
    (entry,) = entries(store, live)
    assert (entry.actor, entry.act) == ("system", "interception_loaded")
    assert entry.versions == {"interception": live.version, "before": first}
    assert entry.why == "场景「平日订单」（everyday）的阈值：0.7 → 0.6"


def test_a_second_process_logs_nothing_twice_and_going_back_is_logged_again(file: Path) -> None:
    store = MemoryStore()
    one, other = opened(file, store), opened(file, store)
    for text in (STRICTER, SHIPPED):
        file.write_text(text, encoding="utf-8")
        assert (one.refresh(), other.refresh()) == (True, True)
    assert [entry.why for entry in entries(store, one)] == [
        "启动时读入",
        "场景「平日订单」（everyday）的阈值：0.6 → 0.7",
    ]


def test_a_locked_store_is_tried_again(file: Path) -> None:
    store = MemoryStore(busy_seconds=0.01)
    live = opened(file, store)
    file.write_text(STRICTER, encoding="utf-8")
    with store.transaction(), pytest.raises(StoreBusyError):
        live.refresh()
    assert live.refresh()


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
