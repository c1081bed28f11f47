"""Answers to questions about the shop's rules: the shop's own rows, or none at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from policies.rows import PolicyError, Row
from rows.yaml_text import load_yaml


@dataclass(frozen=True, kw_only=True)
class Topic:
    name: str
    words: tuple[str, ...]
    answer: str

    def named_in(self, question: str) -> int:
        """How many characters of the question this topic's words account for."""
        return sum(len(word) for word in self.words if word in question)


@dataclass(frozen=True, kw_only=True)
class Answers:
    topics: tuple[Topic, ...]

    def answer(self, question: str) -> str | None:
        """The answer of the topic a question names most, or None when it names none."""
        plain = question.replace(" ", "").lower()
        best = max(self.topics, key=lambda topic: topic.named_in(plain))
        return best.answer if best.named_in(plain) else None


def load(path: Path) -> Answers:
    """Read and check the rows. Raises PolicyError with file, path of the value, the value and what is expected."""
    data = load_yaml(path.read_bytes(), file=str(path), refused=PolicyError)
    if not isinstance(data, list) or not data:
        raise PolicyError(str(path), "", data, "至少一个话题")
    topics = []
    for index, entry in enumerate(data):
        row = Row(str(path), f"[{index}]", entry)
        row.only("topic", "words", "answer")
        topics.append(Topic(name=row.text("topic"), words=tuple(row.texts("words")), answer=row.text("answer")))
    return Answers(topics=tuple(topics))
