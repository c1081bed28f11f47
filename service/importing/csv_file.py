"""CSV with a header. A record whose quotes do not fit costs its first line only: reading goes on with the next one."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from service.importing.cells import CellError, nested
from service.importing.row import ImportFileError, Place, Row, Wrong
from service.importing.text_lines import LONGEST, TextLine, text_lines

MOST_LINES = 100
"""Of one record: a cell may hold line breaks, a quote that was never closed must not swallow the file."""

csv.field_size_limit(LONGEST)


class _TooLongError(csv.Error):
    """more lines than a record may have"""


class _Pages:
    """Physical lines for the csv module, remembered so that those of a broken record can be read again."""

    def __init__(self, lines: Iterator[TextLine]) -> None:
        self._lines = lines
        self._again: deque[TextLine] = deque()
        self.taken: list[TextLine] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) == MOST_LINES:
            raise _TooLongError
        line = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(line)
        return line.text

    def begin(self) -> None:
        self.taken = []

    def give_back(self) -> None:
        """All lines of this record but its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def csv_rows(
    stream: BinaryIO, encoding: str, begin: int, place: Place, check: Callable[[Sequence[str]], None]
) -> Iterator[Row]:
    """``check`` raises for a header that cannot be used. Empty lines are passed over."""
    header, after = _header(stream, encoding, begin)
    check(header)
    pages = _Pages(text_lines(stream, encoding, place if place.line else after))
    reader = csv.reader(pages, strict=True)
    while True:
        pages.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            first = pages.taken[0]
            pages.give_back()
            yield _refused(first, first.wrong or _words(error))
            continue
        if bad := next((line for line in pages.taken if line.wrong), None):
            pages.give_back()
            yield _refused(pages.taken[0], bad.wrong)
        elif cells:
            yield _row(header, cells, pages.taken)


def _header(stream: BinaryIO, encoding: str, begin: int) -> tuple[list[str], Place]:
    pages = _Pages(text_lines(stream, encoding, Place(position=begin)))
    try:
        cells = next(csv.reader(pages, strict=True), [])
    except csv.Error as error:
        raise ImportFileError(f"表头读不了：{_words(error)}") from error
    if any(line.wrong for line in pages.taken) or not any(cell.strip() for cell in cells):
        raise ImportFileError("第一行应当是列名，现在读不了或是空行")
    return [cell.strip() for cell in cells], pages.taken[-1].after


def _row(header: Sequence[str], cells: Sequence[str], taken: Sequence[TextLine]) -> Row:
    first, after = taken[0], taken[-1].after
    raw: dict[str, object] = dict(zip(header, cells, strict=False))
    if len(cells) != len(header):
        reason = f"有 {len(cells)} 格，表头有 {len(header)} 列"
        raw |= {"": cells[len(header) :]} if len(cells) > len(header) else {}
        return Row(line=first.number, after=after, raw=raw, values={}, wrong=Wrong(field="", reason=reason))
    try:
        return Row(line=first.number, after=after, raw=raw, values=nested(raw))
    except CellError as error:
        return Row(line=first.number, after=after, raw=raw, values={}, wrong=error.wrong)


def _refused(line: TextLine, reason: str) -> Row:
    wrong = Wrong(field="", reason=reason)
    return Row(line=line.number, after=line.after, raw=line.text.rstrip("\r\n"), values={}, wrong=wrong)


def _words(error: csv.Error) -> str:
    if isinstance(error, _TooLongError) or "unexpected end of data" in str(error):
        return "引号没有闭合"
    if "field larger" in str(error):
        return f"一格超过 {LONGEST // 1024} KiB，多半是引号没有闭合"
    return f"引号写法不对：格里有引号时，整格加引号，里面的写两个（{error}）"
