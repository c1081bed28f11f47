"""What every kind of remedy is: its parameters in the catalog, and what it would give in one case."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints

from compensation.reading import Node
from retention.case import Case
from retention.order import Stage


@dataclass(frozen=True, kw_only=True)
class Misfit:
    """Why something is not offered: the rule's name and Chinese for an associate."""

    rule: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a remedy would give in one case, in fen; amounts and ``terms`` as in ``retention.offer.Offer``.

    ``words`` fills the row's templates: amounts and dates of this case, already Chinese.
    """

    value_fen: int
    cost_fen: int
    reserve_fen: int
    terms: Mapping[str, bool | int | str]
    words: Mapping[str, str]


@dataclass(frozen=True)
class Parameter:
    """Annotates a field of an offer type: the key of a row's ``parameters`` it comes from, and how to read it."""

    key: str
    read: Callable[[Node], object]


@dataclass(frozen=True, kw_only=True)
class OfferType(ABC):
    """A kind of remedy; its fields are a row's parameters. ``compensation.offers.types`` lists them all.

    A ``free`` one never costs the shop a fen, so it may also answer what is fixed and never paid for.
    """

    kind: ClassVar[str]
    serves: ClassVar[frozenset[Stage]]
    words: ClassVar[frozenset[str]]
    free: ClassVar[bool] = False

    @property
    def budget_at_most_fen(self) -> int | None:
        """The most a row's budget may hold, where the remedy itself can run out."""
        return None

    @abstractmethod
    def draft(self, case: Case, at_most_fen: int) -> Draft | Misfit:
        """What it would give, or the fact that is missing.

        A remedy that can be given in part shrinks its reserve to ``at_most_fen``; any other ignores that, and the
        caps rule it out.
        """

    @classmethod
    def read(cls, node: Node) -> OfferType:
        """Raises CatalogError."""
        hints = get_type_hints(cls, include_extras=True)
        own: dict[str, Parameter] = {each.name: hints[each.name].__metadata__[0] for each in fields(cls)}
        found = node.mapping([each.key for each in own.values()])
        values: dict[str, Any] = {name: each.read(found[each.key]) for name, each in own.items()}
        return cls(**values)


def whole(least: int, most: int) -> Callable[[Node], int]:
    return lambda node: node.whole(least, most)


@dataclass(frozen=True, kw_only=True)
class Part:
    """How far a remedy may shrink to fit a cap before it is no remedy any more: the larger of the two counts."""

    min_fen: int
    min_share_percent: int

    def of(self, wanted_fen: int, at_most_fen: int) -> int:
        """All of it when that fits, what fits when that is enough, else all of it (which the caps then rule out)."""
        enough = at_most_fen >= self.min_fen and at_most_fen * 100 >= wanted_fen * self.min_share_percent
        return at_most_fen if enough and at_most_fen < wanted_fen else wanted_fen


def read_part(node: Node) -> Part:
    found = node.mapping(("min_yuan", "min_percent"))
    return Part(min_fen=found["min_yuan"].yuan(), min_share_percent=found["min_percent"].whole(1, 100))
