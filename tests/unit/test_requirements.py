"""The hashed requirement files say what pyproject.toml says; `make lock` writes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[2]
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+?)(?:;|\s|\\|$)", re.MULTILINE)


def _pins(text: str) -> dict[str, str]:
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in PIN.findall(text)}


def _locked(group: str) -> str:
    return (ROOT / "requirements" / f"{group}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("group", GROUPS)
def test_every_direct_requirement_is_locked_at_its_pin(group: str) -> None:
    wanted = _pins("\n".join(GROUPS[group]))
    locked = _pins(_locked(group))
    assert len(wanted) == len(GROUPS[group]), "every direct requirement is pinned with =="
    assert {name: locked.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("group", GROUPS)
def test_every_locked_requirement_has_a_hash_and_no_file_names_an_index(group: str) -> None:
    text = _locked(group)
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in re.sub(r"#.*", "", text)
    assert "--index" not in text


def test_the_service_and_its_tests_agree_on_every_version() -> None:
    app, dev = _pins(_locked("app")), _pins(_locked("dev"))
    assert {name: dev[name] for name in app.keys() & dev.keys()} == {
        name: app[name] for name in app.keys() & dev.keys()
    }
