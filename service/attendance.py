"""An associate's screen says that they are there: over HTTP or its socket, every few seconds."""

from __future__ import annotations

from typing import Literal

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from integrations.wiring import Shop
from retention.errors import StoreBusyError
from retention.presence import Presence, PresenceState
from service.api.fields import Body
from service.broadcast import Broadcast
from service.logs import logger

log = logger(__name__)


class PresenceBody(Body):
    state: Literal["online", "busy", "away"]


class PresenceFrame(PresenceBody):
    type: Literal["presence"]


class Attendance:
    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast

    async def beat(self, associate: str, state: PresenceState) -> Presence:
        """Every console is told when somebody comes, goes or changes."""
        presence, has_changed = await run_in_threadpool(self._put, associate, state)
        if has_changed:
            self._broadcast.staff()
        return presence

    async def hear(self, associate: str, frame: str) -> None:
        """A frame of the console's socket; what is no heartbeat is left alone, and so is one the store has no time for."""
        try:
            said = PresenceFrame.model_validate_json(frame)
        except ValidationError:
            return
        try:
            await self.beat(associate, PresenceState(said.state))
        except StoreBusyError:  # the next one comes in a few seconds
            log.warning("presence_store_busy")

    def _put(self, associate: str, state: PresenceState) -> tuple[Presence, bool]:
        shop = self._shop
        now = shop.clock()
        presence = Presence(associate=associate, state=state, seen_at=now)
        with shop.store.transaction() as records:
            before = shop.staffing.state_of(records.presences.lock(associate), now)
            records.presences.put(presence)
        return presence, before is not state
