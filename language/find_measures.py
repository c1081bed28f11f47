"""Money, durations and quantities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from re import Match, Pattern

from language.mentions import Mention
from language.numerals import NUMERAL, read_number
from language.wish import is_wanted
from retention.hearing import EntityKind

_N = NUMERAL
_DIGIT = "[\\d一二三四五六七八九]"
_UNIT = "[\\d.个件天号码%折小时分钟年月日周次条双台斤公里米克瓶盒箱包袋本套支只份片kgml点]"
_GOODS = "(?!手?表|布|肥?皂|毛巾|蛋糕|地[毯垫]|电池|屏|板|砖|石|肉|糖)"
_SIGN = re.compile(rf"[¥￥]\s?(?P<yuan>{_N})|(?<![a-z])(?:rmb|cny)\s?(?P<coded>{_N})")
_YUAN = re.compile(
    rf"(?<!几)(?P<yuan>{_N})[多来几]?\s?(?:块钱?|元钱?|圆|大洋|rmb|cny)(?<!一块(?=[儿去来发寄送退买取换])){_GOODS}"
    rf"(?:(?P<tenths>{_DIGIT})(?:毛|角|(?=$|[\s,.;:!?。…、了的吧呗啊呢包就差补退给]))(?P<cents>{_DIGIT})?分?)?"
)
_MAO = re.compile(rf"(?P<tenths>{_N})(?:毛钱?|角钱?)(?![衣巾毯绒线笔孩子])")
_FEN = re.compile(rf"(?P<cents>{_N})分钱")
_ALONE = f"(?![\\d.]*[多来几]?{_UNIT})"
_SHORT = re.compile(
    rf"(?<![\d.a-z])(?P<yuan>\d+(?:\.\d+)?k\d?|[一二两三四五六七八九]百[一二三四五六七八九](?!十)){_ALONE}"
)
_SPOKEN = re.compile(
    rf"(?:减|少|便宜|优惠|补|退|降|赔|差|贵|返|抵|省)(?:了|我|个|到|掉)?"
    rf"(?P<yuan>\d+(?:\.\d+)?|[一二两三四五六七八九]?[十百千][一二三四五六七八九十百]*){_ALONE}"
)

_HOURS: dict[str, Decimal | int] = {
    "小时": 1,
    "钟头": 1,
    "h": 1,
    "天": 24,
    "日": 24,
    "周": 168,
    "星期": 168,
    "礼拜": 168,
    "月": 720,
    "年": 8760,
}
_HOURS |= {"分钟": Decimal(1) / 60, "刻钟": Decimal(1) / 4}
_DURATION = re.compile(
    rf"(?:{_N}(?:到|至|-|~))?(?<![同前每某那哪另有](?=一天))(?<!第(?=[一二]天))(?P<number>{_N})[多来几]?(?P<piece>个)?(?P<half>半)?(?:工作)?"
    rf"(?P<unit>小时|钟头|分钟(?!热度)|刻钟|h(?![a-z])|天(?!猫)|日(?=内|之内|了)|周(?!年|边)|星期|礼拜|月|年(?!级|代|货))(?P<plus>半(?!价))?"
    rf"(?!无理由|包退|包换|保价)"
)
_NEIGHBOURS = re.compile(r"[一二两三四五六七八九][一二两三四五六七八九]")

_CLASSIFIER = "(?:件|双|条|台|瓶|盒|箱|袋|本|套|支|只|份|罐|桶|张|杯|对|部|顶|床|提|把|副|枚|颗|单)"
_NOT_GOODS = (
    "(?:月|星期|礼拜|小时|钟|问题|人|字|地址|电话|号码|说法|交代|理由|办法|答复|回复|机会|半|券|优惠|红包|客服)"
)
_BEFORE_COUNT = r"(?<![第每这那哪上下任几米.\d])"
_COUNTED = re.compile(rf"{_BEFORE_COUNT}(?P<number>{_N})\s?{_CLASSIFIER}(?!{_NOT_GOODS})")
_COUNTED_LOOSELY = re.compile(rf"{_BEFORE_COUNT}(?P<number>{_N})\s?个(?!{_NOT_GOODS})")
_BARE = re.compile(
    rf"(?:数量|件数|份数)(?:是|为|应该是|改成|改为|改|填成|填了|写成|选成|从)?\s?(?P<number>{_N})(?![\d.])"
)
_BARE_AFTER = re.compile(rf"(?:改成|改为|改回|填成|选成|点成|写成|变成)\s?(?P<number>{_N})(?![\d.码号元块天月年])")
_COUNT_TALK = re.compile("数量|件数|份数|quantity")
_ONE = re.compile("(?:改成|改为|改回|变成|只要|就要|留|拍了|买了|减到|减成|改|数量)$")


def find_amounts(text: str) -> Iterator[Mention]:
    for pattern in (_SIGN, _YUAN, _MAO, _FEN, _SHORT, _SPOKEN):
        for found in pattern.finditer(text):
            fen = _fen(found)
            start = min(found.start(name) for name, part in found.groupdict().items() if part is not None)
            start = found.start() if pattern is _SIGN else start
            if fen:
                yield Mention(kind=EntityKind.AMOUNT, value=str(fen), start=start, end=found.end())


def _fen(found: Match[str]) -> int | None:
    worth = {"yuan": 100, "coded": 100, "tenths": 10, "cents": 1}
    total = Decimal(0)
    for name, part in found.groupdict().items():
        number = read_number(part) if part is not None else Decimal(0)
        if number is None:
            return None
        total += number * worth[name]
    return int(total.to_integral_value(ROUND_HALF_UP))


def find_durations(text: str) -> Iterator[Mention]:
    """Hours, rounded up; of 两三天 and 3-5 天 the longer. A month of the calendar (3月) is no duration."""
    for found in _DURATION.finditer(text):
        hours = _hours(found)
        if hours:
            yield Mention(kind=EntityKind.DURATION, value=str(hours), start=found.start(), end=found.end())


def _hours(found: Match[str]) -> int | None:
    number, unit = found["number"], found["unit"]
    if unit == "月" and not (found["piece"] or number in ("俩", "仨", "半", "两")):
        return None
    if _NEIGHBOURS.fullmatch(number):
        number = number[1]
    value = read_number(number)
    if value is None or (unit == "年" and value > 20):
        return None
    value += Decimal("0.5") if found["half"] or found["plus"] else 0
    return int((value * _HOURS[unit]).to_integral_value(ROUND_CEILING))


def find_quantities(text: str) -> Iterator[Mention]:
    """Pieces of goods. What everything is counted with (个, and one of anything) must be wished for or to be rid of."""
    patterns: list[Pattern[str]] = [_COUNTED, _COUNTED_LOOSELY]
    if _COUNT_TALK.search(text):
        patterns += [_BARE, _BARE_AFTER]
    for pattern in patterns:
        for found in pattern.finditer(text):
            number = read_number(found["number"])
            start, end = found.start("number"), found.end()
            wanted = is_wanted(text, start, end)
            if number is None or number != int(number) or number < 1:
                continue
            if (number == 1 and not _ONE.search(text[:start])) or (pattern is _COUNTED_LOOSELY and wanted is None):
                continue
            yield Mention(kind=EntityKind.QUANTITY, value=str(int(number)), start=start, end=end, wanted=wanted)
