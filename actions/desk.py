"""Rasa's ``action_desk``: the whole of what the product does, behind one call."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import AnsweringDesk
from actions.turn import say_all, turn_of


class ActionDesk(Action):  # type: ignore[misc]
    """Returns no events: what the desk remembers is in its store, not in Rasa's tracker."""

    def __init__(self, desk: AnsweringDesk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_desk"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        answered = await asyncio.to_thread(self._desk.handle, turn_of(tracker))
        say_all(dispatcher, answered.bubbles)
        return []
