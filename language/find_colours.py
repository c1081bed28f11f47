"""Colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from re import Match, Pattern

from language.mentions import Mention
from language.names import any_of, names
from language.tokens import Tokens
from language.wish import is_wanted
from retention.hearing import EntityKind


def find_colours(text: str, tokens: Tokens) -> Iterator[Mention]:
    for found in _colour().finditer(text):
        start, end = found.span()
        if _stands_for_goods(text, found) and not tokens.hide(start, end, endings=("色", "的", "款")):
            wanted = is_wanted(text, start, end)
            yield Mention(kind=EntityKind.COLOUR, value=found["name"], start=start, end=end, wanted=wanted)


def _stands_for_goods(text: str, found: Match[str]) -> bool:
    """A bare character or the name of a thing is a colour only in 黑的, 黑款, 奶茶色 and 换黑."""
    if found["suffix"] or (len(found["name"]) > 1 and found["name"] not in names().things):
        return True
    if text[found.start() - 1 : found.start()].isdigit():
        return False  # 1米8
    near = is_wanted(text, found.start(), found.end(), reach=1)
    return near is not None or text[found.end() : found.end() + 1] in ("的", "款")


@cache
def _colour() -> Pattern[str]:
    shade, name = any_of(names().shades), any_of(names().colours)
    return re.compile(f"(?P<name>(?:{shade})?(?:{name}))(?P<suffix>色)?")
