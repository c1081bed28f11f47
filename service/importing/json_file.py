"""JSONL: one object a line. The lines of a reject file are read too: what is imported of them is their ``row``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from pydantic_core import from_json

from service.importing.cells import CellError, nested
from service.importing.row import Place, Row, Wrong
from service.importing.text_lines import TextLine, text_lines

REJECT_KEYS = {"line", "errors", "row"}


def json_rows(stream: BinaryIO, encoding: str, place: Place) -> Iterator[Row]:
    """Blank lines are passed over."""
    for line in text_lines(stream, encoding, place):
        if line.text.strip():
            yield _row(line)


def _row(line: TextLine) -> Row:
    if line.wrong:
        return _refused(line, line.wrong)
    try:
        found: Any = from_json(line.text, allow_inf_nan=False)
        if isinstance(found, dict) and found.keys() == REJECT_KEYS:
            return _corrected(line, found["row"])
    except (ValueError, RecursionError) as problem:
        return _refused(line, f"不是 JSON（{problem}）")
    if not isinstance(found, dict):
        return _refused(line, "一行应当是一个 JSON 对象，写在 { } 里")
    return Row(line=line.number, after=line.after, raw=found, values=found, typed=True)


def _corrected(line: TextLine, raw: Any) -> Row:
    """A row set aside earlier: the cells of a table, an object, or the text of a line that was no JSON."""
    found = from_json(raw, allow_inf_nan=False) if isinstance(raw, str) else raw
    if not isinstance(found, dict):
        return _refused(line, "row 应当是一个 JSON 对象", raw)
    try:
        return Row(line=line.number, after=line.after, raw=raw, values=nested(found))
    except CellError as error:
        return Row(line=line.number, after=line.after, raw=raw, values={}, wrong=error.wrong)


def _refused(line: TextLine, reason: str, raw: Any = None) -> Row:
    raw = line.text.rstrip("\r\n") if raw is None else raw
    return Row(line=line.number, after=line.after, raw=raw, values={}, wrong=Wrong(field="", reason=reason))
