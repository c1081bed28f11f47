"""A fix asked for in so many words: together in one parcel, apart, a part of the order, a size to be advised, the courier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.mentions import Mention
from retention.hearing import EntityKind

_ORDERS = r"(?:单|订单|笔|个?包裹|两个|几个|俩|一起下的|两次)"
_LEAVE = r"(?:取消|退|不要|不想要|去掉|删|不买)"
_KEEP = r"(?:留着|留下|保留|照发|照常|还要|照旧|不动|别动|继续发|正常发|先发)"
_FIXES = {
    "merge_orders": re.compile(
        rf"合并|并单|合单|拼(?:一起|成一?个?包裹)|{_ORDERS}.{{0,10}}(?:一起|一块儿?|一次|一并|放一?个?(?:包裹|箱)).{{0,4}}(?:发|寄|送)|"
        r"(?:一起|一块儿?|合)(?:发货?|寄|送).{0,8}(?:两|几|俩|这些)(?:单|个|笔)|(?:合成?|并成?|装)(?:一|1)个?(?:单|包裹|箱|件)"
    ),
    "ship_apart": re.compile(
        r"(?:分开|分批|拆开|拆单|分两次|分两个包裹)(?:来)?.{0,3}(?:发|寄|送|走|货)?|有货?的.{0,6}(?:先发|先寄|先送|先给|先走)|"
        r"(?:现货|有现货的|有的|到货的).{0,4}先(?:发|寄|送)|先(?:把)?(?:有货|现货|有现货).{0,4}(?:发|寄|送)"
    ),
    "advise_size": re.compile(
        r"(?:穿|选|拍|买|要|换|戴|拿)(?:个)?(?:什么|啥|哪个?|多大|几)(?:尺?码|号|个?码|的)?(?:合适|好|比较好)?(?=$|[?？,，。.!呢啊呀的吧嘛比合])|"
        r"(?:什么|啥|哪个|多大|几)(?:尺?码|号)(?:的)?(?:合适|适合|好|比较|能穿|穿)|(?:推荐|建议|帮.{0,3}看).{0,6}(?:尺?码|号)|"
        r"尺码(?:怎么选|推荐|建议|怎么看|准不准|标准)|(?:偏大还是偏小|偏小还是偏大|大还是小|正码|正不正码|标准码)|"
        r"会不会(?:有点|太|偏)?(?:大|小|紧|松)|(?:穿|能).{0,4}(?:合适|合身|得下|得上)(?:不|吗|么)|怎么选(?:尺?码|号)"
    ),
    "pick_up": re.compile(
        r"上门(?:来)?(?:取|收|揽|拿)|(?:来|过来|派人|叫快递|快递员?|小哥)(?:来)?(?:我家|家里)?(?:取|收|揽|拿)(?!消)(?:件|货|走|一下|下|退)?|取件|揽收|揽件|约.{0,4}(?:取|收)件"
    ),
}
_PART = re.compile(
    rf"只(?:想|要|是)?(?:退|取消|去掉).{{1,}}|单独(?:退|取消)|其中(?:的)?(?:一|1|两|几|那)?.{{0,6}}{_LEAVE}|"
    rf"除了.{{1,12}}(?:都|其[他它余]).{{0,4}}{_LEAVE}|(?:只|就)(?:要|留).{{1,12}}(?:其[他它余]|别的|剩下).{{0,4}}{_LEAVE}"
)
_CLAUSE = re.compile(r"[,;。.!?、…\n\s]+")
_NOT_LEAVE = re.compile(rf"(?:不|别|不要|先不|不用)(?={_LEAVE})")
_REFUSED = re.compile(r"(?:不用|不要|别|不想|不需要|没必要)(?:再)?(?:给我)?$")


def find_fixes(text: str) -> Iterator[Mention]:
    for value, pattern in _FIXES.items():
        found = pattern.search(text)
        if found is not None and _REFUSED.search(text[: found.start()]) is None:
            yield Mention(kind=EntityKind.FIX, value=value, start=found.start(), end=found.end())
    part = _PART.search(text) or _apart(text)
    if part is not None:
        yield Mention(kind=EntityKind.FIX, value="part_of_order", start=part.start(), end=part.end())


def _apart(text: str) -> re.Match[str] | None:
    """豆浆机不要了，其它照发: one clause leaves and another keeps."""
    leaving = [clause for clause in _CLAUSE.split(text) if re.search(_LEAVE, clause) and not _NOT_LEAVE.search(clause)]
    keeping = [clause for clause in _CLAUSE.split(text) if re.search(_KEEP, clause)]
    if not leaving or not keeping or set(leaving) == set(keeping):
        return None
    return re.search(re.escape(leaving[0]), text)
