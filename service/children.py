"""The processes a start consists of: none outlives us, and when one ends we say which and why."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PATIENCE_S = 10.0
"""How long a process may take to end itself before it is ended."""
LAST_LINES = 12
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


@dataclass(frozen=True, kw_only=True)
class Child:
    name: str
    process: subprocess.Popen[bytes]
    command: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log: Path | None

    def last_words(self) -> str:
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, maxlen=LAST_LINES))


class Children:
    """Use as a context: leaving it, in whatever way, ends every process that was started."""

    def __init__(self) -> None:
        self._children: list[Child] = []

    def start(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path | None = None
    ) -> Child:
        """``log`` None shares our own terminal. A group of its own keeps Ctrl-C ours to pass on."""
        output: IO[bytes] | None = log.open("ab") if log else None
        try:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        finally:
            if output:
                output.close()
        child = Child(name=name, process=process, command=command, cwd=cwd, env=env, log=log)
        self._children.append(child)
        return child

    def ended(self) -> Child | None:
        """The first one found to have ended by itself."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def again(self, child: Child) -> Child:
        """Start one anew that has ended."""
        self.forget(child)
        return self.start(child.name, child.command, cwd=child.cwd, env=child.env, log=child.log)

    def forget(self, child: Child) -> None:
        """One that was meant to end."""
        self._children.remove(child)

    def __enter__(self) -> Children:
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            _signal(child, signal.SIGTERM)
        until = time.monotonic() + PATIENCE_S
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                child.process.wait()
            _signal(child, signal.SIGKILL)  # whatever it left behind in its group
        self._children.clear()


def _signal(child: Child, number: signal.Signals) -> None:
    try:
        os.killpg(child.process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    """Linux ends the child when we are killed without a chance to end it ourselves."""
    ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
