"""A fix asked for in so many words: together in one parcel, apart, a part of the order, a size to be advised, the courier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.mentions import Mention
from retention.hearing import EntityKind

_ORDERS = r"(?:单|订单|笔|个?包裹|两个|几个|俩|一起下的|两次)"
_LEAVE = r"(?:取消|退|不要|不想要|去掉|删|不买)"
_KEEP = r"(?:留着|留下|保留|照发|照常|还要|照旧|不动|别动|继续发|正常发|先发)"
_SHIP = r"(?:发(?!现|票|霉|货单)|寄|送(?!货单))"
_FIXES = {
    "merge_orders": re.compile(
        rf"合并(?!开|发?票|付|支付|算)|合单|拼(?:一起|成一?个?包裹)|(?:合成?|并成?|装)(?:一|1)个?(?:单|包裹|箱)(?!.{{0,4}}票)|"
        rf"{_ORDERS}.{{0,10}}(?:一起|一块儿?|一次|一并|放一?个?(?:包裹|箱)).{{0,4}}{_SHIP}(?!.{{0,6}}还是)|"
        rf"(?:一起|一块儿?|合){_SHIP}货?.{{0,8}}(?:两|几|俩|这些)(?:单|个|笔)"
    ),
    "ship_apart": re.compile(
        rf"(?:分开|分批|拆开|拆单|分两次|分两个包裹)(?:来)?.{{0,2}}{_SHIP}(?!.{{0,4}}(?:票|的吗))|"
        rf"有货?的.{{0,6}}先(?:{_SHIP}|给|走)|(?:现货|有现货的|到货的).{{0,4}}先{_SHIP}|先(?:把)?(?:有货|现货|有现货).{{0,4}}{_SHIP}"
    ),
    "advise_size": re.compile(
        r"(?:穿|选|拍|买|要|换|戴)(?:个)?(?:(?:什么|啥|哪个?|几)(?:尺?码|号)|多大(?!行|都|关系))|"
        r"(?:什么|啥|哪个|多大|几)(?:尺?码|号)(?:的)?(?:合适|适合|好|比较|能穿|穿)|(?:推荐|建议|帮.{0,3}看).{0,6}(?:尺码|码数|大小|几码)|"
        r"尺码(?:怎么选|推荐|建议|怎么看|准不准|标准)|偏大还是偏小|偏小还是偏大|正码(?:吗|么|不)|正不正码|怎么选(?:尺?码|号)|"
        r"会不会(?:有点|太|偏)?(?:大|小|紧|松)(?=$|[?？,，。了啊呀呢一吧])|穿.{0,4}(?:合适|合身|得下|得上)(?:不|吗|么)"
    ),
    "pick_up": re.compile(
        r"上门(?:来)?(?:取|收|揽)(?!费)|(?:来|过来|派人|叫(?:个)?快递员?|让快递员?|小哥)(?:来)?(?:我家|家里)?(?:取|揽)(?!消|暖)(?:件|货|走|一下|下)?|"
        r"约.{0,4}(?:取|收)件(?!码)|取件(?!码|费|点|通知|短信)"
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
