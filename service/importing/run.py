"""The import itself: a thousand lines at a time are checked, written in one transaction, and noted as done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from integrations.settings import Settings
from retention.ports import Store
from service.api.fields import Body
from service.importing.checkpoint import FOLDER, Checkpoint, CheckpointFile
from service.importing.kinds import KINDS, Kind
from service.importing.reasons import wrongs_of
from service.importing.reject_file import RejectFile, free_path
from service.importing.row import Place, Reject, Row, Wrong
from service.importing.source import Source, open_source
from service.opened_store import opened_store

AT_ONCE = 1_000
SHOWN = 20

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far an import is: ``share`` of the file; ``resumed_at`` is the line an earlier run had come to."""

    read: int
    written: int
    rejected: int
    share: float
    resumed_at: int = 0


@dataclass(frozen=True, kw_only=True)
class Imported:
    """``first`` are some of the rejects of this run; ``reject_file`` holds all, when there are any."""

    words: str
    standing: Standing
    first: tuple[Reject, ...]
    reject_file: Path | None = None


Progress = Callable[[Standing], None]


def check_file(what: str, file: Path, *, progress: Progress = lambda _: None) -> Imported:
    """Read everything and write nothing. Whether an event's id is taken only the database knows, and is not asked.

    Raises ImportFileError when the file as a whole cannot be read.
    """
    kind, first = KINDS[what], list[Reject]()
    source = open_source(file, kind)
    standing = Standing(read=0, written=0, rejected=0, share=0.0)
    for rows in _batches(source.rows(Place())):
        good, bad = _sorted(kind, rows)
        first += bad[: SHOWN - len(first)]
        standing = replace(
            standing,
            read=standing.read + len(rows),
            written=standing.written + len(good),
            rejected=standing.rejected + len(bad),
            share=rows[-1].after.position / source.size,
        )
        progress(standing)
    return Imported(words=source.words, standing=standing, first=tuple(first))


def import_file(settings: Settings, what: str, file: Path, *, progress: Progress = lambda _: None) -> Imported:
    """Import ``orders``, ``events`` or ``customers``; what is wrong is set aside in a file of its own.

    Cut off and called again, it goes on where it was. Raises ImportFileError when the file as a whole cannot be read,
    StoreBusyError when the database is away.
    """
    kind = KINDS[what]
    source = open_source(file, kind)
    notes = CheckpointFile(settings.home, what=what, digest=source.digest, database_url=settings.database_url)
    with notes.held(), opened_store(settings) as store:
        begin = _begin(notes, kind, store) or Checkpoint(
            reject_file=str(free_path(file.absolute(), settings.home / FOLDER))
        )
        run = _Run(kind=kind, source=source, store=store, notes=notes, rejects=RejectFile(Path(begin.reject_file)))
        return run.whole(begin, progress)


@dataclass(frozen=True, kw_only=True)
class _Run:
    kind: Kind
    source: Source
    store: Store
    notes: CheckpointFile
    rejects: RejectFile

    def whole(self, begin: Checkpoint, progress: Progress) -> Imported:
        self.notes.save(begin)  # before anything is set aside, so that a second try finds its own file
        self.rejects.cut(begin.reject_bytes)
        now, first = begin, list[Reject]()
        for rows in _batches(self.source.rows(begin.place)):
            now, rejects = self._batch(now, rows)
            first += rejects[: SHOWN - len(first)]
            progress(self._standing(now, begin))
        self.notes.forget()
        return Imported(
            words=self.source.words,
            standing=self._standing(now, begin),
            first=tuple(first),
            reject_file=self.rejects.path if now.rejected else None,
        )

    def _batch(self, before: Checkpoint, rows: Sequence[Row]) -> tuple[Checkpoint, Sequence[Reject]]:
        good, bad = _sorted(self.kind, rows)
        with self.store.transaction() as records:
            refused = self.kind.write(records, [body for _, body in good])
        taken = [_reject(good[place][0], self.kind.key, reason) for place, reason in refused.items()]
        rejects = sorted([*bad, *taken], key=lambda reject: reject.line)
        after = Checkpoint(
            line=rows[-1].after.line,
            position=rows[-1].after.position,
            read=before.read + len(rows),
            written=before.written + len(good) - len(taken),
            rejected=before.rejected + len(rejects),
            reject_file=before.reject_file,
            reject_bytes=self.rejects.add(rejects),
            last_key=getattr(good[-1][1], self.kind.key) if good else before.last_key,
        )
        self.notes.save(after)
        return after, rejects

    def _standing(self, now: Checkpoint, begin: Checkpoint) -> Standing:
        return Standing(
            read=now.read,
            written=now.written,
            rejected=now.rejected,
            share=now.position / self.source.size if self.source.size else 1.0,
            resumed_at=begin.line,
        )


def _begin(notes: CheckpointFile, kind: Kind, store: Store) -> Checkpoint | None:
    """Where an earlier run was cut off. One whose last line the database does not know counts for nothing but its
    reject file: what was written then is gone."""
    found = notes.load()
    if found is None or not found.last_key:
        return found and Checkpoint(reject_file=found.reject_file)
    with store.transaction() as records:
        known = kind.has(records, found.last_key)
    return found if known else Checkpoint(reject_file=found.reject_file)


def _sorted(kind: Kind, rows: Sequence[Row]) -> tuple[list[tuple[Row, Body]], list[Reject]]:
    good: list[tuple[Row, Body]] = []
    bad: list[Reject] = []
    for row in rows:
        if row.wrong is not None:
            bad.append(_reject(row, row.wrong.field, row.wrong.reason))
            continue
        try:
            good.append((row, kind.body.model_validate(row.values, strict=None if row.typed else False)))
        except ValidationError as error:
            bad.append(Reject(line=row.line, errors=wrongs_of(error), raw=row.raw))
    return good, bad


def _reject(row: Row, field: str, reason: str) -> Reject:
    return Reject(line=row.line, errors=(Wrong(field=field, reason=reason),), raw=row.raw)


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    going: Any = iter(rows)
    while batch := list(islice(going, AT_ONCE)):
        yield batch
