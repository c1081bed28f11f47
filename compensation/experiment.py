"""The shop's experiment as a section of the catalog: how many customers get no offer, and which catalog tries against which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from compensation.reading import Node


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """Another catalog, tried on a share of the customers. ``file`` is as written, beside the catalog that names it."""

    name: str
    file: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """``hold_out`` is the share of customers who get no money; a new ``salt`` draws them anew."""

    hold_out: float = 0.05
    salt: str = "1"
    settle_days: int = 15
    challenger: Challenger | None = None

    @property
    def window(self) -> timedelta:
        """From delivery to the day a save counts."""
        return timedelta(days=self.settle_days)


MOST_HELD_OUT = 0.5


def read_experiment(node: Node | None) -> Experiment:
    """The ``experiment`` section; a catalog without one has the usual hold-out. Raises CatalogError."""
    usual = Experiment()
    if node is None:
        return usual
    found = node.mapping((), optional=("hold_out", "salt", "settle_days", "challenger"))
    hold_out = float(found["hold_out"].share()) if "hold_out" in found else usual.hold_out
    if hold_out > MOST_HELD_OUT:
        raise found["hold_out"].wrong(f"0 到 {MOST_HELD_OUT} 的比例")
    return Experiment(
        hold_out=hold_out,
        salt=found["salt"].text() if "salt" in found else usual.salt,
        settle_days=found["settle_days"].whole(1, 90) if "settle_days" in found else usual.settle_days,
        challenger=_challenger(found["challenger"]) if "challenger" in found else None,
    )


def _challenger(node: Node) -> Challenger:
    found = node.mapping(("name", "file", "share"))
    share = float(found["share"].share())
    if not 0 < share < 1:
        raise found["share"].wrong("大于 0、小于 1 的比例")
    return Challenger(name=found["name"].identifier(), file=found["file"].text(), share=share)
