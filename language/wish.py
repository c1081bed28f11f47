"""Whether the shopper wants what a message names, or wants to be rid of it: 拍了 M 想要 L, 把 M 换成 L, 不要黑的要白的."""

from __future__ import annotations

import re
from functools import cache
from re import Pattern

from language.names import any_of, names

_CLAUSE_END = re.compile(r"[,.;!?、。…\n]")
_SEEN = 12  # characters before and after a mention that are looked at
_HEAD = "(?:色|码|号|的|款|那|这|个|件|双|条|尺|数|地址|[ “”'\"「」])*"  # what may stand between a mention and the cue after it


def is_wanted(text: str, start: int, end: int, *, reach: int = 4) -> bool | None:
    """By the cue nearest before the stretch in its clause, at most ``reach`` characters away, else by the cue right
    after it; None without either."""
    before = _CLAUSE_END.split(text[max(0, start - _SEEN) : start])[-1].rstrip()
    wanted, unwanted, tail = _patterns()
    cues = list(_before().finditer(before))
    if cues and len(before) - cues[-1].end() <= reach:
        return wanted.fullmatch(cues[-1][0]) is not None
    after = _CLAUSE_END.split(text[end : end + _SEEN])[0]
    found = tail.match(after)
    if found:
        return unwanted.fullmatch(found["cue"]) is None
    return False if before.endswith(("把", "将")) else None


@cache
def _before() -> Pattern[str]:
    wish = names().wish
    return re.compile(any_of((*wish["wanted_before"], *wish["unwanted_before"])))


@cache
def _patterns() -> tuple[Pattern[str], Pattern[str], Pattern[str]]:
    """A wanting cue before, an unwanting cue after, and any cue after."""
    wish = names().wish
    after = (*wish["wanted_after"], *wish["unwanted_after"])
    return (
        re.compile(any_of(wish["wanted_before"])),
        re.compile(any_of(wish["unwanted_after"])),
        re.compile(f"{_HEAD}(?P<cue>{any_of(after)})"),
    )
