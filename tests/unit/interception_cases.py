"""The shop's interception rows with something changed, as text and as read."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import yaml

from policies.interception import Interception, parse_interception
from policies.rows import PolicyError
from tests.unit.counter import ROOT

RULES = ROOT / "policies" / "interception.yml"
SHIPPED = RULES.read_text(encoding="utf-8")
_DATA = yaml.safe_load(SHIPPED)

Row = dict[str, Any]


def rows() -> Row:
    """The shipped rows as plain data, free to be changed."""
    return deepcopy(_DATA)


def written(change: Callable[[Row], object]) -> bytes:
    data = rows()
    change(data)
    return dumped(data)


def dumped(data: object) -> bytes:
    return yaml.safe_dump(data, allow_unicode=True).encode()


def with_scenarios(*scenarios: Row) -> Interception:
    """The shipped rows with these scenarios before the everyday one. Raises PolicyError."""
    everyday = {"id": "everyday", "threshold": 0.7, "why": "平日订单"}
    named = [{"id": f"s{number}", "why": "试", "threshold": 0.5, **row} for number, row in enumerate(scenarios)]
    return parse_interception({**_DATA, "scenarios": [*named, everyday]}, file="interception.yml", digest="test")


def or_complaint(*scenarios: Row) -> Interception | PolicyError:
    """As ``with_scenarios``, or what is wrong."""
    try:
        return with_scenarios(*scenarios)
    except PolicyError as error:
        return error
