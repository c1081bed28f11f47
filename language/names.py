"""The names of ``nlu_data/entities.yml``, as patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from language.errors import DataError
from language.rows import read_mapping, read_strings

_FILE = Path(__file__).resolve().parents[1] / "nlu_data" / "entities.yml"


@dataclass(frozen=True, kw_only=True)
class Names:
    """``things``: colours that are things first. ``provinces``, ``cities``: any written form -> full name;
    ``province_of``: full name of a city -> full name of its province."""

    colours: tuple[str, ...]
    things: frozenset[str]
    shades: tuple[str, ...]
    size_words: Mapping[str, str]
    wish: Mapping[str, tuple[str, ...]]
    surnames: str
    compound_surnames: tuple[str, ...]
    provinces: Mapping[str, str]
    cities: Mapping[str, str]
    province_of: Mapping[str, str]


@cache
def names() -> Names:
    """Raises DataError when the file is not as it must be."""
    return read_names(_FILE)


def read_names(file: Path) -> Names:
    data = read_mapping(file)
    colours, sizes, wish = (_mapping(file, key, data.get(key)) for key in ("colours", "sizes", "wish"))
    places = _mapping(file, "places", data.get("places"))
    cities = {province: _cities(file, province, row) for province, row in places.items()}
    return Names(
        colours=read_strings(file, "colours.names", colours.get("names")),
        things=frozenset(read_strings(file, "colours.things", colours.get("things"))),
        shades=read_strings(file, "colours.shades", colours.get("shades")),
        size_words={str(word): str(size) for word, size in _mapping(file, "sizes.words", sizes.get("words")).items()},
        wish={str(cue): read_strings(file, f"wish.{cue}", words) for cue, words in wish.items()},
        surnames=str(data.get("surnames", "")),
        compound_surnames=read_strings(file, "compound_surnames", data.get("compound_surnames")),
        provinces={form: row["name"] for short, row in places.items() for form in (short, row["name"])},
        cities={form: full for forms in cities.values() for form, full in forms.items()},
        province_of={full: places[province]["name"] for province, forms in cities.items() for full in forms.values()},
    )


def any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of the words that fits."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


def _mapping(file: Path, path: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not value:
        raise DataError(file, path, f"must hold at least one row, not {value!r}")
    return value


def _cities(file: Path, province: str, row: object) -> dict[str, str]:
    """Written forms of a province's cities: 杭州 and 杭州市, 延边 and 延边朝鲜族自治州."""
    path = f"places.{province}"
    fields = _mapping(file, path, row)
    if not isinstance(fields.get("name"), str) or not isinstance(fields.get("cities"), list):
        raise DataError(file, path, "must have a name and a list of cities")
    forms: dict[str, str] = {}
    for city in fields["cities"]:
        full_names = city if isinstance(city, dict) else {city: f"{city}市"}
        for short, full in full_names.items():
            forms |= {short: full, full: full}
    return forms
