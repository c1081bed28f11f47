"""Rasa's ``action_ask_back``: the message was not understood, and asking beats guessing."""

from __future__ import annotations

import asyncio
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answering import AnsweringDesk
from actions.turn import say_all, turn_of


class ActionAskBack(Action):  # type: ignore[misc]
    def __init__(self, desk: AnsweringDesk) -> None:
        self._desk = desk

    def name(self) -> str:
        return "action_ask_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        answered = await asyncio.to_thread(self._desk.ask_back, turn_of(tracker))
        say_all(dispatcher, answered.bubbles)
        return []
