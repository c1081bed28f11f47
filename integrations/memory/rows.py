"""Rows that can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Undo:
    """How to take back what the present transaction wrote, newest last."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], object]] = []

    def note(self, step: Callable[[], object]) -> None:
        self._steps.append(step)

    def forget(self) -> None:
        self._steps.clear()

    def roll_back(self) -> None:
        while self._steps:
            self._steps.pop()()


class Rows(dict[K, V]):
    """A table by key. Writing is by ``rows[key] = value`` and ``del rows[key]`` only; values are frozen."""

    def __init__(self, undo: Undo) -> None:
        super().__init__()
        self._undo = undo

    def __setitem__(self, key: K, value: V) -> None:
        self._note(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._note(key)
        super().__delitem__(key)

    def _note(self, key: K) -> None:
        if key in self:
            before = self[key]
            self._undo.note(lambda: dict.__setitem__(self, key, before))
        else:
            self._undo.note(lambda: dict.__delitem__(self, key))
