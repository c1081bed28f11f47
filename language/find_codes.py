"""Phone and order numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from language.mentions import Mention
from retention.hearing import EntityKind

_FEWEST_DIGITS = 8
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})-(\d{7,8})(?!\d)")
_CODE = re.compile(r"(?<![a-z0-9.])[a-z]{0,6}-?\d[\d-]*\d(?![a-z0-9])")
_MIXED = re.compile(r"(?<![a-z0-9.-])(?=[a-z0-9-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9@.])")
_FEWEST_MIXED, _FEWEST_MIXED_DIGITS = 10, 4
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_OTHER_NUMBER = re.compile(r"(?:身份证|卡号|银行卡|账户|账号|税号|取件码|验证码|尾号|qq|微信|工号)\D{0,4}$")


def find_phones(text: str) -> Iterator[Mention]:
    for pattern in (_MOBILE, _LANDLINE):
        for found in pattern.finditer(text):
            yield Mention(kind=EntityKind.PHONE, value="".join(found.groups()), start=found.start(), end=found.end())


def find_order_numbers(text: str) -> Iterator[Mention]:
    """Eight digits or more, perhaps with a prefix and hyphens, or a long mix of letters and digits; no date, no other
    thing's number."""
    for found in sorted({(match.span(), match[0]) for match in _codes(text)}):
        (start, end), code = found
        if _DATE.fullmatch(code) or _OTHER_NUMBER.search(text[:start]):
            continue
        yield Mention(kind=EntityKind.ORDER_NO, value=code.upper(), start=start, end=end)


def _codes(text: str) -> Iterator[re.Match[str]]:
    for found in _CODE.finditer(text):
        if sum(char.isdigit() for char in found[0]) >= _FEWEST_DIGITS:
            yield found
    for found in _MIXED.finditer(text):
        # iphone15promax is goods: what names an order has more digits than a model has.
        if len(found[0]) >= _FEWEST_MIXED and sum(char.isdigit() for char in found[0]) >= _FEWEST_MIXED_DIGITS:
            yield found
