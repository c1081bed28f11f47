"""The risk nodes of ``nodes.yml``, read once and checked: an unreadable row is refused with its path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from rows.row_error import RowError
from rows.yaml_text import load_yaml

FILE = Path(__file__).with_name("nodes.yml")
KEYS = ("id", "zh", "en", "stage", "owner")
_NAME = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*")
_Word = TypeVar("_Word", bound=Enum)


class NodeStage(str, Enum):
    """Where in the life of an order a node lies."""

    BROWSE = "browse"  # 浏览
    ORDER = "order"  # 下单
    PAY = "pay"  # 付款
    WAREHOUSE = "warehouse"  # 仓储
    DELIVERY = "delivery"  # 配送
    RECEIVED = "received"  # 签收后
    SERVICE = "service"  # 客服
    SHOPPER = "shopper"  # 顾客


class Owner(str, Enum):
    """Who in the shop can change it."""

    MARKETING = "marketing"  # 营销
    MERCHANDISING = "merchandising"  # 商品
    PAYMENT = "payment"  # 支付
    WAREHOUSE = "warehouse"  # 仓储
    CARRIER = "carrier"  # 物流
    SERVICE = "service"  # 客服
    PURCHASING = "purchasing"  # 采购
    MEMBERSHIP = "membership"  # 会员
    PRODUCT = "product"  # 产品体验


class NodeError(RowError):
    """The table of nodes cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A point of an order's life where it can be lost. ``events`` are the kinds of events that tell of it."""

    id: str
    name_zh: str
    name_en: str
    stage: NodeStage
    owner: Owner
    events: tuple[str, ...] = ()


def load(file: Path = FILE) -> Mapping[str, Node]:
    """By id, in the order of the file. Raises NodeError."""
    return _checked(str(file), load_yaml(file.read_bytes(), file=str(file), refused=NodeError))


def _checked(file: str, data: object) -> Mapping[str, Node]:
    rows = data.get("nodes") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not rows:
        raise NodeError(file, "nodes", rows, "至少一行的列表")
    nodes: dict[str, Node] = {}
    told: set[str] = set()
    for number, row in enumerate(rows):
        path = f"nodes[{number}]"
        node = _node(file, path, row)
        if node.id in nodes:
            raise NodeError(file, f"{path}.id", node.id, "没有别的行用过的 id")
        for place, kind in enumerate(node.events):
            if kind in told:
                raise NodeError(file, f"{path}.events[{place}]", kind, "没有别的节点用过的事件")
            told.add(kind)
        nodes[node.id] = node
    return nodes


def _node(file: str, path: str, row: object) -> Node:
    if not isinstance(row, dict):
        raise NodeError(file, path, row, f"含 {'、'.join(KEYS)} 的一行")
    for key in row:
        if key not in (*KEYS, "events"):
            raise NodeError(file, f"{path}.{key}", row[key], f"这些键之一：{'、'.join(KEYS)}、events")
    events = row.get("events", [])
    if not isinstance(events, list):
        raise NodeError(file, f"{path}.events", events, "事件种类的列表")
    return Node(
        id=_named(file, f"{path}.id", row.get("id")),
        name_zh=_text(file, f"{path}.zh", row.get("zh")),
        name_en=_text(file, f"{path}.en", row.get("en")),
        stage=_one(file, f"{path}.stage", row.get("stage"), NodeStage),
        owner=_one(file, f"{path}.owner", row.get("owner"), Owner),
        events=tuple(_named(file, f"{path}.events[{place}]", kind) for place, kind in enumerate(events)),
    )


def _text(file: str, path: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise NodeError(file, path, value, "一段文字")
    return value


def _named(file: str, path: str, value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise NodeError(file, path, value, "family.name 形式的小写英文名")
    return value


def _one(file: str, path: str, value: object, words: type[_Word]) -> _Word:
    for word in words:
        if value == word.value:
            return word
    raise NodeError(file, path, value, "其中之一：" + "、".join(str(word.value) for word in words))


NODES: Mapping[str, Node] = load()
OF_EVENT: Mapping[str, Node] = {kind: node for node in NODES.values() for kind in node.events}
"""The node each kind of event tells of."""
