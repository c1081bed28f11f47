"""The guard against asking for the sake of the offer: money is withheld, help and the way out never."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from compensation.candidate import Candidate
from compensation.guard_rule import RULES, Rule
from compensation.offers.types import TYPES
from compensation.reading import CatalogError, Node, unique
from retention.case import Case, DecideOffer
from retention.kin import TieKind
from retention.offer import NoOffer, Offer
from retention.risk import Score
from rows.yaml_text import load_yaml

PREFIX = "guard:"
"""Begins the rule of every refusal of the guard."""

Rank = Callable[[Case, Score], tuple[Candidate, ...]]


@dataclass(frozen=True, kw_only=True)
class GuardRow:
    """``kinds`` of offers it withholds and counts; empty is every kind."""

    row_id: str
    title: str
    rule: Rule
    kinds: frozenset[str]
    why: str

    @property
    def name(self) -> str:
        return PREFIX + self.row_id


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Pure. ``window`` is how far back ``Case.kin`` must reach."""

    version: str
    window: timedelta
    crowd: Mapping[TieKind, int]
    rows: tuple[GuardRow, ...]

    def around(self, decide: DecideOffer, rank: Rank) -> DecideOffer:
        """``decide``, but for what the guard withholds; then the best of ``rank`` that it leaves, if any."""

        def guarded(case: Case, score: Score) -> Offer | NoOffer:
            answer = decide(case, score)
            if isinstance(answer, NoOffer):
                return answer
            row = self.against(case, answer)
            if row is None:
                return answer
            left = (one.offer for one in self.sift(case, rank(case, score)) if one.offer is not None)
            refused = NoOffer(rule=row.name, why=row.why, catalog_version=answer.catalog_version)
            return next(left, refused)

        return guarded

    def sift(self, case: Case, ranked: Iterable[Candidate]) -> tuple[Candidate, ...]:
        """The candidates in their order; those it withholds are ruled out in its name. A published promise is kept."""
        return tuple(one if one.standing else self._sifted(case, one) for one in ranked)

    def against(self, case: Case, offer: Offer) -> GuardRow | None:
        """The first row that withholds this offer; what costs the shop nothing never is."""
        if offer.reserve_fen == 0:
            return None
        return next((row for row in self.rows if _withholds(row, case, offer)), None)

    def _sifted(self, case: Case, candidate: Candidate) -> Candidate:
        row = self.against(case, candidate.offer) if candidate.offer else None
        return candidate if row is None else replace(candidate, offer=None, rule=row.name, why=row.why)


UNGUARDED = Guard(version="none", window=timedelta(0), crowd={}, rows=())
"""Withholds nothing."""


def _withholds(row: GuardRow, case: Case, offer: Offer) -> bool:
    return (not row.kinds or offer.kind in row.kinds) and row.rule.fits(case, row.kinds)


def load(path: Path) -> Guard:
    """Raises CatalogError, naming the place of the bad value."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError(str(path), "", f"打不开（{error.strerror}）", "一个 YAML 文件") from error
    return read_guard(content, file=str(path))


def read_guard(content: bytes, *, file: str) -> Guard:
    """Raises CatalogError and nothing else."""
    top = Node(file=file, path="", value=load_yaml(content, file=file, refused=CatalogError)).mapping(
        ("version", "window_days", "crowd", "rows")
    )
    window_days = top["window_days"].whole(1, 366)
    nodes = top["rows"].items("规则")
    rows = tuple(_row(node, window_days) for node in nodes)
    unique([node.mapping(("id",), optional=_ROW_KEYS)["id"] for node in nodes], [row.row_id for row in rows])
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Guard(
        version=f"{top['version'].text()}+{digest}",
        window=timedelta(days=window_days),
        crowd=_crowd(top["crowd"]),
        rows=rows,
    )


_ROW_KEYS = ("title", "type", "parameters", "kinds", "why")


def _row(node: Node, window_days: int) -> GuardRow:
    found = node.mapping(("id", "title", "type", "parameters", "why"), optional=("kinds",))
    kind = found["type"].value
    if not isinstance(kind, str) or kind not in RULES:
        raise found["type"].one_of(sorted(RULES))
    return GuardRow(
        row_id=found["id"].identifier(),
        title=found["title"].text(),
        rule=RULES[kind].read(found["parameters"], window_days=window_days),
        kinds=_kinds(found["kinds"]) if "kinds" in found else frozenset(),
        why=found["why"].text(),
    )


def _kinds(node: Node) -> frozenset[str]:
    items = node.items("方案类型")
    for item in items:
        if not isinstance(item.value, str) or item.value not in TYPES:
            raise item.one_of(sorted(TYPES))
    return frozenset(item.text() for item in items)


def _crowd(node: Node) -> Mapping[TieKind, int]:
    found = node.mapping((), optional=(TieKind.PHONE.value, TieKind.ADDRESS.value))
    return {TieKind(name): value.whole(1, 1000) for name, value in found.items()}
