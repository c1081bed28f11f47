"""What an operator reads about a catalog before it is put into use."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from service.cli import commands
from tests.unit.compensation_cases import CATALOG

SHIPPED = CATALOG.read_text(encoding="utf-8")


def checked(folder: Path, text: str) -> Result:
    file = folder / "new.yml"
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(commands, ["compensation", "check", str(file)])


def test_a_right_file_is_counted_and_compared_with_the_one_in_use(tmp_path: Path) -> None:
    said = checked(tmp_path, SHIPPED.replace("points: 500", "points: 600"))
    assert said.exit_code == 0
    assert "✔ new.yml 可用：16 个方案，2 条规则，版本 2+" in said.output
    assert "方案「赠送积分」（points）的参数 points：500 → 600" in said.output


def test_a_wrong_file_is_refused_with_place_value_and_remedy(tmp_path: Path) -> None:
    said = checked(tmp_path, SHIPPED.replace("order_margin_share: 0.5", "order_margin_share: 5"))
    assert said.exit_code == 1
    for part in ("✘ new.yml 有误", "位置：caps.order_margin_share", "现状：现为 5", "应为：0 到 1 的数"):
        assert part in said.output


def test_a_file_that_is_no_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    said = checked(tmp_path, "version: [")
    assert (said.exit_code, "位置：第 1 行第 11 列" in said.output) == (1, True)
