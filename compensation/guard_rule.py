"""The kinds of rule that withhold money. A new kind is one class here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import ClassVar

from compensation.reading import Node
from retention.case import Case
from retention.kin import TieKind
from retention.kindred import LEAVING
from retention.offer import ACTIVE, Grant, GrantState

TAKEN = ACTIVE - {GrantState.PROPOSED}


class Counts(str, Enum):
    MADE = "made"  # whatever became of it
    TAKEN = "taken"  # accepted and not taken back


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """Whether a case looks like asking for the sake of the offer."""

    kind: ClassVar[str]

    @abstractmethod
    def fits(self, case: Case, kinds: frozenset[str]) -> bool:
        """``kinds`` of offers count, all of them when it is empty."""

    @classmethod
    @abstractmethod
    def read(cls, node: Node, *, window_days: int) -> Rule:
        """Raises CatalogError."""


@dataclass(frozen=True, kw_only=True)
class FreshOrder(Rule):
    kind: ClassVar[str] = "fresh_order"
    minutes: int

    def fits(self, case: Case, kinds: frozenset[str]) -> bool:
        age = case.now - case.order.placed_at
        return case.goal in LEAVING and age < timedelta(minutes=self.minutes)

    @classmethod
    def read(cls, node: Node, *, window_days: int) -> FreshOrder:
        return cls(minutes=node.mapping(("minutes",))["minutes"].whole(1, 1440))


@dataclass(frozen=True, kw_only=True)
class RepeatedLeaving(Rule):
    kind: ClassVar[str] = "repeated_leaving"
    times: int
    days: int

    def fits(self, case: Case, kinds: frozenset[str]) -> bool:
        since = case.now - timedelta(days=self.days)
        return case.goal in LEAVING and sum(at >= since for at in case.kin.attempts) >= self.times

    @classmethod
    def read(cls, node: Node, *, window_days: int) -> RepeatedLeaving:
        found = node.mapping(("times", "days"))
        return cls(times=found["times"].whole(1, 1000), days=found["days"].whole(1, window_days))


@dataclass(frozen=True, kw_only=True)
class Accounts(Rule):
    """Others that share a tie, seen within the guard's window."""

    kind: ClassVar[str] = "accounts"
    ties: frozenset[TieKind]
    others: int

    def fits(self, case: Case, kinds: frozenset[str]) -> bool:
        return len(case.kin.by(self.ties)) >= self.others

    @classmethod
    def read(cls, node: Node, *, window_days: int) -> Accounts:
        found = node.mapping(("ties", "others"))
        return cls(ties=frozenset(found["ties"].choices(TieKind)), others=found["others"].whole(1, 1000))


@dataclass(frozen=True, kw_only=True)
class Offers(Rule):
    """Offers had by the account, and by those that share a tie, counted together."""

    kind: ClassVar[str] = "offers"
    ties: frozenset[TieKind]
    counts: Counts
    most: int
    days: int

    def fits(self, case: Case, kinds: frozenset[str]) -> bool:
        since = case.now - timedelta(days=self.days)
        theirs = (grant for relative in case.kin.by(self.ties) for grant in relative.grants)
        known = {grant.grant_id: grant for grant in (*case.customer_grants, *case.grants, *theirs)}
        return sum(self._counts(grant, kinds) for grant in known.values() if grant.created_at >= since) >= self.most

    def _counts(self, grant: Grant, kinds: frozenset[str]) -> bool:
        is_kind = not kinds or grant.offer.kind in kinds
        return is_kind and grant.reserve_fen > 0 and (self.counts is Counts.MADE or grant.state in TAKEN)

    @classmethod
    def read(cls, node: Node, *, window_days: int) -> Offers:
        found = node.mapping(("ties", "counts", "most", "days"))
        return cls(
            ties=frozenset(found["ties"].choices(TieKind)),
            counts=found["counts"].choice(Counts),
            most=found["most"].whole(1, 1000),
            days=found["days"].whole(1, window_days),
        )


RULES: Mapping[str, type[Rule]] = {each.kind: each for each in (FreshOrder, RepeatedLeaving, Accounts, Offers)}
