"""What shoppers say of themselves: how tall, how heavy, which size they usually wear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from re import Match

from language.find_sizes import find_sizes
from language.mentions import Mention
from language.numerals import NUMERAL, read_number
from retention.hearing import EntityKind

_D = "[零一二三四五六七八九十百两\\d]"
_TALL = re.compile(
    rf"(?<![\d.a-z])(?P<metres>[一1])\s?(?:米|m(?![a-z]))(?P<rest>{_D}{{1,3}})(?!\d|[宽长床的]|公分)|"
    r"(?<![\d.])(?P<point>1[.点][3-9]\d?)\s?(?:米|m(?![a-z]))(?!长|宽|床|的床)|"
    r"(?<![\d.])(?P<cm>1[2-9]\d|20\d|2[0-2]\d)\s?(?:cm|厘米|公分)(?!长|宽|的)|"
    r"(?:身高|净高|个子|我高|高)(?:是|有|大概|大约|差不多|:)?\s?(?P<bare>1[2-9]\d|20\d)(?![\d.]*[a-z元块斤])"
)
_HEAVY = re.compile(
    rf"(?<![\d.])(?P<number>{NUMERAL})\s?(?P<unit>斤|公斤|千克|kg(?![a-z]))|"
    rf"(?:体重|重|净重)(?:是|有|大概|大约|差不多|:)?\s?(?P<bare>\d{{2,3}}(?:\.\d)?)(?![\d.]*[a-z元块])"
)
_GOODS = re.compile(r"(大米|面|油|苹果|橙|哑铃|肉|车厘子|虾|袋|箱|包|重量)\D{0,4}$")
_PAIR = re.compile(
    r"(?<![\d.])(?P<cm>1[4-9]\d|20\d)\s?[/、,，\s]\s?(?P<kg>\d{2,3}(?:\.\d)?)\s?(?P<unit>kg|公斤|斤)?(?![\da-z])"
)
_BUILD_TALK = re.compile(
    r"身高|体重|净高|多高|多重|(?:穿|选|拍|买|要|换)(?:什么|啥|哪个?|多大|几)|(?:什么|啥|哪个|多大)(?:尺?码|号)|推荐|尺码"
)
_USUAL = re.compile(
    r"(?:平时|一般|平常|通常|以前|日常|往常|惯)(?:都)?(?:是)?(?:穿|买|选|拍|着|戴)(?:的)?(?:都)?(?:是)?"
)
_TALLEST, _SHORTEST = 230, 120
_HEAVIEST, _LIGHTEST = 200, 25
_PLAUSIBLE = (16.5, 36.0)
"""Kilograms a square metre."""


def find_builds(text: str) -> Iterator[Mention]:
    """Centimetres, kilograms, a usual size. A weight without a unit counts when only one unit makes a person of it."""
    pair = _PAIR.search(text) if _BUILD_TALK.search(text) or re.search(r"\dkg|\d斤|\d公斤", text) else None
    if pair is not None and (weight := _of_pair(pair)) is not None:
        yield Mention(kind=EntityKind.HEIGHT, value=pair["cm"], start=pair.start("cm"), end=pair.end("cm"))
        yield Mention(kind=EntityKind.WEIGHT, value=weight, start=pair.start("kg"), end=pair.end())
    else:
        tall = [found for found in _TALL.finditer(text) if _cm(found) is not None]
        yield from (_height(found) for found in tall)
        height = _cm(tall[0]) if tall else None
        yield from _weights(text, height)
    yield from _usual(text)


def _height(found: Match[str]) -> Mention:
    return Mention(kind=EntityKind.HEIGHT, value=str(_cm(found)), start=found.start(), end=found.end())


def _cm(found: Match[str]) -> int | None:
    if found["metres"]:
        rest = found["rest"]
        digits = "".join(str(int(number)) for char in rest if (number := read_number(char)) is not None)
        if not digits and rest.startswith("零"):
            digits = rest
        cm = 100 + int(digits) * (10 if len(digits) == 1 else 1) if digits else None
        cm = 100 + int(value) if cm is None and (value := read_number(rest)) is not None else cm
    elif found["point"]:
        cm = round(float(found["point"].replace("点", ".")) * 100)
    else:
        cm = int(found["cm"] or found["bare"])
    return cm if cm is not None and _SHORTEST <= cm <= _TALLEST else None


def _weights(text: str, height: int | None) -> Iterator[Mention]:
    for found in _HEAVY.finditer(text):
        if _GOODS.search(text[: found.start()]):
            continue
        if found["bare"]:
            kilograms = _without_unit(Decimal(found["bare"]), height)
            start, end = found.start("bare"), found.end("bare")
        else:
            number = read_number(found["number"])
            kilograms = None if number is None else number / (2 if found["unit"] == "斤" else 1)
            start, end = found.start("number"), found.end()
        if kilograms is not None and _LIGHTEST <= kilograms <= _HEAVIEST:
            yield Mention(kind=EntityKind.WEIGHT, value=_plain(kilograms), start=start, end=end)


def _of_pair(found: Match[str]) -> str | None:
    number = Decimal(found["kg"])
    kilograms = (
        _without_unit(number, int(found["cm"]))
        if found["unit"] is None
        else number / (2 if found["unit"] == "斤" else 1)
    )
    return None if kilograms is None or not _LIGHTEST <= kilograms <= _HEAVIEST else _plain(kilograms)


def _without_unit(number: Decimal, height: int | None) -> Decimal | None:
    """Jin or kilograms, by which makes a plausible person of that height; None when both or neither do."""
    if height is None:
        return number / 2 if number > 100 else None
    fitting = [
        kilograms
        for kilograms in (number, number / 2)
        if _PLAUSIBLE[0] <= float(kilograms) / (height / 100) ** 2 <= _PLAUSIBLE[1]
    ]
    return fitting[0] if len(fitting) == 1 else None


def _plain(kilograms: Decimal) -> str:
    """70, 67.5"""
    return f"{kilograms.quantize(Decimal('0.1')):f}".removesuffix(".0")


def _usual(text: str) -> Iterator[Mention]:
    """The size named right after 平时穿. It may be the wish as well, so it stays a size, too."""
    cues = [found.end() for found in _USUAL.finditer(text)]
    for size in find_sizes(text):
        near = any(0 <= size.start - end <= 2 for end in cues)
        if near and size.value[0] not in "+-":
            yield Mention(kind=EntityKind.USUAL_SIZE, value=size.value, start=size.start, end=size.end)
