"""A stretch of a folded message that names something, before it becomes an entity."""

from __future__ import annotations

from dataclasses import dataclass

from retention.hearing import EntityKind


@dataclass(frozen=True, kw_only=True)
class Mention:
    """``wanted``: False for what the shopper wants to be rid of; None when the words do not say."""

    kind: EntityKind
    value: str
    start: int
    end: int
    wanted: bool | None = None

    def overlaps(self, other: Mention) -> bool:
        return self.start < other.end and other.start < self.end
