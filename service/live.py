"""What just happened, to whoever is watching: the shopper's open page and the associates' consoles."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

CONSOLE = "console"
BACKLOG = 256
"""A watcher this far behind is cut off: it reconnects and reads the transcript, which misses nothing."""

Watcher = asyncio.Queue["str | None"]


def conversation_topic(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


class Live:
    """Publish and subscribe within this process; call it from the event loop only."""

    def __init__(self) -> None:
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)

    @contextmanager
    def watch(self, topic: str) -> Iterator[Watcher]:
        """Events of the topic, as JSON text, as they happen; None when the watcher fell behind and must come back."""
        watcher: Watcher = asyncio.Queue(maxsize=BACKLOG)
        self._watchers[topic].add(watcher)
        try:
            yield watcher
        finally:
            self._forget(topic, watcher)

    def publish(self, topic: str, event: str) -> None:
        for watcher in tuple(self._watchers.get(topic, ())):
            if watcher.full():
                self._forget(topic, watcher)
                watcher.get_nowait()
                watcher.put_nowait(None)
            else:
                watcher.put_nowait(event)

    def is_watched(self, topic: str) -> bool:
        return bool(self._watchers.get(topic))

    def _forget(self, topic: str, watcher: Watcher) -> None:
        self._watchers[topic].discard(watcher)
        if not self._watchers[topic]:
            del self._watchers[topic]
