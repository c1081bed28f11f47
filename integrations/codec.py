"""Frozen dataclasses to plain JSON values and back, by their annotations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timezone
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Decode = Callable[[Any], Any]

PLAIN = (str, int, float, bool, type(None))


def encode(value: object) -> Any:
    """What ``json.dumps`` can write: enums by value, instants as ISO 8601 in UTC, tuples as lists.

    Raises ValueError for a naive datetime and TypeError for what JSON has no form for.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, datetime):
        return in_utc(value).isoformat()
    if isinstance(value, Mapping):
        return {encode(key): encode(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [encode(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(encode(item) for item in value)
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no form in JSON: {value!r}")


def decode(kind: type[T], data: object) -> T:
    """The value of type ``kind`` that ``data`` was encoded from.

    A field that is missing takes its default and one that is unknown is ignored, so that a row outlives the version
    that wrote it. Raises ValueError with the path of what does not fit.
    """
    return cast(T, decoder(cast(Hashable, kind))(data))


@cache
def decoder(kind: Any) -> Decode:
    """How to read one annotation; raises TypeError for an annotation nobody taught it."""
    if kind in (object, Any, str, int, bool, type(None)):
        return _as_is
    if kind is float:
        return float
    if kind is datetime:
        return _instant
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    return _container(kind)


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC; raises ValueError when ``value`` does not say which instant it is."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone: pass an aware datetime")
    return value.astimezone(timezone.utc)


def _as_is(data: Any) -> Any:
    return data


def _instant(data: Any) -> datetime:
    return in_utc(datetime.fromisoformat(data))


def _container(kind: Any) -> Decode:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType) and type(None) in inner and len(inner) == 2:
        some = decoder(next(item for item in inner if item is not type(None)))
        return lambda data: None if data is None else some(data)
    if origin is tuple and inner[-1] is Ellipsis:
        each = decoder(inner[0])
        return lambda data: tuple([each(item) for item in data])
    if origin is tuple:
        parts = [decoder(item) for item in inner]
        return lambda data: tuple([part(item) for part, item in zip(parts, data, strict=True)])
    if origin is frozenset:
        member = decoder(inner[0])
        return lambda data: frozenset([member(item) for item in data])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = decoder(inner[0]), decoder(inner[1])
        if key is value is _as_is:
            return dict
        return lambda data: {key(name): value(item) for name, item in data.items()}
    raise TypeError(f"{kind!r} cannot be read from JSON: teach integrations.codec")


def _record(kind: type) -> Decode:
    hints = get_type_hints(kind)
    parts = [
        (field.name, decoder(hints[field.name]), field.default is MISSING and field.default_factory is MISSING)
        for field in fields(kind)
    ]

    def read(data: Any) -> Any:
        values = {}
        for name, part, required in parts:
            if required or name in data:
                try:
                    values[name] = part(data[name])
                except (KeyError, TypeError, ValueError) as error:
                    raise ValueError(f"{kind.__name__}.{name}: {error}") from error
        return kind(**values)

    return read
