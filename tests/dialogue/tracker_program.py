"""Runs in Rasa's own runtime: long conversations and many of them, through the bot's tracker store."""

from __future__ import annotations

import asyncio
import json

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker import RecentTrackerStore

TURNS = 50
SAID = "我住在幸福路 8 号"
DOMAIN = Domain.from_dict({"intents": [f"intent_{number}" for number in range(TURNS)], "actions": ["action_desk"]})


async def talk(store: RecentTrackerStore, sender_id: str, number: int) -> None:
    tracker = await store.get_or_create_tracker(sender_id, append_action_listen=False)
    if not tracker.events:
        for event in (ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")):
            tracker.update(event, DOMAIN)
    heard = {"name": f"intent_{number}", "confidence": 1.0}
    tracker.update(UserUttered(SAID, heard, metadata={"state": {"options": [SAID]}}), DOMAIN)
    for event in (ActionExecuted("action_desk"), BotUttered(SAID), ActionExecuted("action_listen")):
        tracker.update(event, DOMAIN)
    await store.save(tracker)


def described(tracker: DialogueStateTracker | None) -> dict[str, object] | None:
    if tracker is None:
        return None
    return {
        "intents": [event.intent_name for event in tracker.events if isinstance(event, UserUttered)],
        "started": isinstance(list(tracker.events)[1], SessionStarted),
        "words": SAID in json.dumps([event.as_dict() for event in tracker.events], ensure_ascii=False),
        "listening": tracker.latest_action_name == "action_listen",
        "times": [event.timestamp for event in tracker.events] == sorted(event.timestamp for event in tracker.events),
    }


async def main() -> None:
    store = RecentTrackerStore(DOMAIN, turns=3, conversations=2)
    for number in range(TURNS):
        await talk(store, "long", number)
    long = described(await store.retrieve("long"))
    for sender_id in ("second", "long", "third"):
        await talk(store, sender_id, 0)
    kept = sorted(await store.keys())
    print(json.dumps({"long": long, "kept": kept, "unknown": described(await store.retrieve("second"))}))


asyncio.run(main())
