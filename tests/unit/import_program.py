"""A process that imports a file and kills itself at a chosen moment: PLACE:N, its N-th time there."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from integrations.settings import load
from service.importing import run
from service.importing.checkpoint import CheckpointFile
from service.importing.reject_file import RejectFile


def _dying(place: str, after: bool, work: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def done(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        found = work(*given, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    return done


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started us deaf to it
    what, file, moment = sys.argv[1:]
    place, _, times = moment.partition(":")
    left = [int(times or 0)]
    if place == "written":  # in the database, and nothing noted of it
        RejectFile.add = _dying(place, False, RejectFile.add, left)  # type: ignore[method-assign]
    elif place == "set_aside":
        CheckpointFile.save = _dying(place, False, CheckpointFile.save, left)  # type: ignore[method-assign]
    elif place == "noted":
        CheckpointFile.save = _dying(place, True, CheckpointFile.save, left)  # type: ignore[method-assign]
    elif place == "interrupted":
        CheckpointFile.save = _interrupted(CheckpointFile.save, left)  # type: ignore[method-assign]
    run.import_file(load(), what, Path(file))


def _interrupted(work: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def done(*given: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            signal.raise_signal(signal.SIGINT)
        return work(*given)

    return done


if __name__ == "__main__":
    main()
