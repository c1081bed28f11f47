"""Passwords are kept so that nobody can read them, and what is decided between two transactions still holds in the second."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from integrations.memory.store import MemoryStore
from integrations.passwords import Argon2Passwords
from integrations.settings import load
from integrations.store.engine import open_store
from retention.accounts import Accounts
from retention.associate import Associate, Role
from retention.console_ports import Passwords
from retention.errors import LastAdminError
from service.cli import commands

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WANG = Associate(name="小王", display="小王", role=Role.AGENT, skills=(), capacity=5, active=True)
BOSS = replace(WANG, name="admin", role=Role.ADMIN)
PASSWORD, OTHER = "first-password", "second-password"


class Interrupted(Passwords):
    """Passwords in the clear, and something that happens while one is being looked at."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None

    def hashed(self, password: str) -> str:
        return f"#{password}"

    def fits(self, password_hash: str, password: str) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return password_hash == f"#{password}"

    def is_outdated(self, password_hash: str) -> bool:
        return False


def accounts_with(passwords: Passwords) -> tuple[Accounts, MemoryStore]:
    store = MemoryStore()
    accounts = Accounts(store=store, passwords=passwords, clock=lambda: NOW)
    for associate in (BOSS, WANG):
        accounts.add(associate, PASSWORD, actor="system")
    return accounts, store


def test_a_password_fits_its_own_hash_alone_and_never_hashes_alike() -> None:
    passwords = Argon2Passwords(QUICK)
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first != second
    assert PASSWORD not in first
    assert passwords.fits(first, PASSWORD)
    assert not passwords.fits(first, OTHER)
    assert not passwords.fits("no hash at all", PASSWORD)


def test_a_hash_made_more_cheaply_is_made_anew_at_the_next_login() -> None:
    _, store = accounts_with(Argon2Passwords(QUICK))
    dearer = Argon2Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    later = Accounts(store=store, passwords=dearer, clock=lambda: NOW)
    assert later.sign_in(WANG.name, PASSWORD) is not None
    with store.transaction() as records:
        kept = records.associates.password_hash(WANG.name)
    assert kept is not None
    assert not dearer.is_outdated(kept)
    assert later.sign_in(WANG.name, PASSWORD) is not None


def test_whoever_is_shut_out_while_their_password_is_looked_at_does_not_get_in() -> None:
    passwords = Interrupted()
    accounts, _ = accounts_with(passwords)
    passwords.meanwhile = lambda: accounts.change("小王", lambda one: replace(one, active=False), actor="cli")
    assert accounts.sign_in("小王", PASSWORD) is None


@pytest.mark.parametrize("again", [PASSWORD, OTHER])
def test_a_password_that_was_reset_while_it_was_looked_at_is_not_worth_anything(again: str) -> None:
    passwords = Interrupted()
    accounts, _ = accounts_with(passwords)
    passwords.meanwhile = lambda: accounts.reset_password("小王", OTHER, actor="cli")
    assert accounts.change_password("小王", PASSWORD, "third-password") is None
    assert (accounts.sign_in("小王", again) is not None) is (again == OTHER)


def test_a_change_that_changes_nothing_is_not_on_record() -> None:
    accounts, store = accounts_with(Interrupted())
    accounts.change("小王", lambda one: one, actor="cli")
    with store.transaction() as records:
        assert [entry.act for entry in records.audit.about("associate:小王")] == ["associate_added"]


def test_a_refused_change_leaves_everything_as_it_was() -> None:
    accounts, store = accounts_with(Interrupted())
    with pytest.raises(LastAdminError):
        accounts.change("admin", lambda one: replace(one, role=Role.AGENT), actor="cli")
    with store.transaction() as records:
        assert records.associates.find("admin") == BOSS


def test_a_token_is_not_readable_in_the_store() -> None:
    accounts, store = accounts_with(Interrupted())
    signed_in = accounts.sign_in("小王", PASSWORD)
    assert signed_in is not None
    with store.transaction() as records:
        assert signed_in[1] not in repr(vars(records.sign_ins))


def test_accounts_are_kept_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path))
    added = told("associate", "add", "li01", "--display", "小李", "--role", "admin", "--skill", "退款")
    password = added.strip()
    assert len(password) >= 12
    told("associate", "add", "zhou01")
    told("associate", "disable", "zhou01")
    listed = told("associate", "list").splitlines()
    assert listed == ["li01  小李  admin", "zhou01  zhou01  agent（已停用）"]
    store = open_store(load().database_url)
    accounts = Accounts(store=store, passwords=Argon2Passwords(), clock=lambda: NOW)
    assert accounts.sign_in("li01", password) is not None
    store.close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "li01"), "账号 li01 已经有了"),
        (("disable", "li01"), "至少要保留一个启用的管理员账号"),
        (("disable", "nobody"), "没有账号 nobody"),
        (("add", "li 01"), "最多 32 个字"),
    ],
)
def test_what_the_command_line_cannot_do_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.setenv("TOURNIQUET_HOME", str(tmp_path))
    told("associate", "add", "li01", "--role", "admin")
    result = CliRunner().invoke(commands, ["associate", *arguments])
    assert result.exit_code != 0
    assert words in result.output


@pytest.mark.parametrize(
    ("name", "examples"), [("retention.canned", 2), ("service.found", 1), ("service.console_canned", 1)]
)
def test_the_examples_are_true(name: str, examples: int) -> None:
    assert doctest.testmod(importlib.import_module(name)) == (0, examples)


def told(*arguments: str) -> str:
    """What the command says; ``rich`` writes to the console made when the module was loaded."""
    result = CliRunner().invoke(commands, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output
