"""The page that other systems read names every kind of event we understand, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from retention.event import Event

API = Path(__file__).parent.parent.parent / "docs" / "api.md"


def test_the_api_page_lists_every_kind_of_event_that_is_understood() -> None:
    assert Event.__doc__ is not None
    understood = re.findall(r"^    ([a-z]+\.[a-z_]+)", Event.__doc__, re.MULTILINE)
    table = API.read_text(encoding="utf-8").split("| kind | `data` | used for |")[1].split("\n\n")[0]
    assert re.findall(r"^\| `([a-z_.]+)`", table, re.MULTILINE) == understood
