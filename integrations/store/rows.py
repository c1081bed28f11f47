"""How a value lies in its table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from sqlalchemy import JSON, Connection, Executable, Select, Table, select

from integrations.codec import decoder, encode

T = TypeVar("T")


class Shape(Generic[T]):
    """A frozen dataclass and the table that has a column for every field of it."""

    def __init__(self, kind: type[T], table: Table) -> None:
        hints = get_type_hints(kind)
        self.table = table
        self.names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]
        self._kind = kind
        self._columns = tuple(table.c[name] for name in self.names)
        self._nested = frozenset(name for name in self.names if isinstance(table.c[name].type, JSON))
        # the driver already gives instants, numbers and text as they are; JSON and enums it does not know
        coded = [name for name in self.names if name in self._nested or _is_enum(hints[name])]
        self._readers = tuple((name, decoder(hints[name])) for name in coded)

    def select(self) -> Select[Any]:
        return select(*self._columns)

    def row(self, value: T) -> dict[str, Any]:
        """The value as parameters of an insert or update."""
        return {name: encode(item) if name in self._nested else _plain(item) for name, item in vars(value).items()}

    def value(self, row: Iterable[Any]) -> T:
        """The value of a row selected with ``select()``."""
        found = dict(zip(self.names, row, strict=True))
        for name, read in self._readers:
            found[name] = read(found[name])
        return self._kind(**found)

    def first(self, connection: Connection, statement: Executable, **parameters: object) -> T | None:
        row = connection.execute(statement, parameters).first()
        return None if row is None else self.value(row)

    def all(self, connection: Connection, statement: Executable, **parameters: object) -> tuple[T, ...]:
        return tuple([self.value(row) for row in connection.execute(statement, parameters)])


def _is_enum(hint: object) -> bool:
    """Also one that may be None."""
    return any(hasattr(part, "__members__") for part in (hint, *get_args(hint)))


def _plain(item: Any) -> Any:
    return getattr(item, "value", item)
