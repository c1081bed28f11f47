"""The rest of an address: street, number and building, and who receives the parcel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from re import Pattern

from language.find_areas import HAN, LINK, ROAD, find_areas
from language.mentions import Mention
from language.names import any_of, names
from language.tokens import Tokens
from language.wish import is_wanted
from retention.hearing import EntityKind

_PLACE = f"(?:{ROAD}|小区|花园|家园|新村|公寓|大厦|广场|大学|学院|中学|小学|医院|驿站|苑|村|镇|乡|城|府|湾)"
_HAS_PLACE = re.compile(_PLACE)
_HAS_NUMBER = re.compile(
    r"[\d一二三四五六七八九十a-z-]+\s?(?:号|栋|幢|座|室|单元|楼|弄|巷|组|层|房|期|门)|[a-z]?\d{3,4}$"
)
_CUE = re.compile("地址|寄|送|收货|改成|改到|改为|换成|换到|发到|搬到|门牌|住|转到")
_MORE = r"(?:,\s?[\da-z一二三四五六七八九十]+\s?(?:号|栋|幢|座|单元|室|楼|层)[^,;。!?…]*)*"  # 文三路90号,3栋2单元
_STRETCH = re.compile(rf"[\s,]{{0,2}}(?P<detail>[^,;。!?…]+{_MORE})")
_LOOSE = re.compile(f"(?:(?<![\u4e00-\u9fff])|(?<=[{LINK}]))(?P<detail>(?:(?![{LINK}]){HAN}){{1,10}}?{_PLACE})")
_ASIDE = re.compile(r"\s?(?:可以吗|行吗|好吗|能吗|谢谢|麻烦|多谢|拜托|不是|不要|别|电话|手机|联系|收件|收货|姓名).*$")
_TAIL = re.compile(
    "(?:[\\s,.~“”'\"」』]|可以|行不行|能不能|好不好|就行|就好|才对|[这那][边里]|这个地址|[去收了的吗么不吧呗哈哦呢啊呀啦行])+$"
)

_ROLE = "(?:(?:收件人|收货人|签收人|联系人|收件|收货|收方)(?:的?名字|姓名)?|名字|姓名)"
_LINKING = r"(?:也?(?:改成|改为|换成|改|换|是|叫|写|填)|:|\s)*"
_NOT_GIVEN = "我你他她它您咱的了是在就收吧吗呢啊妈爸爷奶公婆哥姐弟妹叔姨舅"  # no given name is written with these
_TITLE = "(?:先生|女士|小姐|太太|阿姨|老师|师傅)"


def find_receivers(text: str, phones: Sequence[Mention]) -> Iterator[Mention]:
    """A name with a surname that a role, 收 or a phone number points to."""
    for pattern in _receivers():
        for found in pattern.finditer(text):
            start, end = found.span("name")
            yield Mention(
                kind=EntityKind.RECEIVER, value=found["name"], start=start, end=end, wanted=is_wanted(text, start, end)
            )
    for phone in phones:
        beside = _before_phone().search(text[: phone.start]) or _after_phone().match(text, phone.end)
        if beside:
            start, end = beside.span("name")
            yield Mention(kind=EntityKind.RECEIVER, value=beside["name"], start=start, end=end, wanted=phone.wanted)


def find_address(text: str, tokens: Tokens, taken: Sequence[Mention]) -> Iterator[Mention]:
    """``taken``: the phones and receivers, at which a detail ends."""
    stops = sorted(mention.start for mention in taken)
    whole = list(find_areas(text, tokens))
    for place, areas in enumerate(whole):
        yield from areas.mentions
        ahead = whole[place + 1].start if place + 1 < len(whole) else len(text)
        detail = _detail(text, areas.end, [*stops, ahead])
        if detail and _is_street(text[slice(*detail)], cued=_CUE.search(text) is not None):
            yield _mention(text, detail, areas.mentions[0].wanted)
    if not whole:
        yield from _loose_detail(text, stops)


def _loose_detail(text: str, stops: Sequence[int]) -> Iterator[Mention]:
    """A street or estate without its city, if it has a number: 文三路90号."""
    for found in _LOOSE.finditer(text):
        detail = _detail(text, found.start(), stops)
        if detail and _is_street(text[slice(*detail)], cued=False):
            yield _mention(text, detail, is_wanted(text, *detail))
            return


def _detail(text: str, start: int, stops: Sequence[int]) -> tuple[int, int] | None:
    """The stretch from ``start`` to the next stop, less what is no address; None when no place is in it."""
    stop = min((place for place in stops if place >= start), default=len(text))
    found = _STRETCH.match(text[:stop], start)
    if not found:
        return None
    kept = _TAIL.sub("", _ASIDE.sub("", found["detail"])).rstrip()
    first = found.start("detail") + len(kept) - len(kept.lstrip())
    return (first, first + len(kept.strip())) if kept.strip() else None


def _is_street(detail: str, *, cued: bool) -> bool:
    """Two of three: a street or building, a number, and talk of an address."""
    return (cued, _HAS_PLACE.search(detail) is not None, _HAS_NUMBER.search(detail) is not None).count(True) >= 2


def _mention(text: str, span: tuple[int, int], wanted: bool | None) -> Mention:
    start, end = span
    return Mention(kind=EntityKind.DETAIL, value=text[start:end], start=start, end=end, wanted=wanted)


@cache
def _name() -> str:
    surname = f"(?:{any_of(names().compound_surnames)}|[{names().surnames}])"
    return f"(?<![改换])(?P<name>{surname}(?:{_TITLE}|(?:(?![{_NOT_GIVEN}]){HAN}){{1,2}}))"


@cache
def _receivers() -> tuple[Pattern[str], ...]:
    end = f"(?=[\\s,.;。!?]|$|\\d|收|吧|谢|电话|手机|{_TITLE})"
    return (
        re.compile(f"{_ROLE}{_LINKING}{_name()}{end}"),
        re.compile(f"(?:^|[\\s,\\d]|[号室楼栋])\\s?{_name()}\\s?(?:签?收|接收)(?=[\\s,.;。!?]|$|\\d|就|吧|电话|手机)"),
        re.compile(f"(?:[他她]|名字|人)叫{_name()}{end}"),
    )


@cache
def _before_phone() -> Pattern[str]:
    return re.compile(f"(?:^|[\\s,:]){_name()}[\\s,:]*(?:电话|手机号?)?[\\s,:]*$")


@cache
def _after_phone() -> Pattern[str]:
    return re.compile(f"[\\s,]*{_name()}(?=[\\s,.;。!?]|收|$)")
