"""When a person must take over, on what the shopper wrote and how the mood went."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policies.rows import Row
from policies.trajectory import Trajectory, mood
from retention.course import Step
from retention.hearing import Emotion, Hearing


@dataclass(frozen=True, kw_only=True)
class Person:
    """When a person must take over.

    ``trajectory`` judges the whole course where it has been learnt; until then ``furious`` and the levels of the mood do.
    """

    escalate: float
    surely: float
    missed_to_needless: float
    furious: float
    decay: float
    level: float
    level_turns: int
    words: tuple[tuple[str, re.Pattern[str]], ...]
    trajectory: Trajectory | None = None

    def rule(self, course: tuple[Step, ...]) -> str | None:
        """The rule that calls for a person now, or None. A pleased shopper is never sent to one by mood."""
        now = course[-1]
        for rule, pattern in self.words:
            if pattern.search(now.text):
                return rule
        if now.hearing.emotion is Emotion.PLEASED:
            return None
        # A message in mid-conversation sounds sharper than it is; there the course is weighed as well.
        if now.hearing.escalate >= (self.escalate if len(course) == 1 else self.surely):
            return "escalate"
        if self.trajectory is None:
            return self._by_mood(tuple(step.hearing for step in course))
        worth_it = 1 / (1 + self.missed_to_needless)
        return self.trajectory.rule(course) if self.trajectory.probability(course) >= worth_it else None

    def _by_mood(self, hearings: tuple[Hearing, ...]) -> str | None:
        now = hearings[-1]
        if now.emotion is Emotion.ANGRY and now.intensity >= self.furious:
            return "furious"
        negative = sum(hearing.sentiment < 0 for hearing in hearings)
        if now.sentiment < 0 and negative >= self.level_turns and mood(hearings, self.decay) <= self.level:
            return "worsening"
        return None


def read_person(row: Row) -> Person:
    """Raises PolicyError."""
    row.only("escalate", "surely", "missed_to_needless", "furious", "decay", "level", "level_turns", "words")
    words = []
    for entry in row.rows("words"):
        entry.only("rule", "patterns")
        try:
            pattern = re.compile("|".join(f"(?:{part})" for part in entry.texts("patterns")))
        except re.error as error:
            raise entry.error("patterns", "正则表达式", f"写法有误：{error}") from error
        words.append((entry.text("rule"), pattern))
    return Person(
        escalate=row.number("escalate", 0, 1),
        surely=row.number("surely", 0, 1),
        missed_to_needless=row.number("missed_to_needless", 0.01, 1000),
        furious=row.number("furious", 0, 1),
        decay=row.number("decay", 0, 1),
        level=row.number("level", -1, 0),
        level_turns=row.whole("level_turns", 1, 100),
        words=tuple(words),
    )
