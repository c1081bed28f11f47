"""``Idempotency-Key``: the same key with the same request answers the same, with another request it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from retention.ports import Records
from service.context import Service, ServiceDep
from service.problems import ProblemError
from service.security import Caller

Work = Callable[[Records], tuple[int, Any]]
"""Writes, and says the status and the JSON it is answered with."""

KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="Unique per write. Sending the same request with the same key again repeats the first answer.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Write:
    """One request that writes: ``fingerprint`` tells it from another with the same key."""

    key: str | None
    fingerprint: str
    service: Service

    def once(self, caller: Caller, work: Work) -> Response:
        """Do the work and keep its answer in one transaction, or repeat the answer kept."""
        shop = self.service.shop
        with shop.store.transaction() as records:
            kept = self._kept(records, caller)
            if kept is not None:
                return kept
            status, content = work(records)
            body = json.dumps(content, ensure_ascii=False)
            if self.key:
                added = records.idempotency.add(
                    caller.owner, self.key, fingerprint=self.fingerprint, status=status, body=body, at=shop.clock()
                )
                if not added:  # another process has just answered; roll this back
                    raise ProblemError(409, "in_progress", "A request with this Idempotency-Key is being handled.")
        return _answer(status, body)

    async def around(self, caller: Caller, work: Callable[[], Awaitable[Any]]) -> Response:
        """As ``once``, answering 200, for work that has transactions of its own and does nothing twice anyway."""

        kept = await run_in_threadpool(self._look, caller)
        if kept is not None:
            return kept
        content = await work()
        return await run_in_threadpool(self.once, caller, lambda _: (200, content))

    def _look(self, caller: Caller) -> Response | None:
        if self.key is None:
            return None
        with self.service.shop.store.transaction() as records:
            return self._kept(records, caller)

    def _kept(self, records: Records, caller: Caller) -> Response | None:
        found = records.idempotency.find(caller.owner, self.key) if self.key else None
        if found is None:
            return None
        fingerprint, status, body = found
        if fingerprint != self.fingerprint:
            detail = "This Idempotency-Key was used for another request: use a new key for a new write."
            raise ProblemError(422, "idempotency_key_reused", detail)
        return _answer(status, body, repeated=True)


async def write(request: Request, service: ServiceDep, key: KeyHeader = None) -> Write:
    body = await request.body()
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    return Write(key=key, fingerprint=fingerprint, service=service)


async def keyed_write(given: Annotated[Write, Depends(write)]) -> Write:
    """A write that creates something each time it is asked must say which time it is."""
    if given.key is None:
        raise ProblemError(400, "idempotency_key_missing", "Send an Idempotency-Key header, unique for this write.")
    return given


Writing = Annotated[Write, Depends(write)]
KeyedWriting = Annotated[Write, Depends(keyed_write)]


def _answer(status: int, body: str, *, repeated: bool = False) -> Response:
    headers = {"Idempotent-Replayed": "true"} if repeated else None
    return Response(body, status, headers=headers, media_type="application/json")
