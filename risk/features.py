"""Every feature there is. A new one is one function in ``risk.dimensions``; it is found here and nowhere listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from retention.case import Case
from risk import dimensions
from risk.evidence import Evidence, gather
from risk.feature import Feature


def _found() -> Iterator[Feature]:
    for module in sorted(iter_modules(dimensions.__path__), key=lambda module: module.name):
        members = vars(import_module(f"{dimensions.__name__}.{module.name}")).values()
        yield from (member for member in members if isinstance(member, Feature))


FEATURES: Mapping[str, Feature] = {each.name: each for each in _found()}

names: tuple[str, ...] = tuple(FEATURES)


def vector(case: Case) -> Mapping[str, float]:
    """Every feature's value for a case, in the order of ``names``; finite whatever is missing."""
    return dict(zip(names, values_of(gather(case)), strict=True))


def values_of(evidence: Evidence) -> list[float]:
    """The values of ``vector``, of evidence already gathered."""
    return [each.value(evidence) for each in FEATURES.values()]
