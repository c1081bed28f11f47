"""A message as it may be kept for training: what it says, without what identifies a person."""

from __future__ import annotations

import re
from collections.abc import Iterable

from language.entities import extract
from retention.hearing import Entity, EntityKind
from retention.words import masked_phone
from service.logs import HIDDEN, masked

PRIVATE = frozenset({EntityKind.PHONE, EntityKind.ORDER_NO, EntityKind.RECEIVER, EntityKind.DETAIL})
SHORTEST_KNOWN = 2  # a name of one character is in half of all sentences
_LEFT = (
    (re.compile(r"\d{6,}|\d(?:[ -]?\d){10,}"), HIDDEN),  # 12315 says something, a card's number does not
    (re.compile(r"[〇零一二三四五六七八九幺]{7,}"), HIDDEN),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), HIDDEN),
    (re.compile(r"(?i)((?:微信|v信|vx|wx|qq)号?[是:：\s]*)[a-z0-9][a-z0-9_-]{4,}"), rf"\1{HIDDEN}"),
)


def training_text(text: str, known: Iterable[str] = ()) -> str:
    """Masked as the logs are, and besides that order numbers, receivers, streets, accounts and long runs of digits.

    ``known`` is what the shop's records hold about the person. A name that neither they nor the words around it give
    away (我朋友李明) is not found: that is for the reviewer to see. Everything else stays as typed.

    >>> training_text("退了吧 😡 订单 TQ20261116001，打 138 1234 5678")
    '退了吧 😡 订单 ***，打 138****5678'
    """
    for entity in sorted(extract(text), key=lambda entity: entity.start, reverse=True):
        if entity.kind in PRIVATE:
            text = text[: entity.start] + _hidden(entity) + text[entity.end :]
    text = masked(text, streets=False)  # extract() found them
    for value in sorted(known, key=len, reverse=True):
        if len(value) >= SHORTEST_KNOWN:
            text = text.replace(value, HIDDEN)
    for pattern, replacement in _LEFT:
        text = pattern.sub(replacement, text)
    return text


def _hidden(entity: Entity) -> str:
    return masked_phone(entity.value) if entity.kind is EntityKind.PHONE else HIDDEN
