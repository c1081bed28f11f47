"""``tourniquet compensation …`` on a real database: Chinese for people, JSON for machines, and no number that nothing carries."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from compensation.engine import Engine
from compensation.lift_report import By
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.case import Case, DecideOffer
from retention.exposure import Exposure
from retention.refusal import Refusal
from service.cli import commands
from service.experiment_commands import GROUPINGS
from tests.unit.compensation_cases import CATALOG, ENGINE
from tests.unit.compensation_cases import order as placed
from tests.unit.experiment_cases import lived

Lives = list[tuple[Exposure, Case]]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path))
    monkeypatch.delenv("TOURNIQUET_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def cheaper(tmp_path: Path) -> Path:
    """The shipped catalog, hurrying parcels for 3 yuan instead of 5."""
    file = tmp_path / "cheaper.yml"
    file.write_text(CATALOG.read_text(encoding="utf-8").replace("cash_yuan: 5\n", "cash_yuan: 3\n"), encoding="utf-8")
    return file


def shop(home: Path, lives: Lives) -> None:
    url = f"sqlite:///{home / 'tourniquet.db'}"
    migrate(url)
    with closing(open_store(url)) as store, store.transaction() as records:
        for exposure, case in lives:
            assert records.exposures.add(exposure, case)


def lives(orders: int, *, challenger: DecideOffer | None = None, synthetic: bool = False) -> Lives:
    kept_by: dict[str, float] = defaultdict(lambda: 0.6, none=0.3)
    found = lived(orders, seed=1, kept_by=kept_by, champion=ENGINE.decide, challenger=challenger)
    return [(replace(exposure, synthetic=synthetic), case) for exposure, case in found]


def ask(*words: str | Path, code: int = 0) -> str:
    result: Result = CliRunner().invoke(commands, ["compensation", *map(str, words)])
    assert result.exit_code == code, result.output
    return result.output


def asked(*words: str | Path, code: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(*words, "--json", code=code))
    return found


def test_the_lift_is_told_with_its_control_its_interval_and_its_money(home: Path) -> None:
    shop(home, lives(800))
    told = ask("lift")
    assert "加急催办加 5 元补偿：给了" in told
    assert "没给" in told
    assert "多留住" in told
    assert "95% 区间" in told
    assert "每单净毛利" in told
    assert "合成" not in told


def test_a_share_without_a_control_is_never_told(home: Path) -> None:
    shop(home, [(each, case) for each, case in lives(300) if each.action != "none"])
    told = ask("lift")
    assert "没有对照，不知道其中多少是补偿留住的" in told
    assert "%" not in told.replace("95%", "")


def test_data_of_the_demo_shop_are_called_synthetic(home: Path) -> None:
    shop(home, lives(300, synthetic=True))
    assert "合成数据，不是真实效果" in ask("lift")
    assert "合成数据，不是真实效果" in ask("evaluate", CATALOG)


def test_the_lift_as_json_has_what_the_words_say(home: Path) -> None:
    shop(home, lives(800))
    found = asked("lift", "--by", "tier")
    assert {row["key"] for row in found["rows"]} == {"regular", "silver", "gold"}
    assert found["total"]["kept"]["low"] < 0.3 < found["total"]["kept"]["high"]
    assert asked("lift", "--since", "2026-01-01")["customers"] == 0


def test_an_empty_shop_is_told_that_there_is_nothing_to_say() -> None:
    assert "没有对照" in ask("lift")
    assert "没有试行中的目录" in ask("lift", "--by", "variant")
    assert "还不能下结论" in ask("evaluate", CATALOG, code=1)


def test_a_catalog_that_was_tried_is_judged_before_it_goes_live(home: Path, cheaper: Path) -> None:
    shop(home, lives(1500, challenger=Engine.from_file(cheaper).decide))
    told = ask("evaluate", cheaper)
    assert "新目录会改变 100% 的决定" in told
    assert "新目录比现目录" in told
    assert "都不给" in told
    found = asked("evaluate", cheaper)
    truth_fen = 0.6 * 200
    assert found["enough"] is True
    assert found["against_now"]["difference"]["low"] < truth_fen < found["against_now"]["difference"]["high"]
    assert found["against_nothing"]["verdict"] == "more"


def test_a_catalog_that_was_never_tried_gets_no_number(home: Path, cheaper: Path) -> None:
    shop(home, lives(1000))
    told = ask("evaluate", cheaper, code=1)
    assert "没有依据" in told
    assert "元" not in told
    assert asked("evaluate", cheaper, code=1)["enough"] is False


def test_a_broken_catalog_is_refused_with_its_place(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(CATALOG.read_text(encoding="utf-8").replace("hold_out: 0.05", "hold_out: 5"), encoding="utf-8")
    result = CliRunner().invoke(commands, ["compensation", "evaluate", str(broken)])
    assert "experiment.hold_out 现为 5" in str(result.exception)


def test_how_many_customers_it_takes_is_told_in_days_as_well() -> None:
    assert "需要 16205 位顾客，其中约 810 位不给补偿，约 82 天" in ask(
        "sample-size", "--kept", "0.4", "--lift", "0.05", "--per-day", "200"
    )
    assert "不能超出 0 到 1" in ask("sample-size", "--kept", "0.9", "--lift", "0.2", code=2)


def test_the_size_of_a_sample_is_told_for_the_hold_out_the_shop_runs_with(monkeypatch: pytest.MonkeyPatch) -> None:
    wished = ("sample-size", "--kept", "0.4", "--lift", "0.05")
    monkeypatch.setenv("TOURNIQUET_HOLD_OUT", "0.5")
    assert ask(*wished) == ask(*wished, "--hold-out", "0.5")
    monkeypatch.delenv("TOURNIQUET_HOLD_OUT")
    assert ask(*wished) == ask(*wished, "--hold-out", "0.05")


def refuse(home: Path, **attributes: object) -> None:
    """One refusal about an order with these attributes."""
    url = f"sqlite:///{home / 'tourniquet.db'}"
    migrate(url)
    at = datetime.now(timezone.utc) - timedelta(hours=1)
    order = replace(placed(), attributes=attributes)
    refusal = Refusal(
        refusal_id="r-1",
        at=at,
        rule="not_worth_it",
        why="不值",
        order_no=order.order_no,
        customer_id=order.customer_id,
        conversation_id="k-1",
        reasons=(),
        catalog_version="1",
    )
    with closing(open_store(url)) as store, store.transaction() as records:
        records.orders.put(order)
        records.refusals.add(refusal)


def test_refusals_are_called_synthetic_only_where_orders_of_the_demo_shop_are_counted(home: Path) -> None:
    assert "合成" not in ask("refused")
    assert "合成" not in ask("fairness")
    refuse(home)
    assert "1 次。" in ask("refused")
    assert "合成" not in ask("refused")
    refuse(home, synthetic=True)
    assert "合成" in ask("refused")


def trying(file: Path, text: str) -> Path:
    """A catalog that puts the one of this text on trial."""
    (file.parent / "spring.yml").write_text(text, encoding="utf-8")
    named = "experiment:\n  challenger: {name: spring, file: spring.yml, share: 0.5}\n"
    file.write_text(CATALOG.read_text(encoding="utf-8").replace("experiment:\n", named), encoding="utf-8")
    return file


def test_a_catalog_is_checked_together_with_the_one_it_puts_on_trial(tmp_path: Path) -> None:
    shipped, file = CATALOG.read_text(encoding="utf-8"), tmp_path / "own.yml"
    assert "试行的 spring.yml 可用" in ask("check", trying(file, shipped))
    told = ask("check", trying(file, shipped.replace("title:", "titel:", 1)), code=1)
    assert "spring.yml 有误" in told
    assert "位置：rows[0].titel" in told
    assert "怎么改：是不是想写 title？" in told
    (tmp_path / "spring.yml").unlink()
    assert "打不开" in ask("check", file, code=1)


def test_every_grouping_can_be_asked_for() -> None:
    assert set(GROUPINGS) == {by.value for by in By}
    for by in GROUPINGS:
        ask("lift", "--by", by)
