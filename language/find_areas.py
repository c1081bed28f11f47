"""Where an address begins: province, city and district, one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Match, Pattern

from language.mentions import Mention
from language.names import any_of, names
from language.tokens import Tokens
from language.wish import is_wanted
from retention.hearing import EntityKind

HAN = "[\u4e00-\u9fff]"
ROAD = "(?:路|街道|街|大道|道|巷|弄|胡同)"
# Characters of the words before a name that do not begin one: 改成|浦东新区, 是|朝阳区.
LINK = "改成到是在寄送换为的了要我你他她它这那个把给从不请帮能去来发和或往回写填错叫"
_DISTRICT = re.compile(f"{HAN}{{1,7}}?(?:新区|自治县|自治旗|开发区|高新区|区|县|旗)|{HAN}{{2,3}}市")
_LONE_DISTRICT = re.compile(
    f"(?:(?<![\u4e00-\u9fff])|(?<=[{LINK}]))(?P<name>(?:(?![{LINK}]){HAN}){{2,4}}?(?:新区|开发区|区|县))"
)
_NO_DISTRICT = re.compile(
    "(?:小|社|园|校|景|地|片|山|郊|城|厂|战|论|专|播|时|市|各|库|军|灾|疫|边|么|哪|壁)区$|(?:知|各|本|外|全)县$"
)
_NOT_BEFORE = ("未", "没", "已", "刚")  # 未开封
_GAP = re.compile(r"[\s,]?")
_STREET = re.compile(f"[东南西北中]{{0,2}}{ROAD}|区|县|{HAN}?街道")


@dataclass(frozen=True, kw_only=True)
class Areas:
    """``mentions`` of one place, the widest first; ``end``: where its detail may begin."""

    mentions: tuple[Mention, ...]
    start: int
    end: int


def find_areas(text: str, tokens: Tokens) -> Iterator[Areas]:
    """A city brings its province along; a municipality is both."""
    end = 0
    for found in _known().finditer(text):
        if found.start() < end or not _names_place(text, found, tokens):
            continue
        areas = _read(text, found.start())
        end = areas.end
        yield areas
    if not end:
        yield from _lone_districts(text)


def _read(text: str, start: int) -> Areas:
    province = _province().match(text, start)
    place = province.end() if province else start
    city = _city().match(text, _after_gap(text, place))
    place = city.end() if city and city[0] else place
    district = _DISTRICT.match(text, _after_gap(text, place))
    if district and _NO_DISTRICT.search(district[0]):
        district = None
    end = district.end() if district else place
    wanted = is_wanted(text, start, end)
    return Areas(mentions=tuple(_mentions(province, city, district, wanted)), start=start, end=end)


def _mentions(
    province: Match[str] | None, city: Match[str] | None, district: Match[str] | None, wanted: bool | None
) -> Iterator[Mention]:
    full_province = names().provinces[province[0]] if province else None
    full_city = names().cities[city[0]] if city else None
    if full_city is None and full_province in names().province_of:
        full_city, city = full_province, province  # 上海市浦东新区
    if full_province is None and full_city is not None:
        full_province, province = names().province_of[full_city], city
    parts = ((EntityKind.PROVINCE, full_province, province), (EntityKind.CITY, full_city, city))
    for kind, full, found in parts:
        if full is not None and found is not None:
            yield Mention(kind=kind, value=full, start=found.start(), end=found.end(), wanted=wanted)
    if district:
        yield _district(district[0], district.start(), wanted)


def _lone_districts(text: str) -> Iterator[Areas]:
    """是朝阳区不是海淀区: a district alone is one where it is wished for or to be rid of."""
    for found in _LONE_DISTRICT.finditer(text):
        wanted = is_wanted(text, found.start(), found.end(), reach=2)
        if wanted is not None and not _NO_DISTRICT.search(found["name"]):
            mention = _district(found["name"], found.start(), wanted)
            yield Areas(mentions=(mention,), start=mention.start, end=mention.end)


def _district(name: str, start: int, wanted: bool | None) -> Mention:
    return Mention(kind=EntityKind.DISTRICT, value=name, start=start, end=start + len(name), wanted=wanted)


def _names_place(text: str, found: Match[str], tokens: Tokens) -> bool:
    """Not the name of a street (南京西路), nor a part of another word (三明治)."""
    if _is_full(found[0]):
        return True
    if _STREET.match(text, found.end()) or text[found.start() - 1 : found.start()] in _NOT_BEFORE:
        return False
    return not tokens.hide(found.start(), found.end(), endings=("市", "省", "人"))


def _is_full(name: str) -> bool:
    return name.endswith(("省", "市", "区", "州", "盟"))


def _after_gap(text: str, place: int) -> int:
    gap = _GAP.match(text, place)
    return gap.end() if gap else place


@cache
def _known() -> Pattern[str]:
    return re.compile(any_of((*names().provinces, *names().cities)))


@cache
def _province() -> Pattern[str]:
    """A short name before 市 is a city's (吉林市), unless it is a municipality's."""
    full = any_of(names().provinces.values())
    short = any_of(form for form, name in names().provinces.items() if form != name)
    return re.compile(f"{full}|(?:{short})(?!市)")


@cache
def _city() -> Pattern[str]:
    full, short = any_of(names().cities.values()), any_of(names().cities)
    return re.compile(f"{full}|(?:{short})(?!区|县|[东南西北中]{{0,2}}{ROAD})")
