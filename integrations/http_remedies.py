"""The shop's own order system, over HTTP: signed like our webhooks, with the fulfilment's id as ``Idempotency-Key``.

``POST /remedies`` gives or takes back, ``GET /remedies/{grant_id}`` and ``GET /remedies?since=&cursor=`` tell what was;
docs/order-system.md says what an order system has to keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx

from integrations.codec import decode, encode, in_utc
from integrations.courier import signed_headers
from retention.errors import RemedyRefusedError, RemedyUncertainError
from retention.fulfilment import Act, Remedy
from retention.money_ports import Remedies
from retention.offer import Grant
from retention.ports import Clock

SECONDS = 2.5
REFUSALS = frozenset({400, 410, 413, 415, 422})
"""Asking again gets the same answer. Everything else may pass: 401 a wrong secret, 404 a gateway that has lost its server, 409
the same call in another's hands."""
LONGEST = 200


class HttpRemedies(Remedies):
    """May be used from many threads. ``secret`` is that of Standard Webhooks; raises ValueError for one that is not."""

    def __init__(self, url: str, secret: str, clock: Clock, *, seconds: float = SECONDS) -> None:
        self._base = url
        self._url = f"{url}/remedies"
        self._secret = secret
        self._clock = clock
        self._http = httpx.Client(timeout=seconds, trust_env=False, follow_redirects=False)
        signed_headers(secret, "check", "", at=clock())

    def fulfil(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        return self._post(Act.GRANT, fulfilment_id, grant, now)

    def undo(self, fulfilment_id: str, grant: Grant, *, now: datetime) -> Remedy:
        return self._post(Act.REVERSE, fulfilment_id, grant, now)

    def find(self, grant_id: str) -> Remedy | None:
        answer = self._get(f"{self._url}/{quote(grant_id, safe='')}")
        return None if answer.status_code == httpx.codes.NOT_FOUND else _remedy(_json(answer), grant_id)

    def all(self, since: datetime) -> Iterator[Remedy]:
        asked = {"since": in_utc(since).isoformat()}
        while True:
            page = _json(self._get(f"{self._url}?{urlencode(asked)}"))
            for row in _part(page, "remedies"):
                yield _remedy(row)
            following = _part(page, "next")
            if following is None:
                return
            if following == asked.get("cursor"):
                raise RemedyUncertainError("the order system answers the same page again and again")
            asked["cursor"] = str(following)

    def close(self) -> None:
        self._http.close()

    def _post(self, act: Act, fulfilment_id: str, grant: Grant, now: datetime) -> Remedy:
        body = json.dumps(_body(act, grant), ensure_ascii=False, separators=(",", ":"))
        headers = {**signed_headers(self._secret, fulfilment_id, body, at=now), "idempotency-key": fulfilment_id}
        answer = self._asked(lambda: self._http.post(self._url, content=body.encode(), headers=headers))
        if answer.status_code in REFUSALS:
            raise RemedyRefusedError(grant.grant_id, f"the order system answered {answer.status_code}{_code(answer)}")
        return _remedy(_json(answer), grant.grant_id)

    def _get(self, url: str) -> httpx.Response:
        target = url.removeprefix(self._base)  # what is signed where there is no body
        headers = signed_headers(self._secret, f"look_{uuid4().hex}", target, at=self._clock())
        return self._asked(lambda: self._http.get(url, headers=headers))

    def _asked(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return ask()
        except httpx.HTTPError as problem:
            raise RemedyUncertainError(f"the order system: {type(problem).__name__}") from problem


def _body(act: Act, grant: Grant) -> dict[str, Any]:
    """Fixed for a fulfilment, whenever it is sent: the same key always comes with the same body."""
    offer = grant.offer
    return {
        "act": act.value,
        "grant_id": grant.grant_id,
        "order_no": grant.order_no,
        "offer_id": offer.offer_id,
        "kind": offer.kind,
        "title": offer.title,
        "cause": offer.cause,
        "value_fen": offer.value_fen,
        "terms": encode(offer.terms),
        "created_at": encode(grant.created_at),
    }


def _json(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise RemedyUncertainError(f"the order system answered {answer.status_code}")
    try:
        return answer.json()
    except ValueError as problem:
        raise RemedyUncertainError("the order system answered something else than JSON") from problem


def _remedy(data: Any, grant_id: str | None = None) -> Remedy:
    try:
        remedy = decode(Remedy, data)
    except (ValueError, TypeError) as problem:
        raise RemedyUncertainError("the order system answered something else than a remedy") from problem
    if not all(isinstance(part, str) and len(part) <= LONGEST for part in (remedy.grant_id, remedy.reference)):
        raise RemedyUncertainError(
            f"the order system answered with an id that is no text of at most {LONGEST} characters"
        )
    if grant_id is not None and remedy.grant_id != grant_id:
        raise RemedyUncertainError("the order system answered about another grant")
    return remedy


def _part(page: Any, name: str) -> Any:
    if not isinstance(page, Mapping) or name not in page:
        raise RemedyUncertainError(f"the order system answered without {name!r}")
    return page[name]


def _code(answer: httpx.Response) -> str:
    """Its own short code, if there is one. Its sentences stay out: they may name people."""
    try:
        code = answer.json().get("code", "")
    except (ValueError, AttributeError):
        return ""
    is_short = isinstance(code, str) and code.isascii() and len(code) <= LONGEST
    return f" {code}" if is_short and code else ""
