"""``tourniquet import``: files of other systems, checked line by line before any of it is written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from integrations.oms import as_promised
from integrations.settings import Settings
from retention.ports import Records
from service.api.customers import CustomerBody
from service.api.events import EventBody
from service.api.fields import Body
from service.api.orders import OrderBody
from service.opened_store import opened_store
from service.problems import path_of

AT_ONCE = 500
SHOWN = 20
JSON_COLUMNS = frozenset({"lines", "attributes", "data"})

Write = Callable[[Records, Sequence[Any]], None]


class ImportFileError(ValueError):
    """Lines of the file cannot be used; nothing was written."""


def import_file(settings: Settings, what: str, file: Path) -> int:
    """Import ``orders``, ``events`` or ``customers`` and return how many rows. Raises ImportFileError."""
    body, write = KINDS[what]
    rows = _checked(file, body, strict=file.suffix != ".csv")
    with opened_store(settings) as store:
        for start in range(0, len(rows), AT_ONCE):
            with store.transaction() as records:
                write(records, rows[start : start + AT_ONCE])
    return len(rows)


def _checked(file: Path, body: type[Body], *, strict: bool) -> list[Body]:
    """Every row, or an error that lists the first wrong ones by line and field."""
    rows: list[Body] = []
    wrong: list[str] = []
    for number, row in _read(file):
        wrong += _wrong_in(row, f"{file.name}:{number}", body, rows, strict=strict)
    if wrong:
        more = f"\n……另有 {len(wrong) - SHOWN} 处" if len(wrong) > SHOWN else ""
        raise ImportFileError("文件里有不能导入的内容，什么都没有写入：\n" + "\n".join(wrong[:SHOWN]) + more)
    return rows


def _wrong_in(row: Mapping[str, Any], where: str, body: type[Body], rows: list[Body], *, strict: bool) -> list[str]:
    """Add the row to ``rows``, or say what is wrong with it."""
    try:
        rows.append(body.model_validate(row, strict=None if strict else False))
    except ValidationError as error:
        return [f"{where}: {path_of(found['loc'])}: {found['msg']}" for found in error.errors()]
    return []


def _read(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if file.suffix == ".jsonl":
        yield from _jsonl(file)
    elif file.suffix == ".csv":
        yield from _csv(file)
    else:
        raise ImportFileError(f"{file.name}：不认识的文件类型，请用 .jsonl 或 .csv")


def _jsonl(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise ImportFileError(f"{file.name}:{number}: 不是 JSON（{error}）") from error


def _csv(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """``address.city`` names a part of ``address``; ``lines``, ``attributes`` and ``data`` hold JSON; empty is absent."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            nested: dict[str, Any] = {}
            for column, value in row.items():
                if column is None or not value:
                    continue
                first, _, rest = column.partition(".")
                try:
                    found = json.loads(value) if column in JSON_COLUMNS else value
                except ValueError as error:
                    raise ImportFileError(f"{file.name}:{reader.line_num}: {column}: 不是 JSON（{error}）") from error
                if rest:
                    nested.setdefault(first, {})[rest] = found
                else:
                    nested[first] = found
            yield reader.line_num, nested


def _put_orders(records: Records, rows: Sequence[OrderBody]) -> None:
    for row in rows:
        records.orders.put(as_promised(row.to_order(), records.orders.changes(row.order_no)))


def _put_customers(records: Records, rows: Sequence[CustomerBody]) -> None:
    for row in rows:
        records.customers.put(row.to_customer(records.customers.find(row.customer_id)))


def _add_events(records: Records, rows: Sequence[EventBody]) -> None:
    records.events.add([row.to_event() for row in rows])


KINDS: Mapping[str, tuple[type[Body], Write]] = {
    "orders": (OrderBody, _put_orders),
    "customers": (CustomerBody, _put_customers),
    "events": (EventBody, _add_events),
}
