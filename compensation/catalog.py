"""The shop's offers as YAML rows: read once, checked, frozen."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import yaml

from compensation.caps import RowCaps, ShopCaps
from compensation.offer_type import OfferType
from compensation.offers import TYPES
from compensation.reading import CatalogError, Node, unique
from retention.hearing import Reason
from retention.order import Stage

NO_MONEY = frozenset({Reason.MISTAKE, Reason.SIZE, Reason.PAYMENT})
"""Reasons the shop answers by fixing the order; no row may answer them with money."""
COMMON_WORDS = frozenset({"order", "concern"})


class Consent(str, Enum):
    ASK = "ask"  # granted only when the shopper says yes


class Authority(str, Enum):
    BOT = "bot"  # the bot may offer it by itself
    ASSOCIATE = "associate"  # only a person may


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who may get it: RFM above one bound and up to another; ``tiers`` empty means every tier."""

    rfm_above: float
    rfm_max: float
    tiers: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Pot:
    budget_id: str
    cap_fen: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One offer of the shop.

    ``kept`` is a prior, not a measurement: the share of the orders lost without it that are kept with it.
    """

    offer_id: str
    title: str
    remedy: OfferType
    reasons: tuple[Reason, ...]
    generic: bool
    standing: bool
    stages: tuple[Stage, ...]
    audience: Audience
    caps: RowCaps
    budget: Pot
    kept: float
    consent: Consent
    authority: Authority
    expires_hours: int
    pitch: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """``version`` is what the file calls itself, and a hash of its content."""

    version: str
    caps: ShopCaps
    rows: tuple[Row, ...]

    @property
    def budgets(self) -> Mapping[str, int]:
        """Budget id -> its cap in fen."""
        return {row.budget.budget_id: row.budget.cap_fen for row in self.rows}


def read_catalog(content: bytes, *, file: str) -> Catalog:
    """The catalog of a YAML text; ``file`` is how errors call it. Raises CatalogError and nothing else."""
    return parse_catalog(load_yaml(content, file), file=file, digest=hashlib.sha256(content).hexdigest()[:12])


def parse_catalog(value: object, *, file: str, digest: str) -> Catalog:
    """As ``read_catalog``, of what the YAML held."""
    top = Node(file=file, path="", value=value).mapping(("version", "caps", "rows"))
    nodes = top["rows"].items("rows")
    rows = tuple(_row(node) for node in nodes)
    keyed = [node.mapping(("id",), optional=_ROW_KEYS) for node in nodes]
    unique([keys["id"] for keys in keyed], [row.offer_id for row in rows])
    _check_pots([keys["budget"] for keys in keyed], rows)
    return Catalog(version=f"{top['version'].text()}+{digest}", caps=_shop_caps(top["caps"]), rows=rows)


_ROW_KEYS = (
    *("type", "title", "reasons", "generic", "standing", "stages", "audience", "parameters", "caps", "budget"),
    *("kept", "consent", "authority", "expires_hours", "pitch", "why"),
)


def _row(node: Node) -> Row:
    found = node.mapping(("id", *_ROW_KEYS))
    kind = found["type"].value
    if not isinstance(kind, str) or kind not in TYPES:
        raise found["type"].wrong("one of " + ", ".join(sorted(TYPES)))
    remedy = TYPES[kind]
    words = remedy.words | COMMON_WORDS
    kept = found["kept"].share()
    if not kept:
        raise found["kept"].wrong("a number above 0, up to 1")
    return Row(
        offer_id=found["id"].identifier(),
        title=found["title"].text(),
        remedy=remedy.read(found["parameters"]),
        reasons=found["reasons"].choices(Reason, among=[each for each in Reason if each not in NO_MONEY]),
        generic=found["generic"].flag(),
        standing=found["standing"].flag(),
        stages=found["stages"].choices(Stage, among=remedy.serves),
        audience=_audience(found["audience"]),
        caps=_row_caps(found["caps"]),
        budget=_pot(found["budget"]),
        kept=float(kept),
        consent=found["consent"].choice(Consent),
        authority=found["authority"].choice(Authority),
        expires_hours=found["expires_hours"].whole(1, 720),
        pitch=found["pitch"].template(words),
        why=found["why"].template(words),
    )


def _shop_caps(node: Node) -> ShopCaps:
    found = node.mapping(("order_margin_share", "customer", "high_value", "window_days"))
    customer = found["customer"].mapping(("cap_yuan",))
    high_value = found["high_value"].mapping(("rfm_above", "cap_yuan"))
    return ShopCaps(
        order_margin_share=found["order_margin_share"].share(),
        customer_cap_fen=customer["cap_yuan"].yuan(),
        high_value_rfm=float(high_value["rfm_above"].decimal(0, 100)),
        high_value_cap_fen=high_value["cap_yuan"].yuan(),
        window_days=found["window_days"].whole(1, 366),
    )


def _row_caps(node: Node) -> RowCaps:
    found = node.mapping(("per_order_yuan", "per_customer_yuan", "window_days"))
    return RowCaps(
        per_order_fen=found["per_order_yuan"].yuan(),
        per_customer_fen=found["per_customer_yuan"].yuan(),
        window_days=found["window_days"].whole(1, 366),
    )


def _audience(node: Node) -> Audience:
    found = node.mapping((), optional=("rfm_above", "rfm_max", "tiers"))
    above = float(found["rfm_above"].decimal(0, 100)) if "rfm_above" in found else -math.inf
    most = float(found["rfm_max"].decimal(0, 100)) if "rfm_max" in found else math.inf
    if above >= most:
        raise found["rfm_above" if "rfm_above" in found else "rfm_max"].wrong("rfm_above below rfm_max")
    tiers = frozenset(tier.text() for tier in found["tiers"].items("tiers")) if "tiers" in found else frozenset[str]()
    return Audience(rfm_above=above, rfm_max=most, tiers=tiers)


def _pot(node: Node) -> Pot:
    found = node.mapping(("id", "cap_yuan"))
    return Pot(budget_id=found["id"].identifier(), cap_fen=found["cap_yuan"].yuan())


def _check_pots(nodes: list[Node], rows: tuple[Row, ...]) -> None:
    """Rows may draw on one budget; then they say the same cap."""
    caps: dict[str, int] = {}
    for node, row in zip(nodes, rows, strict=True):
        if caps.setdefault(row.budget.budget_id, row.budget.cap_fen) != row.budget.cap_fen:
            cap = node.mapping(("id", "cap_yuan"))["cap_yuan"]
            raise cap.wrong(f"the cap that budget {row.budget.budget_id} has in the rows before")


def load_yaml(content: bytes, file: str) -> object:
    try:
        return yaml.load(content.decode("utf-8"), Loader=_StrictLoader)  # noqa: S506 a SafeLoader
    except Exception as error:  # PyYAML lets through whatever int(), datetime() and deep recursion raise
        mark = getattr(error, "problem_mark", None)
        path = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or type(error).__name__
        raise CatalogError(
            file=file, path=path, found=f"cannot be read ({problem})", expected="YAML in UTF-8"
        ) from error


class _StrictLoader(yaml.SafeLoader):
    """Plain YAML would let a second ``cap_yuan`` silently replace the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} stands twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)
