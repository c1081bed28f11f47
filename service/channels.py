"""The shop's accounts on messaging platforms, opened for as long as the process runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import httpx

from integrations.channels.accounts import WECHAT
from integrations.channels.channel import Channel
from integrations.channels.platform import CALL_SECONDS, Platform
from integrations.channels.wechat import WechatChannel
from integrations.channels.wecom import WecomChannel
from integrations.wiring import Shop
from retention.contact import Contact
from service.problems import ProblemError

C = TypeVar("C", bound=Channel)
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=32)


@dataclass(frozen=True, kw_only=True)
class Channels:
    wechat: Mapping[str, WechatChannel]
    wecom: Mapping[str, WecomChannel]

    def of(self, contact: Contact) -> Channel | None:
        """None for an account that is not in the settings any more."""
        return self.wechat.get(contact.app_id) if contact.channel == WECHAT else self.wecom.get(contact.app_id)

    def find_wechat(self, app_id: str) -> WechatChannel:
        return _found(self.wechat, app_id)

    def find_wecom(self, app_id: str) -> WecomChannel:
        return _found(self.wecom, app_id)

    @property
    def any(self) -> bool:
        return bool(self.wechat or self.wecom)


@asynccontextmanager
async def open_channels(shop: Shop) -> AsyncIterator[Channels]:
    accounts = shop.settings.channels.values()
    async with httpx.AsyncClient(limits=CONNECTIONS, timeout=CALL_SECONDS) as http:
        opened = [(account, Platform(account, shop.store, shop.clock, http)) for account in accounts]
        yield Channels(
            wechat={one.app_id: WechatChannel(one, platform) for one, platform in opened if one.kind == WECHAT},
            wecom={one.app_id: WecomChannel(one, platform) for one, platform in opened if one.kind != WECHAT},
        )


def _found(channels: Mapping[str, C], app_id: str) -> C:
    if app_id not in channels:
        raise ProblemError(404, "no_such_account", "There is no such account: list it in channels.yml and restart.")
    return channels[app_id]
