"""Reading the YAML rows of the language data, with the exact path of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from language.errors import DataError


def read_mapping(file: Path) -> Mapping[str, Any]:
    """A YAML file whose top is a mapping; raises DataError."""
    data = _read(file)
    if not isinstance(data, dict):
        raise DataError(file, "file", f"must hold a mapping, not {type(data).__name__}")
    return data


def read_list(file: Path) -> Sequence[Any]:
    """A YAML file whose top is a list; raises DataError."""
    data = _read(file)
    if not isinstance(data, list):
        raise DataError(file, "file", f"must hold a list, not {type(data).__name__}")
    return data


def _read(file: Path) -> Any:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    except FileNotFoundError:
        raise DataError(file, "file", "is missing") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise DataError(file, "file", f"is no readable YAML: {fault}") from fault


def read_strings(file: Path, path: str, value: object) -> tuple[str, ...]:
    """A list of non-empty strings found at ``path``; raises DataError."""
    if not isinstance(value, list):
        raise DataError(file, path, f"must be a list, not {value!r}")
    for place, item in enumerate(value):
        if not isinstance(item, str) or not item:
            raise DataError(file, f"{path}[{place}]", f"must be a text, not {item!r}; quote it")
    return tuple(value)


# The safe loader, in C where PyYAML was built with it: ten times as fast on the utterances.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
