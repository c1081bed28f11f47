"""Provinces and cities as a row names them and as addresses spell them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policies.rows import Row
from retention.order import Address
from rows.row_error import meant

Region = tuple[str, ...]
"""A province, or a province and a city, both without what kind of place they are: ("浙江", "杭州")."""

_FULL = (
    *("北京市", "天津市", "上海市", "重庆市", "河北省", "山西省", "辽宁省", "吉林省", "黑龙江省"),
    *("江苏省", "浙江省", "安徽省", "福建省", "江西省", "山东省", "河南省", "湖北省", "湖南省"),
    *("广东省", "海南省", "四川省", "贵州省", "云南省", "陕西省", "甘肃省", "青海省", "台湾省"),
    *("内蒙古自治区", "广西壮族自治区", "西藏自治区", "宁夏回族自治区"),
    *("新疆维吾尔自治区", "香港特别行政区", "澳门特别行政区"),
)
_KIND = re.compile(r"(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$")
PROVINCES: Mapping[str, str] = {_KIND.sub("", name): name for name in _FULL}
"""Short name -> full name."""
_BY_BEGINNING: Mapping[str, str] = {short[:2]: short for short in PROVINCES}
"""No two provinces begin with the same two characters."""


def region_of(address: Address) -> Region:
    """However the address spells them: 内蒙古, 内蒙古自治区 and 内蒙 are one."""
    province = address.province.strip()
    return _BY_BEGINNING.get(province[:2], province), _city(address.city)


def read_regions(row: Row, key: str) -> frozenset[Region]:
    """``浙江省`` or ``浙江省/杭州市``, with or without 省 and 市. Raises PolicyError."""
    return frozenset(_region(row, key, index, text) for index, text in enumerate(row.texts(key)))


def _region(row: Row, key: str, index: int, text: str) -> Region:
    province, *city = (part.strip() for part in text.split("/"))
    short = _KIND.sub("", province)
    if short not in PROVINCES or province not in (short, PROVINCES[short]):
        near = _BY_BEGINNING.get(province[:2])
        likely = f"是不是想写 {PROVINCES[near]}？" if near else meant(province, PROVINCES.values())
        remedy = likely or "城市写在省的后面，例如 浙江省/杭州市"
        raise row.error_in(key, index, "省、自治区或直辖市，后面可以跟市", remedy)
    if len(city) > 1 or not all(map(_city, city)):
        raise row.error_in(key, index, "省 或 省/市", "区县不能单独成行，请写到市为止")
    return short, *map(_city, city)


def _city(name: str) -> str:
    return name.strip().removesuffix("市")
