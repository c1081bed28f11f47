"""What was not imported, one JSON object a line: ``line``, ``errors`` (``field``, ``reason``) and the ``row`` as it was.

Correct the rows and import the file by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from service.importing.row import Reject

SUFFIX = ".rejects"


class RejectFile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def cut(self, size: int) -> None:
        """Back to what a checkpoint speaks of."""
        if self.path.exists():
            os.truncate(self.path, size)

    def add(self, rejects: Sequence[Reject]) -> int:
        """Append; returns how long the file is now."""
        if not rejects:
            return self.path.stat().st_size if self.path.exists() else 0
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)  # people's addresses are in it
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            for reject in rejects:
                errors = [asdict(wrong) for wrong in reject.errors]
                line = {"line": reject.line, "errors": errors, "row": reject.raw}
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        return self.path.stat().st_size


def free_path(file: Path, otherwise: Path) -> Path:
    """Beside the file where that may be written, else in a folder of ours; never over one that is being corrected."""
    folder = file.parent if os.access(file.parent, os.W_OK) else otherwise
    number, path = 1, folder / f"{file.name}{SUFFIX}.jsonl"
    while path.exists():
        number += 1
        path = folder / f"{file.name}{SUFFIX}-{number}.jsonl"
    return path
