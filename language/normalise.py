"""One spelling for what people type: width, script, case, invisible characters, stretched letters."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from opencc import OpenCC

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"})
_BLANK = re.compile(r"\s+")
_STRETCHED = re.compile(r"(.)\1{3,}")
# Regional forms that OpenCC's t2s leaves as they are.
_VARIANTS = str.maketrans("著枱衞暱揹瞭", "着台卫昵背了")
_CHARS_REMEMBERED = 16_384


@dataclass(frozen=True, kw_only=True)
class Normal:
    """A message in one spelling.

    ``text``: NFKC width, Simplified, lower case, no control, zero-width or combining characters, single blanks, no
    character more than three times in a row; emoji stay. ``traditional``: the writer writes Traditional Chinese.
    """

    text: str
    traditional: bool


def normalise(text: str) -> Normal:
    folded = _visible(unicodedata.normalize("NFKC", _visible(text)))
    simple = to_simplified(folded)
    plain = _visible(unicodedata.normalize("NFKC", simple.lower()))
    squeezed = _STRETCHED.sub(r"\1\1\1", _BLANK.sub(" ", plain).strip())
    return Normal(text=squeezed, traditional=_is_traditional(folded))


def to_simplified(text: str) -> str:
    """Script only: no word of the writer's region is exchanged, so both writings of a sentence end up the same."""
    if not any(simplified_char(char) != char for char in text):
        return text
    simple: str = _converter("t2s").convert(text)
    return simple.translate(_VARIANTS)


def to_traditional(text: str) -> str:
    """A reply for a reader of Traditional Chinese: Hong Kong forms, script only.

    The word-exchanging conversions (s2twp) are no use here: they also rewrite names of goods and places.
    """
    traditional: str = _converter("s2hk").convert(text)
    return traditional


@lru_cache(_CHARS_REMEMBERED)
def simplified_char(char: str) -> str:
    """A single character in Simplified; itself when it has no other form."""
    simple: str = _converter("t2s").convert(char)
    return simple.translate(_VARIANTS)


def _visible(text: str) -> str:
    return "".join(" " if char.isspace() else char for char in text if char.isspace() or is_seen(char))


@lru_cache(_CHARS_REMEMBERED)
def is_seen(char: str) -> bool:
    return unicodedata.category(char) not in _UNSEEN


def _is_traditional(text: str) -> bool:
    """Characters only one of the scripts has decide; those of both (乾, 著, 后) say nothing."""
    scripts = [_script(char) for char in text]
    return scripts.count("traditional") > 2 * scripts.count("simplified")


@lru_cache(_CHARS_REMEMBERED)
def _script(char: str) -> str:
    if not "\u4e00" <= char <= "\u9fff":
        return "both"
    if simplified_char(char) != char and not _encodes(char, "gb2312"):
        return "traditional"
    if not _encodes(char, "big5") and _encodes(char, "gb2312"):
        return "simplified"
    return "both"


def _encodes(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@cache
def _converter(name: str) -> Any:
    return OpenCC(name)
