"""A platform's HTTP API: one call, the access token it needs, and what its answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from integrations.channels.accounts import WECOM, Account
from integrations.channels.wire import VERDICTS, Result, Verdict
from retention.contact import AccessToken
from retention.errors import StoreBusyError
from retention.ports import Clock, Store

CALL_SECONDS = 15.0
"""Long: a message whose answer was not waited for has to be sent again, and may then arrive twice."""
EARLY = timedelta(minutes=10)
"""A token this close to its end is replaced while it still works, so that nobody waits for the new one."""
LEASE = timedelta(seconds=10)
"""How long one process may take to fetch a token before another tries; also the pause after a failed try."""
NO_TOKEN = Result(verdict=Verdict.LATER, problem="no access token yet", data={})


class Platform:
    """``http`` is one client for the whole process. Every call ends in a Result; nothing is raised for the network."""

    def __init__(self, account: Account, store: Store, clock: Clock, http: httpx.AsyncClient) -> None:
        self.account = account
        self._store = store
        self._clock = clock
        self._http = http
        self._lock = asyncio.Lock()
        self._last: AccessToken | None = None

    async def call(self, path: str, body: Mapping[str, Any]) -> Result:
        """POST with an access token; one that was refused is replaced once."""
        token = await self._token()
        if token is None:
            return NO_TOKEN
        result = await self._post(path, body, {"access_token": token})
        if result.verdict is not Verdict.EXPIRED:
            return result
        fresh = await self._token(stale=token)
        return result if fresh is None else await self._post(path, body, {"access_token": fresh})

    async def _token(self, stale: str = "") -> str | None:
        """The account's token, other than a stale one; None when there is none to be had now."""
        try:
            return await self._token_or_busy(stale)
        except StoreBusyError:
            return None

    async def _token_or_busy(self, stale: str) -> str | None:
        async with self._lock:
            if self._last is not None and self._last.token != stale and self._last.expires_at - self._clock() > EARLY:
                return self._last.token  # whoever replaced it since did not end it, or we shall be told
            known, ours_to_fetch = await asyncio.to_thread(self._look, stale)
            if not ours_to_fetch:
                return known
            result = await (self._fetch_wecom() if self.account.kind == WECOM else self._fetch(force=bool(stale)))
            if result.verdict is not Verdict.DONE:
                return known
            return await asyncio.to_thread(self._keep, result.data)

    def _look(self, stale: str) -> tuple[str | None, bool]:
        """The token that works, if any, and whether this process has to fetch the next one."""
        with self._store.transaction() as records:
            now, known = self._clock(), records.access_tokens.find(self.account.name)
            works = known is not None and known.token != stale and known.expires_at > now
            if known is not None and works and known.expires_at - now > EARLY:
                self._last = known
                return known.token, False
            ours = records.access_tokens.lease(self.account.name, now=now, until=now + LEASE)
            return known.token if known is not None and works else None, ours

    def _keep(self, data: Mapping[str, Any]) -> str:
        token = AccessToken(
            account=self.account.name,
            token=str(data["access_token"]),
            expires_at=self._clock() + timedelta(seconds=int(data["expires_in"])),
        )
        with self._store.transaction() as records:
            records.access_tokens.put(token)
        self._last = token
        return token.token

    async def _fetch(self, *, force: bool) -> Result:
        """The stable token: a second process that asks gets the same one, where the old call would end the first's."""
        body = {
            "grant_type": "client_credential",
            "appid": self.account.app_id,
            "secret": self.account.secret,
            "force_refresh": force,
        }
        return _with_token(await self._post("/cgi-bin/stable_token", body, {}))

    async def _fetch_wecom(self) -> Result:
        query = {"corpid": self.account.app_id, "corpsecret": self.account.secret}
        return _with_token(await self._ask("GET", "/cgi-bin/gettoken", None, query))

    async def _post(self, path: str, body: Mapping[str, Any], query: Mapping[str, str]) -> Result:
        # Escaped characters would reach the shopper as they are written.
        return await self._ask("POST", path, json.dumps(body, ensure_ascii=False).encode(), query)

    async def _ask(self, method: str, path: str, content: bytes | None, query: Mapping[str, str]) -> Result:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self._http.request(method, self.account.api + path, content=content, params=dict(query))
            data = json.loads(answer.content)
        except (TimeoutError, httpx.HTTPError, ValueError) as problem:
            return Result(verdict=Verdict.LATER, problem=type(problem).__name__, data={})
        if answer.is_error or not isinstance(data, dict):
            return Result(verdict=Verdict.LATER, problem=f"HTTP {answer.status_code}", data={})
        code = data.get("errcode", 0)
        return Result(verdict=VERDICTS.get(code, Verdict.NEVER), problem=f"errcode {code}" if code else "", data=data)


def _with_token(result: Result) -> Result:
    if result.verdict is Verdict.DONE and not (result.data.get("access_token") and result.data.get("expires_in")):
        return Result(verdict=Verdict.LATER, problem="an answer without a token", data={})
    return result
