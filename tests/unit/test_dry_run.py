"""What a table of interception rows would have done with the orders of last month."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from integrations.memory.store import MemoryStore
from integrations.settings import load as load_settings
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from policies.interception import Interception
from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.order import Order, Stage
from retention.ports import Store
from retention.risk import Score
from service.cli import commands
from service.dry_run import AT_ONCE, Comparison, Fate, dry_run, past
from service.dry_run_words import as_json
from tests.unit.counter import HOUR, NOW, POLICY, order
from tests.unit.interception_cases import SHIPPED, with_scenarios

SINCE = NOW - timedelta(days=30)
STRICTER = with_scenarios({"id": "gold", "when": {"tiers": ["gold"]}, "threshold": 0.3})
CHANGES = tuple(
    Event(event_id=str(hour), kind="behaviour.address_changed", at=NOW - timedelta(hours=hour)) for hour in range(3)
)


def one(
    number: int, probability: float, fate: Fate, *, tier: str = "regular", events: tuple[Event, ...] = ()
) -> tuple[Case, Fate]:
    """The probability stands where the scorer of these tests reads it."""
    placed = order(f"T{number}", placed_at=SINCE + timedelta(hours=number), attributes={"p": probability})
    return Case(now=NOW, order=placed, customer=Customer(customer_id="c", tier=tier), events=events), fate


def told(cases: Sequence[Case]) -> list[Score]:
    return [Score(probability=float(str(case.order.attributes["p"])), model_version="told") for case in cases]


def run(cases: Iterable[tuple[Case, Fate]], new: Interception | None = None) -> Comparison:
    return dry_run(cases, score_many=told, now=POLICY, new=new, since=SINCE, until=NOW)


MONTH = [
    one(1, 0.9, Fate.LOST),
    one(2, 0.8, Fate.KEPT),
    one(3, 0.2, Fate.LOST, events=CHANGES),
    one(4, 0.4, Fate.LOST, tier="gold"),
    one(5, 0.1, Fate.OPEN),
    one(6, 0.75, Fate.OPEN),
]


def test_the_live_table_is_counted_by_scenario_by_rule_and_by_what_became_of_the_orders() -> None:
    found = run(MONTH)
    assert found.new is None
    assert found.now.orders == {Fate.LOST: 3, Fate.KEPT: 1, Fate.OPEN: 2}
    assert found.now.intercepted == {Fate.LOST: 2, Fate.KEPT: 1, Fate.OPEN: 1}
    assert (found.now.precision, found.now.recall, found.now.a_day) == (2 / 4, 2 / 3, 4 / 30)
    assert {group.id: sum(group.intercepted.values()) for group in found.now.by_rule} == {
        "danger_in_talk": 3,
        "danger_in_talk+address_switching": 1,
    }
    assert {group.id: sum(group.orders.values()) for group in found.now.by_scenario} == {"promotion": 0, "everyday": 6}


def test_another_table_stands_beside_it_with_what_it_adds_and_drops() -> None:
    found = run(MONTH, STRICTER)
    assert found.new is not None
    assert (found.more, found.fewer) == (1, 0)
    assert found.new.recall == 1.0
    gold = next(group for group in found.new.by_scenario if group.id == "gold")
    assert (gold.orders, gold.intercepted) == ({Fate.LOST: 1}, {Fate.LOST: 1})
    assert run(MONTH, POLICY).more == run(MONTH, POLICY).fewer == 0


def test_a_month_without_orders_has_no_shares() -> None:
    found = run([])
    assert (found.now.precision, found.now.recall, found.now.a_day) == (None, None, 0.0)
    json.dumps(as_json(found), allow_nan=False)


def test_no_more_than_a_batch_is_held_and_progress_is_told() -> None:
    held, most = 0, 0

    def cases() -> Iterable[tuple[Case, Fate]]:
        nonlocal held, most
        for number in range(2 * AT_ONCE + 1):
            held += 1
            most = max(most, held)
            yield one(number % 700, 0.9, Fate.LOST)

    def score(batch: Sequence[Case]) -> list[Score]:
        nonlocal held
        held = 0
        return told(batch)

    heard: list[int] = []
    dry_run(
        cases(), score_many=score, now=POLICY, new=None, since=SINCE, until=NOW,
        progress=lambda orders, done: heard.append(orders),
    )  # fmt: skip
    assert most <= AT_ONCE
    assert heard == [AT_ONCE, 2 * AT_ONCE, 2 * AT_ONCE + 1]


def put(store: Store, *orders: Order) -> None:
    with store.transaction() as records:
        records.customers.put(Customer(customer_id="c-1"))
        for each in orders:
            records.orders.put(each)


def test_stored_orders_are_looked_at_as_they_were_and_judged_by_how_they_ended() -> None:
    store = MemoryStore()
    old: dict[str, Any] = {"placed_at": NOW - timedelta(days=28), "paid_at": NOW - timedelta(days=28)}
    kept: dict[str, Any] = {"shipped_at": NOW - timedelta(days=27), "delivered_at": NOW - timedelta(days=8)}
    lost = order("LOST", stage=Stage.CANCELLED, **old)
    put(store, lost, order("KEPT", stage=Stage.CLOSED, **{**old, **kept}), order("OPEN", **old))
    put(store, order("YOUNG", placed_at=NOW - HOUR / 60), order("BEFORE", placed_at=SINCE - HOUR))
    found = {case.order.order_no: (case.order.stage, fate) for case, fate in past(store, SINCE, NOW, now=NOW)}
    assert {number: fate for number, (_, fate) in found.items()} == {
        "LOST": Fate.LOST,
        "KEPT": Fate.KEPT,
        "OPEN": Fate.OPEN,
    }
    assert found["LOST"][0] is Stage.PENDING_SHIPMENT


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path))
    return tmp_path


def asked(*words: str) -> Result:
    return CliRunner().invoke(commands, ["interception", *words])


@pytest.mark.parametrize("words", [("dry-run",), ("--dry-run",)])
def test_the_command_reads_the_shops_orders_and_writes_nothing(home: Path, words: tuple[str, ...]) -> None:
    settings = load_settings({"TOURNIQUET_HOME": str(home)})
    migrate(settings.database_url)
    store = open_store(settings.database_url)
    placed = replace(order(stage=Stage.CANCELLED), placed_at=NOW - timedelta(days=3))
    put(store, placed)
    store.close()
    said = asked(*words, "--since", "2026-11-01", "--json")
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout.splitlines()[-1])
    assert found["now"]["orders"] == {"all": 1, "lost": 1, "kept": 0, "open": 0}
    assert "new" not in found


def test_the_tables_are_in_chinese_and_name_the_versions(home: Path) -> None:
    new = home / "new.yml"
    new.write_text(SHIPPED.replace("threshold: 0.70", "threshold: 0.60"), encoding="utf-8")
    said = asked("--dry-run", "--file", str(new), "--days", "7")
    assert said.exit_code == 0, said.output
    for part in ("拦截试运行", "命中率", "覆盖率", "按场景", "everyday", "换成新的一版：多拦截 0 单，少拦截 0 单。"):
        assert part in said.output


def test_a_wrong_file_is_refused_before_any_order_is_read(home: Path) -> None:
    new = home / "new.yml"
    new.write_text(SHIPPED.replace("threshold: 0.70", "threshold: 7"), encoding="utf-8")
    said = asked("dry-run", "--file", str(new))
    assert said.exit_code == 1
    assert "scenarios[0].threshold" in str(said.exception)
    assert not list(home.glob("*.db*"))


def test_a_right_file_is_compared_with_the_one_in_use(home: Path) -> None:
    new = home / "new.yml"
    new.write_text(SHIPPED.replace("threshold: 0.70", "threshold: 0.60"), encoding="utf-8")
    said = asked("check", str(new))
    assert said.exit_code == 0
    assert "✔ new.yml 可用：2 个场景，3 条行为规则，7 条干预规则，版本 1-" in said.output
    assert "场景「平日订单」（everyday）的阈值：0.7 → 0.6" in said.output


def test_a_wrong_file_is_refused_with_place_value_and_remedy(home: Path) -> None:
    new = home / "new.yml"
    new.write_text(SHIPPED.replace("threshold: 0.70", "treshold: 0.7"), encoding="utf-8")
    said = asked("check", str(new))
    assert said.exit_code == 1
    for part in (
        "✘ new.yml 有误",
        "位置：scenarios[0].treshold",
        "现状：现为 0.7",
        "应为：以下键之一",
        "怎么改：是不是想写 threshold？",
    ):
        assert part in said.output
