"""How far an import has come, so that one that was cut off goes on there. Kept in the home folder, gone when it is done.

A checkpoint is written after the lines it speaks of. Cut off between the two, some lines are written again, which changes
nothing: an event counts once, an order and a customer are replaced by themselves.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from service.importing.row import ImportFileError, Place

FOLDER = "imports"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """``last_key`` is of the last line written: a database that does not know it is another one, or an older one.

    ``reject_file`` holds ``reject_bytes`` of what was set aside up to here.
    """

    line: int = 0
    position: int = 0
    read: int = 0
    written: int = 0
    rejected: int = 0
    reject_file: str
    reject_bytes: int = 0
    last_key: str = ""

    @property
    def place(self) -> Place:
        return Place(line=self.line, position=self.position)


class CheckpointFile:
    """Of one content for one database."""

    def __init__(self, home: Path, *, what: str, digest: str, database_url: str) -> None:
        key = hashlib.sha256("\n".join((what, digest, database_url)).encode()).hexdigest()[:16]
        self._file = home / FOLDER / f"{what}-{key}.json"
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises ImportFileError while another process imports the same."""
        with self._file.with_suffix(".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as taken:
                raise ImportFileError("另一个进程正在导入这个文件，请等它结束。") from taken
            yield

    def load(self) -> Checkpoint | None:
        """None when there is none that can be used."""
        try:
            return Checkpoint(**json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError):
            return None

    def save(self, checkpoint: Checkpoint) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(checkpoint), ensure_ascii=False), encoding="utf-8")
        os.replace(fresh, self._file)

    def forget(self) -> None:
        for suffix in (".json", ".lock"):
            self._file.with_suffix(suffix).unlink(missing_ok=True)
