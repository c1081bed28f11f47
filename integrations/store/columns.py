"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Dialect, Float, ForeignKey, Integer, Text
from sqlalchemy.types import TypeDecorator

from integrations.codec import in_utc


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out, to the microsecond. SQLite keeps it as sortable text without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


COUNTER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only columns declared INTEGER


def text(name: str, *, key: bool = False, null: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=null, primary_key=key)


def moment(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=null)


def whole(name: str, *, default: str | None = None) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, server_default=default)


def number(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, Float, nullable=null)


def flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def nested(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, JSON(none_as_null=True), nullable=null)


def reference(target: Column[Any], *, null: bool = False) -> Column[Any]:
    """A column of the same name that must be found in ``target``, unless it is empty."""
    return Column(target.name, Text, ForeignKey(target), nullable=null)


def quoted(members: Iterable[Enum]) -> str:
    """The values of an enum as a list in SQL."""
    return ", ".join(f"'{member.value}'" for member in sorted(members, key=lambda member: str(member.value)))
