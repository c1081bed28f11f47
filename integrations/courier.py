"""Sends notices as Standard Webhooks: signed, to addresses that may be sent to, without following anybody elsewhere."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx
from standardwebhooks import Webhook

from integrations.target import Network, TargetRefusedError, checked_url, resolved
from retention.notice import Dispatch, Subscription, body_of

SECONDS = 15.0
SECRET_BYTES = 32
MOST_ADDRESSES = 3
CONNECTIONS = httpx.Limits(max_keepalive_connections=0)
"""A kept connection was made, and its certificate checked, for a name that may not be the next one's."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``problem`` is empty when it got through. ``gone``: the receiver wants nothing more, ever."""

    status: int | None
    problem: str
    seconds: float
    asked_s: float = 0.0
    gone: bool = False


def new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def signed_headers(secret: str, notice_id: str, body: str, *, at: datetime) -> dict[str, str]:
    """``at`` is the moment of the attempt, in UTC."""
    return {
        "content-type": "application/json",
        "user-agent": "Tourniquet-Webhooks/1",
        "webhook-id": notice_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(notice_id, at, body),
    }


class Courier:
    """One client for the whole process. ``allowed`` are private networks that may be sent to."""

    def __init__(self, allowed: Sequence[Network], *, seconds: float = SECONDS) -> None:
        self._allowed = allowed
        self._seconds = seconds
        self._client = httpx.AsyncClient(limits=CONNECTIONS, trust_env=False, follow_redirects=False)

    async def send(self, dispatch: Dispatch, subscription: Subscription, *, now: datetime) -> Outcome:
        """One attempt."""
        body = json.dumps(body_of(dispatch), ensure_ascii=False, separators=(",", ":"))
        headers = signed_headers(subscription.secret, dispatch.notice_id, body, at=now)
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._post(subscription.url, headers, body.encode())
        except TargetRefusedError as refused:
            return _failed(str(refused), started)
        except TimeoutError:
            return _failed(f"no answer within {self._seconds:g} s", started)
        except (OSError, httpx.HTTPError) as problem:
            return _failed(f"{type(problem).__name__}: {problem}", started)
        return _judged(answer, now, started)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        target = httpx.URL(checked_url(url, self._allowed))
        port = target.port or (443 if target.scheme == "https" else 80)
        addresses = await resolved(target.host, port, target.scheme, self._allowed)
        refused: httpx.ConnectError | None = None
        for address in addresses[:MOST_ADDRESSES]:
            request = self._client.build_request(
                "POST",
                target.copy_with(host=address),
                content=body,
                headers={**headers, "host": target.netloc.decode("ascii")},
                timeout=self._seconds,
                extensions={"sni_hostname": target.host},
            )
            try:
                answer = await self._client.send(request, stream=True)
            except httpx.ConnectError as problem:
                refused = problem
                continue
            await answer.aclose()  # what it says does not matter, and may be endless
            return answer
        assert refused is not None, "a host that resolves has an address"
        raise refused

    async def __aenter__(self) -> Courier:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _judged(answer: httpx.Response, now: datetime, started: float) -> Outcome:
    if answer.is_success:
        return Outcome(status=answer.status_code, problem="", seconds=time.perf_counter() - started)
    problem = f"answered {answer.status_code}"
    if answer.is_redirect:
        problem += ": redirects are not followed, subscribe with the final URL"
    return Outcome(
        status=answer.status_code,
        problem=problem,
        seconds=time.perf_counter() - started,
        asked_s=_asked_s(answer.headers.get("retry-after", ""), now),
        gone=answer.status_code == httpx.codes.GONE,
    )


def _failed(problem: str, started: float) -> Outcome:
    return Outcome(status=None, problem=problem[:300], seconds=time.perf_counter() - started)


def _asked_s(retry_after: str, now: datetime) -> float:
    """Seconds, or a date, or nothing that can be read."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0
