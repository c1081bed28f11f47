"""The processes of a start: none outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.children import Children

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable, "-uc", "import signal, time; signal.signal(15, signal.SIG_IGN); print('up'); time.sleep(600)"
]  # fmt: skip
WITH_GRANDCHILD = [
    sys.executable,
    "-uc",
    "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid); sys.stdin.read(); import time; time.sleep(600)",
]
PARENT = """
import sys
from pathlib import Path
from service.children import Children
with Children() as children:
    child = children.start("child", ["sleep", "600"], cwd=Path("."), env={"PATH": "/usr/bin:/bin"})
    print(child.process.pid, flush=True)
    child.process.wait()
"""


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pid: int) -> None:
    """For one that is not ours to wait for; the test's time limit ends it."""
    while is_alive(pid):
        time.sleep(0.01)


def wait_for_line(log: Path) -> str:
    while not log.exists() or not log.read_text(encoding="utf-8").endswith("\n"):
        time.sleep(0.01)
    return log.read_text(encoding="utf-8").strip()


def test_leaving_ends_every_child(tmp_path: Path) -> None:
    with Children() as children:
        pids = [children.start("sleep", SLEEP, cwd=tmp_path, env=os.environ).process.pid for _ in range(3)]
        assert all(map(is_alive, pids))
    assert not any(map(is_alive, pids))


def test_leaving_by_an_error_ends_every_child_too(tmp_path: Path) -> None:
    children = Children()
    pid = children.start("sleep", SLEEP, cwd=tmp_path, env=os.environ).process.pid
    with pytest.raises(RuntimeError), children:
        raise RuntimeError
    assert not is_alive(pid)


def test_a_childs_own_children_end_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Children() as children:
        children.start("parent", WITH_GRANDCHILD, cwd=tmp_path, env=os.environ, log=log)
        grandchild = int(wait_for_line(log))
        assert is_alive(grandchild)
    wait_for_end(grandchild)


def test_a_child_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.children.PATIENCE_S", 0.1)
    log = tmp_path / "log"
    with Children() as children:
        pid = children.start("stubborn", STUBBORN, cwd=tmp_path, env=os.environ, log=log).process.pid
        wait_for_line(log)
    assert not is_alive(pid)


def test_a_child_that_ends_by_itself_is_found_with_its_last_words(tmp_path: Path) -> None:
    with Children() as children:
        children.start("sleep", SLEEP, cwd=tmp_path, env=os.environ)
        assert children.ended() is None
        words = [sys.executable, "-c", "print('no model'); raise SystemExit(3)"]
        dying = children.start("dying", words, cwd=tmp_path, env=os.environ, log=tmp_path / "log")
        dying.process.wait()
        found = children.ended()
        assert found is dying
        assert found.process.returncode == 3
        assert found.last_words() == "no model\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_a_killed_start_leaves_no_orphan(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_for_end(child)
