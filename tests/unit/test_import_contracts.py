"""The import contracts are kept, and a planted violation of each kind is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["root_packages"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("retention/order.py", "import integrations.oms", "Direction"),
        ("compensation/engine.py", "import risk.model", "Direction"),
        ("risk/features.py", "import rootcause.nodes", "Direction"),
        ("integrations/oms.py", "import service.app", "Direction"),
        ("retention/desk.py", "import rasa", "rasa only in"),
        ("service/app.py", "import sqlalchemy", "sqlalchemy only in"),
        ("integrations/wiring.py", "import fastapi", "fastapi and pydantic only in"),
        ("policies/interception.py", "import rasa_sdk", "rasa_sdk only in"),
        ("service/gateway.py", "import torch", "torch and its kin"),
    ],
)
def test_a_planted_violation_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    target = copy / file
    code = target.read_text(encoding="utf-8")
    target.write_text(
        code.replace("from __future__ import annotations\n", f"from __future__ import annotations\n{line}\n")
    )
    done = lint(copy)
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert len(broken) == 1, done.stdout
    assert broken[0].startswith(contract)


def test_the_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
