"""A file to import, whichever kind it is, looked through before anything of it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from service.importing.cells import check_columns
from service.importing.csv_file import csv_rows
from service.importing.json_file import json_rows
from service.importing.kinds import Kind
from service.importing.parquet_file import count_rows, digest_of, parquet_rows
from service.importing.row import ImportFileError, Place, Row
from service.importing.survey import Told, opened, survey

TEXTS = (".csv", ".jsonl")
ENDINGS = ".csv、.jsonl（也可压缩为 .gz）或 .parquet"


@dataclass(frozen=True, kw_only=True)
class Source:
    """``size`` is its length in the unit of ``Place.position``; ``words`` say in Chinese how it is read."""

    words: str
    digest: str
    size: int
    rows: Callable[[Place], Iterator[Row]]


def open_source(file: Path, kind: Kind, told: Told = lambda _: None) -> Source:
    """Raises ImportFileError for what is no file of a known kind, is empty or cannot be read."""
    if file.is_dir():
        raise ImportFileError(f"{file.name} 是文件夹，请写一个文件")
    if not file.exists():
        raise ImportFileError(f"没有文件 {file}")
    if not file.is_file():
        raise ImportFileError(f"{file.name} 不是普通文件，中断后没法接着读；请先存成文件")
    ending = file.with_suffix("").suffix if file.suffix == ".gz" else file.suffix
    if ending in TEXTS:
        return _text(file, kind, ending, told)
    if file.suffix == ".parquet":
        return _parquet(file, kind)
    raise ImportFileError(f"{file.name}：不认识的文件类型，请用 {ENDINGS}")


def _check(file: Path, kind: Kind) -> Callable[[Sequence[str]], None]:
    return lambda columns: check_columns(file.name, columns, kind.columns, kind.needed)


def _text(file: Path, kind: Kind, ending: str, told: Told) -> Source:
    found = survey(file, told)

    def rows(place: Place) -> Iterator[Row]:
        with opened(file) as stream:
            if ending == ".csv":
                yield from csv_rows(stream, found.encoding, found.begin, place, _check(file, kind))
            else:
                begin = place if place.line else Place(position=found.begin)
                yield from json_rows(stream, found.encoding, begin)

    words = f"{ending[1:].upper()}，{found.encoding.upper()} 编码"
    return Source(words=words, digest=found.digest, size=found.bytes, rows=rows)


def _parquet(file: Path, kind: Kind) -> Source:
    return Source(
        words="Parquet",
        digest=digest_of(file),
        size=count_rows(file),
        rows=lambda place: parquet_rows(file, place, _check(file, kind)),
    )
