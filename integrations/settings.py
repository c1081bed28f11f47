"""Where this process runs and what it may use: read once from the environment, checked, and then only passed on."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from compensation.experiment import MOST_HELD_OUT
from integrations.channels.accounts import Accounts, load_accounts
from integrations.secret_file import Secrets, load_secrets
from integrations.target import Network, networks

T = TypeVar("T")


class SettingError(ValueError):
    """A setting has a value that cannot be used."""

    def __init__(self, variable: str, value: str, expected: str) -> None:
        super().__init__(f"{variable}={value!r} cannot be used: expected {expected}")
        self.variable = variable
        self.value = value
        self.expected = expected


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often one caller may ask, as ``COUNT/second|minute|hour``."""

    messages: str = "300/minute"  # a conversation's messages
    reads: str = "600/minute"  # a conversation's looks at its transcript
    conversations: str = "1200/minute"  # new conversations of one address
    logins: str = "20/minute"  # console logins of one address
    account_logins: str = "10/minute"  # and of one account, from everywhere
    calls: str = "12000/minute"  # requests of one API key


@dataclass(frozen=True, kw_only=True)
class ChatwootSettings:
    """A Chatwoot that answers our handoffs. ``inbox`` is the identifier of its API inbox; ``webhook_secret`` is None where
    it does not sign."""

    url: str
    account: int
    inbox: str
    token: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    home: Path
    host: str
    port: int
    rasa_url: str
    rasa_port: int
    database_url: str
    redis_url: str | None
    demo: bool
    encoder: str  # packaged, none, a folder, or a name on a hub
    widget_origins: tuple[str, ...]  # pages of the shop that may embed the chat, as https://shop.example
    limits: Limits
    channels: Accounts  # on messaging platforms, from channels.yml
    secrets: Secrets = field(repr=False)
    private_targets: tuple[Network, ...] = ()  # networks of our own that webhooks may go to
    chatwoot: ChatwootSettings | None = None
    hold_out: float | None = None  # instead of the catalog's share of customers who get no offer
    order_system_url: str | None = None  # the shop's own, which pays what is granted

    @property
    def own_rasa(self) -> bool:
        """Whether the Rasa server is ours to start: its address was not given."""
        return self.rasa_url == f"http://127.0.0.1:{self.rasa_port}"

    @property
    def language_folder(self) -> Path:
        return self.home / "models" / "language"

    @property
    def risk_folder(self) -> Path:
        return self.home / "models" / "risk"

    @property
    def bot_folder(self) -> Path:
        return self.home / "models" / "bot"

    @property
    def base_url(self) -> str:
        """How a person on this machine reaches the service."""
        return f"http://{'127.0.0.1' if self.host in ('0.0.0.0', '::') else self.host}:{self.port}"  # noqa: S104


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; makes ``$TOURNIQUET_HOME`` and its secrets on the first run. Raises SettingError
    and AccountError.
    """
    home = Path(environ.get("TOURNIQUET_HOME") or "var").absolute()
    home.mkdir(parents=True, exist_ok=True)
    own_database = bool(environ.get("TOURNIQUET_DATABASE_URL"))
    rasa_port = _read(environ, "TOURNIQUET_RASA_PORT", "5005", _port, "a port, 1 to 65535")
    return Settings(
        home=home,
        host=environ.get("TOURNIQUET_HOST") or "127.0.0.1",
        port=_read(environ, "TOURNIQUET_PORT", "8000", _port, "a port, 1 to 65535"),
        rasa_port=rasa_port,
        rasa_url=_read(
            environ,
            "TOURNIQUET_RASA_URL",
            f"http://127.0.0.1:{rasa_port}",
            _web_address,
            "http:// or https:// and a host",
        ),
        database_url=_read(
            environ,
            "TOURNIQUET_DATABASE_URL",
            f"sqlite:///{home / 'tourniquet.db'}",
            _database,
            "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
        ),
        redis_url=_read(environ, "TOURNIQUET_REDIS_URL", "", _redis, "redis://HOST:PORT or rediss://HOST:PORT"),
        # A database that was named is somebody's own: nothing is made up in it, nobody is let in without a password.
        demo=_read(environ, "TOURNIQUET_DEMO", "0" if own_database else "1", _flag, "1 or 0"),
        encoder=environ.get("TOURNIQUET_ENCODER") or "packaged",
        widget_origins=_read(
            environ, "TOURNIQUET_WIDGET_ORIGINS", "", _origins, "origins with blanks between, as https://shop.example"
        ),
        limits=Limits(
            messages=_rate(environ, "TOURNIQUET_LIMIT_MESSAGES", Limits.messages),
            reads=_rate(environ, "TOURNIQUET_LIMIT_READS", Limits.reads),
            conversations=_rate(environ, "TOURNIQUET_LIMIT_CONVERSATIONS", Limits.conversations),
            logins=_rate(environ, "TOURNIQUET_LIMIT_LOGINS", Limits.logins),
            account_logins=_rate(environ, "TOURNIQUET_LIMIT_ACCOUNT_LOGINS", Limits.account_logins),
            calls=_rate(environ, "TOURNIQUET_LIMIT_CALLS", Limits.calls),
        ),
        channels=load_accounts(home, environ),
        secrets=load_secrets(home, environ),
        private_targets=_read(
            environ, "TOURNIQUET_PRIVATE_TARGETS", "", networks, "networks with blanks between, as 10.0.0.0/8 fd00::/8"
        ),
        chatwoot=_chatwoot(environ),
        hold_out=_read(environ, "TOURNIQUET_HOLD_OUT", "", _hold_out, "a share from 0 to 0.5, as 0.05"),
        order_system_url=_order_system(environ),
    )


def _order_system(environ: Mapping[str, str]) -> str | None:
    if not environ.get("TOURNIQUET_ORDER_SYSTEM_URL"):
        return None
    return _read(environ, "TOURNIQUET_ORDER_SYSTEM_URL", "", _web_address, "http:// or https:// and a host")


def _chatwoot(environ: Mapping[str, str]) -> ChatwootSettings | None:
    """None without an address; with one, the rest has to be there."""
    if not environ.get("TOURNIQUET_CHATWOOT_URL"):
        return None
    return ChatwootSettings(
        url=_read(environ, "TOURNIQUET_CHATWOOT_URL", "", _web_address, "http:// or https:// and a host"),
        account=_read(environ, "TOURNIQUET_CHATWOOT_ACCOUNT", "", _number, "the number in the addresses of its pages"),
        inbox=_read(environ, "TOURNIQUET_CHATWOOT_INBOX", "", _word, "the identifier of the API inbox"),
        token=_secret(environ, "TOURNIQUET_CHATWOOT_TOKEN", "the access token of an agent or a bot"),
        webhook_secret=environ.get("TOURNIQUET_CHATWOOT_WEBHOOK_SECRET") or None,
    )


def _secret(environ: Mapping[str, str], variable: str, expected: str) -> str:
    """Refused without showing it."""
    value = environ.get(variable, "")
    if not re.fullmatch(r"[!-~]+", value):
        raise SettingError(variable, "***" if value else "", expected)
    return value


def _read(environ: Mapping[str, str], variable: str, default: str, parse: Callable[[str], T], expected: str) -> T:
    value = environ.get(variable) or default
    try:
        return parse(value)
    except ValueError as problem:
        raise SettingError(variable, _without_password(value), expected) from problem


def _rate(environ: Mapping[str, str], variable: str, default: str) -> str:
    return _read(environ, variable, default, _per_time, "COUNT/second, COUNT/minute or COUNT/hour, as 60/minute")


def _port(value: str) -> int:
    port = int(value)
    if not 1 <= port <= 65535:
        raise ValueError(value)
    return port


def _number(value: str) -> int:
    return int(_matching(r"[1-9]\d{0,9}")(value))


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError(value)
    return value == "1"


def _hold_out(value: str) -> float | None:
    if not value:
        return None
    share = float(_matching(r"0(\.\d{1,6})?")(value))
    if share > MOST_HELD_OUT:
        raise ValueError(value)
    return share


def _matching(pattern: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(value)
        return value

    return parse


_word = _matching(r"[A-Za-z0-9_-]+")
_per_time = _matching(r"[1-9]\d{0,8}/(second|minute|hour)")
_database = _matching(r"(sqlite:///.+|postgresql(\+psycopg)?://.+)")


def _web_address(value: str) -> str:
    return _matching(r"https?://[^/\s]+(/.*)?")(value).rstrip("/")


def _origins(value: str) -> tuple[str, ...]:
    return tuple(_matching(r"https?://[A-Za-z0-9.:-]+")(origin) for origin in value.split())


def _redis(value: str) -> str | None:
    return _matching(r"rediss?://\S+")(value) if value else None


def _without_password(value: str) -> str:
    """An address as it may be shown: an error ends up in logs."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", value)
