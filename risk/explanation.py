"""From contributions to the reasons a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from retention.risk import Contribution
from risk.features import FEATURES
from risk.sequence.traces import Trace

MOST_REASONS = 6
LEAST_LOGIT = 0.1
"""A smaller share moves a probability by at most 2.5 points: not worth a reader's time."""
LEAST_ABSENT = 0.3
"""What did not happen is worth saying only when it weighs."""
CATEGORY = "category"
"""The share of the goods' category, beside those of features."""
CATEGORY_NODE = "product.category"

NOTHING: Mapping[str, Trace] = MappingProxyType({})


def reasons(
    values: Mapping[str, float],
    contributions: Mapping[str, float],
    *,
    category: str = "",
    traces: Mapping[str, Trace] = NOTHING,
) -> tuple[Contribution, ...]:
    """The strongest shares for and against, on the logit scale, with words about this case.

    ``contributions`` are of features in ``values``, of ``CATEGORY`` and of sequences in ``traces``.
    """
    strong = [
        (name, share)
        for name, share in contributions.items()
        if abs(share) >= (LEAST_ABSENT if values.get(name) == 0 else LEAST_LOGIT)
    ]
    strong.sort(key=lambda pair: (-abs(pair[1]), pair[0]))
    return tuple(_reason(name, share, values, category, traces) for name, share in strong[:MOST_REASONS])


def _reason(
    name: str, share: float, values: Mapping[str, float], category: str, traces: Mapping[str, Trace]
) -> Contribution:
    if name == CATEGORY:
        node, words = CATEGORY_NODE, f"{_named(category)}的订单{'更容易' if share > 0 else '不容易'}流失"
    elif name in traces:
        node, words = traces[name].node, traces[name].words()
    else:
        node, words = FEATURES[name].node, FEATURES[name].words(values[name])
    return Contribution(feature=name, node=node, contribution=share, words=words)


def _named(category: str) -> str:
    last = category.rstrip("/").rsplit("/", 1)[-1].strip()
    return f"「{last}」类" if last else "这类商品"
