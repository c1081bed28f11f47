"""What the doctor says of a shop on a machine where nothing is trained and nothing runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from integrations.passwords import Argon2Passwords
from integrations.settings import Settings, load
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.accounts import Accounts
from service import doctor
from service.doctor import examine
from service.first_people import first_people
from service.sandbox import free_ports

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a demo shop with its people."""
    made = replace(load({"TOURNIQUET_HOME": str(tmp_path)}), port=free_ports(1)[0])
    migrate(made.database_url)
    for associate in first_people(demo=True):
        accounts(made).add(associate, made.secrets.console_password, actor="system")
    return made


def accounts(settings: Settings) -> Accounts:
    return Accounts(store=open_store(settings.database_url), passwords=Argon2Passwords(), clock=lambda: NOW)


def said_by_doctor(settings: Settings) -> list[str]:
    printed = StringIO()
    examine(settings, Console(file=printed, width=200))
    return [line for line in printed.getvalue().splitlines() if "初始密码" in line]


def test_demo_people_who_still_share_their_first_password_are_named(settings: Settings) -> None:
    [line] = said_by_doctor(settings)
    assert "小林、小周、老陈" in line
    assert line.startswith("!"), "a shop tried on its own machine may leave it so"


@pytest.mark.parametrize("more", [{"host": "0.0.0.0"}, {"demo": False}])
def test_where_others_come_in_a_shared_password_has_to_go(settings: Settings, more: dict[str, object]) -> None:
    [line] = said_by_doctor(replace(settings, **more))  # type: ignore[arg-type]
    assert line.startswith("✘")


def test_who_changed_the_password_or_may_not_log_in_is_not_named(settings: Settings) -> None:
    first = settings.secrets.console_password
    accounts(settings).change_password("小林", first, "own-password-1")
    accounts(settings).change("小周", lambda each: replace(each, active=False), actor="cli")
    [line] = said_by_doctor(settings)
    assert "演示账号老陈还在" in line
    accounts(settings).reset_password("老陈", "own-password-2", actor="cli")
    assert said_by_doctor(settings) == []


def test_a_guard_that_is_wrong_is_named_with_its_place(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "guard.yml"
    wrong.write_text("version: 1", encoding="utf-8")
    monkeypatch.setattr(doctor, "GUARD", wrong)
    printed = StringIO()
    examine(settings, Console(file=printed, width=200))
    [line] = [line for line in printed.getvalue().splitlines() if "防护规则" in line]
    assert line.startswith("✘")
    assert "没有写" in line
