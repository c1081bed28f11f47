"""The pieces request bodies are made of: strict types, bounded sizes, nothing unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError

ID_PATTERN = r"^\w[\w.@#:-]{0,63}$"
FREE_TEXT = r"^[^\x00-\x1f\x7f]*$"
MOST_FEN = 10**11
LARGEST_NUMBER = 2**53
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 6
MOST_KEYS = 64
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=timezone.utc), datetime(2100, 1, 1, tzinfo=timezone.utc)


class Body(BaseModel):
    """A request body: an unknown field is an error, and so is "1" for 1."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _written_as_text(value: Any) -> Any:
    if not isinstance(value, (str, datetime)):
        raise PydanticCustomError(
            "time_not_text", "expected an ISO 8601 time with an offset, as 2026-01-31T08:00:00+08:00"
        )
    return value


def _in_our_time(value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST:
        raise PydanticCustomError("time_out_of_range", "expected a time between 2000 and 2100")
    return value.astimezone(timezone.utc)


def _storable(value: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    _check(value, DEEPEST)
    return value


def _check(value: object, depth: int) -> None:
    """Refuse what a database column cannot hold."""
    if depth < 0:
        raise PydanticCustomError("json_too_deep", "nested deeper than {deepest} levels", {"deepest": DEEPEST})
    if isinstance(value, str):
        if NO_TEXT.search(value) is None:
            return
        raise PydanticCustomError("json_no_text", "a NUL or half of a surrogate pair is no text")
    if isinstance(value, (int, float)) and abs(value) > LARGEST_NUMBER:
        raise PydanticCustomError("json_number_too_large", "numbers go up to {largest}", {"largest": LARGEST_NUMBER})
    if isinstance(value, Mapping):
        if len(value) > MOST_KEYS:
            raise PydanticCustomError("json_too_many_keys", "at most {most} keys", {"most": MOST_KEYS})
        for key, item in value.items():
            _check(key, depth)
            _check(item, depth - 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)


Id = Annotated[
    str, Field(pattern=ID_PATTERN, description="Letters, digits and _ . @ # : -; starts with one of the first three")
]
Words = Annotated[str, Field(max_length=200, pattern=FREE_TEXT)]
LongWords = Annotated[str, Field(max_length=2000, pattern=FREE_TEXT)]
Fen = Annotated[int, Field(ge=0, le=MOST_FEN, description="Amount in fen (1/100 yuan)")]
Count = Annotated[int, Field(ge=0, le=10**6)]
Moment = Annotated[
    AwareDatetime,
    Field(strict=False, description="ISO 8601 with an offset"),
    BeforeValidator(_written_as_text),
    AfterValidator(_in_our_time),
]
Attributes = Annotated[
    dict[str, JsonValue], Field(max_length=MOST_KEYS, description="Anything the shop adds"), AfterValidator(_storable)
]
