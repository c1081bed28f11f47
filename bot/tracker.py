"""Rasa's memory, kept short and without words: the last turns as intents and actions.

What people wrote is in the service's store alone, where erasure reaches it. No prediction looks further back than the
message at hand (its state comes with it), so replicas need not share this, and a turn costs the same whether it is the
fifth or the two hundredth.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import action_call


class RecentTrackerStore(TrackerStore):  # type: ignore[misc]
    """Keeps the last ``turns`` turns of the last ``conversations`` conversations that spoke, in this process."""

    def __init__(
        self,
        domain: Domain | None = None,
        event_broker: EventBroker | None = None,
        *,
        turns: int,
        conversations: int,
        **_: Any,
    ) -> None:
        super().__init__(domain, event_broker)
        self._turns = turns
        self._conversations = conversations
        self._events: OrderedDict[str, list[Event]] = OrderedDict()
        # Of our objects this is the first that a Rasa server builds and a training does not.
        action_call.install()

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        self._events[tracker.sender_id] = recent(list(tracker.events), self._turns)
        self._events.move_to_end(tracker.sender_id)
        while len(self._events) > self._conversations:
            self._events.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        events = self._events.get(sender_id)
        if events is None:
            return None
        tracker = self.init_tracker(sender_id)
        tracker.update_with_events(events, self.domain, override_timestamp=False)
        return tracker

    async def keys(self) -> Iterable[str]:
        return tuple(self._events)


def recent(events: list[Event], turns: int) -> list[Event]:
    """How the conversation began and its last turns; a turn starts with the shopper's message."""
    kept = [_wordless(event) for event in events if not isinstance(event, BotUttered)]
    starts = [index for index, event in enumerate(kept) if isinstance(event, UserUttered)]
    if len(starts) <= turns:
        return kept
    return kept[: starts[0]] + kept[starts[-turns] :]


def _wordless(event: Event) -> Event:
    if not isinstance(event, UserUttered):
        return event
    return UserUttered(intent=event.intent, timestamp=event.timestamp)
