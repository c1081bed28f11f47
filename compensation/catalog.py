"""The shop's offers as YAML rows: read once, checked, frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from compensation.audience import AUDIENCE_KEYS, Audience, read_audience
from compensation.caps import RowCaps, ShopCaps, read_row_caps, read_shop_caps, windows
from compensation.experiment import Experiment, read_experiment
from compensation.offer_type import OfferType
from compensation.offers.types import TYPES
from compensation.reading import CatalogError, Node, unique
from compensation.rules import Rule, read_rule
from compensation.words import china_date
from retention.hearing import Reason
from retention.order import Stage
from rows.yaml_text import load_yaml

NO_MONEY = frozenset({Reason.MISTAKE, Reason.SIZE, Reason.PAYMENT})
"""Reasons the shop answers by fixing the order; no row may answer them with money."""
COMMON_WORDS = frozenset({"order", "concern"})


class Consent(str, Enum):
    ASK = "ask"  # granted only when the shopper says yes
    AUTO = "auto"  # given without a question once an order was kept


class Authority(str, Enum):
    """Who may grant it; each may also grant what those before it may."""

    BOT = "bot"
    ASSOCIATE = "associate"  # only a person may
    MANAGER = "manager"  # only a supervisor or administrator may

    def covers(self, needed: Authority) -> bool:
        ranks = tuple(Authority)
        return ranks.index(self) >= ranks.index(needed)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """The days in China on which a row is offered, both included; None is open."""

    begins: date | None
    ends: date | None

    def include(self, now: datetime) -> bool:
        today = china_date(now)
        return (self.begins is None or self.begins <= today) and (self.ends is None or today <= self.ends)


@dataclass(frozen=True, kw_only=True)
class Pot:
    budget_id: str
    cap_fen: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One offer of the shop.

    ``kept`` is a prior, not a measurement: the share of the orders lost without it that are kept with it. A row with
    consent ``auto`` answers no reason and keeps nothing: it has no reasons and a ``kept`` of zero. ``nodes`` are the
    risk nodes it is meant for.
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
    dates: Dates = Dates(begins=None, ends=None)
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """``version`` is what the file calls itself, and a hash of its content."""

    version: str
    caps: ShopCaps
    rows: tuple[Row, ...]
    experiment: Experiment
    rules: tuple[Rule, ...] = ()

    @property
    def titles(self) -> Mapping[str, str]:
        """Offer id -> its Chinese name."""
        return {row.offer_id: row.title for row in self.rows}

    @property
    def budgets(self) -> Mapping[str, int]:
        """Budget id -> its cap in fen."""
        return {row.budget.budget_id: row.budget.cap_fen for row in self.rows}

    def windows(self, now: datetime) -> frozenset[datetime]:
        """The moments since which ``Case.spent`` must be counted."""
        return windows(self.caps, (row.caps for row in self.rows), now)


def read_catalog(content: bytes, *, file: str) -> Catalog:
    """The catalog of a YAML text; ``file`` is how errors call it. Raises CatalogError and nothing else."""
    return parse_catalog(
        load_yaml(content, file=file, refused=CatalogError), file=file, digest=hashlib.sha256(content).hexdigest()[:12]
    )


def parse_catalog(value: object, *, file: str, digest: str) -> Catalog:
    """As ``read_catalog``, of what the YAML held."""
    top = Node(file=file, path="", value=value).mapping(("version", "caps", "rows"), optional=("rules", "experiment"))
    nodes = top["rows"].items("方案")
    rows = tuple(_row(node) for node in nodes)
    keyed = [node.mapping(("id",), optional=(*_ROW_KEYS, *_OPTIONAL)) for node in nodes]
    unique([keys["id"] for keys in keyed], [row.offer_id for row in rows])
    _check_pots([keys["budget"] for keys in keyed], rows)
    return Catalog(
        version=f"{top['version'].text()}+{digest}",
        caps=read_shop_caps(top["caps"]),
        rows=rows,
        rules=_rules(top["rules"], rows) if "rules" in top else (),
        experiment=read_experiment(top.get("experiment")),
    )


_ROW_KEYS = (
    *("type", "title", "stages", "audience", "parameters", "caps", "budget", "consent", "authority", "expires_hours"),
    *("pitch", "why"),
)
_ANSWERING = ("reasons", "generic", "standing", "kept")
"""What a row says that is offered for a reason, and a row that is given after a save does not."""
_OPTIONAL = (*_ANSWERING, "dates", "nodes")


def _row(node: Node) -> Row:
    found = node.mapping(("id", *_ROW_KEYS), optional=_OPTIONAL)
    consent = found["consent"].choice(Consent)
    if consent is Consent.ASK:
        node.mapping(("id", *_ROW_KEYS, *_ANSWERING), optional=_OPTIONAL)
    elif (answering := next((found[key] for key in _ANSWERING if key in found), None)) is not None:
        raise answering.wrong("空着：consent 为 auto 的方案不针对原因", "删去这一项")
    authority = found["authority"].choice(Authority)
    if consent is Consent.AUTO and authority is not Authority.BOT:
        raise found["authority"].wrong("bot：consent 为 auto 的方案不问任何人")
    kind = found["type"].value
    if not isinstance(kind, str) or kind not in TYPES:
        raise found["type"].one_of(sorted(TYPES))
    remedy = TYPES[kind]
    words = remedy.words | COMMON_WORDS
    dates = _dates(found["dates"]) if "dates" in found else Dates(begins=None, ends=None)
    read = remedy.read(found["parameters"])
    answered = [reason for reason in Reason if remedy.free or reason not in NO_MONEY]
    return Row(
        offer_id=found["id"].identifier(),
        title=found["title"].text(),
        remedy=read,
        reasons=found["reasons"].choices(Reason, among=answered) if "reasons" in found else (),
        generic=found["generic"].flag() if "generic" in found else False,
        standing=found["standing"].flag() if "standing" in found else False,
        stages=found["stages"].choices(Stage, among=remedy.serves),
        audience=read_audience(found["audience"].mapping((), optional=AUDIENCE_KEYS)),
        caps=read_row_caps(found["caps"], begins=dates.begins),
        budget=_pot(found["budget"], read),
        kept=_kept(found["kept"]) if "kept" in found else 0.0,
        consent=consent,
        authority=authority,
        expires_hours=found["expires_hours"].whole(1, 720),
        pitch=found["pitch"].template(words),
        why=found["why"].template(words),
        dates=dates,
        nodes=tuple(each.text() for each in found["nodes"].items("风险节点")) if "nodes" in found else (),
    )


def _kept(node: Node) -> float:
    kept = node.share()
    if not kept:
        raise node.wrong("大于 0、不大于 1 的数")
    return float(kept)


def _dates(node: Node) -> Dates:
    found = node.mapping((), optional=("from", "until"))
    begins = found["from"].day() if "from" in found else None
    ends = found["until"].day() if "until" in found else None
    if begins is not None and ends is not None and begins > ends:
        raise found["until"].wrong("不早于 dates.from 的日期")
    return Dates(begins=begins, ends=ends)


def _pot(node: Node, remedy: OfferType) -> Pot:
    found = node.mapping(("id", "cap_yuan"))
    pot = Pot(budget_id=found["id"].identifier(), cap_fen=found["cap_yuan"].yuan())
    most_fen = remedy.budget_at_most_fen
    if most_fen is not None and pot.cap_fen > most_fen:
        raise found["cap_yuan"].wrong(f"至多 {most_fen / 100:.2f}，即全部数量的成本")
    return pot


def _check_pots(nodes: list[Node], rows: tuple[Row, ...]) -> None:
    """Rows may draw on one budget; then they say the same cap."""
    caps: dict[str, int] = {}
    for node, row in zip(nodes, rows, strict=True):
        if caps.setdefault(row.budget.budget_id, row.budget.cap_fen) != row.budget.cap_fen:
            cap = node.mapping(("id", "cap_yuan"))["cap_yuan"]
            raise cap.wrong(f"与前面各行的预算 {row.budget.budget_id} 相同的上限")


def _rules(node: Node, rows: tuple[Row, ...]) -> tuple[Rule, ...]:
    """Each by an id of its own; ``only`` names offers there are."""
    nodes = node.items("规则")
    rules = tuple(read_rule(each) for each in nodes)
    known = {row.offer_id for row in rows}
    unique([_at(each, "id") for each in nodes], [rule.rule_id for rule in rules])
    for each, rule in zip(nodes, rules, strict=True):
        if rule.only is not None and not rule.only <= known:
            raise _at(_at(each, "then"), "only").wrong("本目录里的方案编号")
    return rules


def _at(node: Node, key: str) -> Node:
    assert isinstance(node.value, dict), "the row was read"
    return Node(file=node.file, path=f"{node.path}.{key}", value=node.value[key])
