"""A platform as the documents of WeChat and WeCom describe it: a real HTTP server that takes messages, and what it delivers.

``refusals`` are the codes the next calls are answered with, by path; a code lasts one call.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.channels import envelope, xml
from integrations.channels.accounts import WECHAT, WECOM, Account, Accounts

AES_TEXT = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
AES_KEY = base64.b64decode(AES_TEXT + "=")
OFFICIAL, CORP, DESK = "wx0123456789", "ww0123456789", "wkDESK1"
CUSTOM, KF, GREET = "/cgi-bin/message/custom/send", "/cgi-bin/kf/send_msg", "/cgi-bin/kf/send_msg_on_event"
SYNC, TRANS = "/cgi-bin/kf/sync_msg", "/cgi-bin/kf/service_state/trans"
WAIT_S = 10.0
NONCES = count(1)


class FakePlatform:
    def __init__(self) -> None:
        self.url = ""
        self.tokens = 0
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refusals: defaultdict[str, deque[int]] = defaultdict(deque)
        self.desks: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.page = 1000
        self.gate = asyncio.Event()
        self.gate.set()
        self._called = asyncio.Condition()
        self.app = Starlette(
            routes=[
                Route("/cgi-bin/stable_token", self._token, methods=["POST"]),
                Route("/cgi-bin/gettoken", self._token),
                Route(SYNC, self._sync, methods=["POST"]),
                *[Route(path, self._take, methods=["POST"]) for path in (CUSTOM, KF, GREET, TRANS)],
            ]
        )

    @asynccontextmanager
    async def served(self) -> AsyncIterator[FakePlatform]:
        server = uvicorn.Server(uvicorn.Config(self.app, port=0, lifespan="off", log_config=None))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.should_exit = True
            await serving

    def account(self, kind: str = WECHAT, **more: Any) -> Account:
        sealed = {"aes_key": AES_KEY} if kind == WECOM else {}
        app_id = OFFICIAL if kind == WECHAT else CORP
        return Account(
            **{"kind": kind, "app_id": app_id, "token": "TOKEN", "secret": "S", "api": self.url, **sealed, **more}
        )

    def accounts(self, *accounts: Account) -> Accounts:
        return {(one.kind, one.app_id): one for one in accounts}

    def sent(self, path: str = CUSTOM) -> list[dict[str, Any]]:
        return [body for called, body in self.calls if called == path]

    def texts(self, path: str = CUSTOM) -> list[str]:
        """What shoppers read, in the order it came."""
        return [_words(body) for body in self.sent(path)]

    async def until(self, number: int, path: str = CUSTOM) -> list[dict[str, Any]]:
        """Wait until so many calls were made."""
        async with asyncio.timeout(WAIT_S), self._called:
            await self._called.wait_for(lambda: len(self.sent(path)) >= number)
        return self.sent(path)

    def expire(self) -> None:
        """Every token given out so far ends now."""
        self.tokens += 1

    def write(self, msgtype: str = "text", *, desk: str = DESK, origin: int = 3, **more: Any) -> dict[str, Any]:
        """Put a message of a shopper, or an event, at a service desk."""
        message = {
            "msgid": f"msg{next(NONCES)}",
            "open_kfid": desk,
            "external_userid": "wmSHOPPER",
            "send_time": 1_795_147_200,
            "origin": origin,
            "msgtype": msgtype,
            **more,
        }
        self.desks[desk].append(message)
        return message

    async def _note(self, path: str, body: dict[str, Any]) -> None:
        async with self._called:
            self.calls.append((path, body))
            self._called.notify_all()

    async def _token(self, request: Request) -> Response:
        body = await request.json() if request.method == "POST" else dict(request.query_params)
        await self._note(request.url.path, body)
        refusal = self.refusals[request.url.path]
        if refusal:
            return _answer(refusal.popleft())
        self.tokens += 1
        return JSONResponse({"access_token": f"T{self.tokens}", "expires_in": 7200})

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        await self.gate.wait()
        if request.query_params["access_token"] != f"T{self.tokens}":
            return _answer(40001)
        path, refusal = request.url.path, self.refusals[request.url.path]
        await self._note(path, json.loads(raw))
        assert b"\\u" not in raw, "the platform shows escaped characters as they are written"
        return _answer(refusal.popleft() if refusal else 0)

    async def _sync(self, request: Request) -> Response:
        body = await request.json()
        await self._note(SYNC, body)
        if self.refusals[SYNC]:
            return _answer(self.refusals[SYNC].popleft())
        start = int(body.get("cursor") or 0)
        messages = self.desks[body.get("open_kfid", "")]
        end = min(start + self.page, len(messages))
        more = int(end < len(messages))
        return JSONResponse({"errcode": 0, "next_cursor": str(end), "has_more": more, "msg_list": messages[start:end]})


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Delivers to our service as the platform does."""

    client: httpx.AsyncClient
    account: Account

    @property
    def path(self) -> str:
        return f"/v1/channels/{self.account.kind}/{self.account.app_id}"

    async def says(self, text: str, at: datetime, **more: str) -> httpx.Response:
        return await self.delivers(message(at, Content=text, **more), at)

    async def delivers(
        self, values: Mapping[str, str], at: datetime, *, query: Mapping[str, str] | None = None
    ) -> httpx.Response:
        body = xml.write(values)
        if self.account.aes_key is None:
            return await self.client.post(self.path, content=body, params=query or self.signed(at))
        sealed = envelope.seal(body, self.account.aes_key, self.account.app_id)
        outer = xml.write({"ToUserName": self.account.app_id, "Encrypt": sealed})
        return await self.client.post(self.path, content=outer, params=query or self.signed(at, sealed))

    async def announces(self, at: datetime, desk: str = DESK, **more: str) -> httpx.Response:
        values = {"ToUserName": CORP, "CreateTime": str(int(at.timestamp())), "MsgType": "event"}
        named = {"Event": "kf_msg_or_event", "Token": f"SYNC{next(NONCES)}", "OpenKfId": desk}
        return await self.delivers({**values, **named, **more}, at)

    def signed(self, at: datetime, sealed: str = "") -> dict[str, str]:
        timestamp, nonce = str(int(at.timestamp())), f"nonce{next(NONCES)}"
        query = {"timestamp": timestamp, "nonce": nonce}
        if sealed:
            return {**query, "msg_signature": envelope.signature(self.account.token, timestamp, nonce, sealed)}
        return {**query, "signature": envelope.signature(self.account.token, timestamp, nonce)}

    def opened(self, answer: httpx.Response) -> Mapping[str, str]:
        """A direct answer as the platform reads it."""
        values = xml.read(answer.content)
        if self.account.aes_key is None:
            return values
        parts = (self.account.token, values["TimeStamp"], values["Nonce"], values["Encrypt"])
        assert envelope.is_signed(values["MsgSignature"], *parts)
        return xml.read(envelope.unseal(values["Encrypt"], self.account.aes_key, self.account.app_id))


def message(at: datetime, msgtype: str = "text", **more: str) -> dict[str, str]:
    """As an official account gets it."""
    return {
        "ToUserName": "gh_shop",
        "FromUserName": "oSHOPPER",
        "CreateTime": str(int(at.timestamp())),
        "MsgType": msgtype,
        "MsgId": str(23_000_000_000 + next(NONCES)),
        **more,
    }


def event(at: datetime, name: str, **more: str) -> dict[str, str]:
    made = message(at, "event", Event=name, **more)
    del made["MsgId"]
    return made


def _words(body: Mapping[str, Any]) -> str:
    kind = body.get("msgtype", "")
    content = body.get(kind, {})
    return str(content.get("content") or content.get("head_content") or content.get("title") or "")


def _answer(code: int) -> Response:
    return JSONResponse({"errcode": code, "errmsg": "ok" if code == 0 else "no"})
