"""A file of the shop's rules as it last was right: read again when it changes, and what it said before kept when it is wrong."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import ClassVar

from retention.audit import AuditEntry
from retention.ports import Clock, Records


class LiveFile(ABC):
    """``problem`` says in Chinese why the file as it is now is not used, or is None. ``title`` is what people call the file,
    ``complaint`` what is raised for bad rows.
    """

    title: ClassVar[str]
    complaint: ClassVar[type[ValueError]]

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = Lock()
        self._seen: str | None = None  # the digest of the content last looked at
        self.problem: str | None = None

    @property
    @abstractmethod
    def version(self) -> str:
        """Of what is in force."""

    def refresh(self) -> bool:
        """Read the file, and take what it says when that is new and right; whether it was taken.

        Raises StoreBusyError; then the next call tries again.
        """
        with self._lock:
            try:
                content = self._file.read_bytes()
            except OSError as error:
                self._seen, self.problem = None, self._refusal(f"{self._file.name} 打不开（{error.strerror}）")
                return False
            digest = self._digest(content)
            if digest == self._seen:
                return False
            taken = self._take(content)
            self._seen = digest
            return taken

    def _digest(self, content: bytes) -> str:
        total = hashlib.sha256(content)
        for beside in self._beside():
            total.update(hashlib.sha256(_content(beside)).digest())
        return total.hexdigest()

    def _beside(self) -> Sequence[Path]:
        """Other files that what is in force was read from."""
        return ()

    def _take(self, content: bytes) -> bool:
        try:
            taken = self._use(content)
        except self.complaint as error:
            self.problem = self._refusal(str(error))
            return False
        self.problem = None
        return taken

    @abstractmethod
    def _use(self, content: bytes) -> bool:
        """Put in force what the content says, and tell the log; whether that is new. Raises ``complaint``."""

    def _refusal(self, why: str) -> str:
        return f"{self.title}有误，没有启用，仍按 {self.version} 执行：{why}。改正并保存后几秒内生效"


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def tell_loaded(
    records: Records, kind: str, *, old: str | None, new: str, changes: Sequence[str], clock: Clock
) -> None:
    """Write to the audit log that a version was put in force, unless another process, or the last start, told so first."""
    if _is_told(records, kind, old, new):
        return
    versions: Mapping[str, str] = {kind: new} if old is None else {kind: new, "before": old}
    records.audit.add(
        AuditEntry(
            at=clock(),
            actor="system",
            act=f"{kind}_loaded",
            subject=f"{kind}:{new}",
            why="；".join(changes) or ("启动时读入" if old is None else "只改了注释或版本号"),
            versions=versions,
        )
    )


def _is_told(records: Records, kind: str, old: str | None, new: str) -> bool:
    loads = records.audit.about(f"{kind}:{new}")
    if not loads or old is None:
        return bool(loads)
    before = records.audit.about(f"{kind}:{old}")
    return bool(before) and before[-1].seq < loads[-1].seq
