"""``$TOURNIQUET_HOME/channels.yml``: the shop's accounts on messaging platforms, checked with exact paths."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FILE = "channels.yml"
WECHAT, WECOM = "wechat", "wecom"
APIS: Mapping[str, str] = {WECHAT: "https://api.weixin.qq.com", WECOM: "https://qyapi.weixin.qq.com"}
HANDOFFS = ("console", "pool")
AES_KEY_LENGTH = 43
LONGEST_WAIT_S = 4.5
NEEDED = frozenset({"kind", "app_id", "token", "secret"})
OPTIONAL = frozenset({"encoding_aes_key", "api", "wait_seconds", "stale_seconds", "menu", "mini_program", "handoff"})


class AccountError(ValueError):
    """An entry of ``channels.yml`` cannot be used: says where, what was expected, and never what the secret was."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{FILE}: {where}: expected {expected}")


@dataclass(frozen=True, kw_only=True)
class MiniProgram:
    """The page of the shop's mini program that shows an offer; it is opened with ``?grant_id=``."""

    app_id: str
    page: str
    thumb_media_id: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """``app_id`` is an official account's AppID, or a company's corp id; ``aes_key`` is None in plain mode."""

    kind: str
    app_id: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    aes_key: bytes | None = field(default=None, repr=False)
    api: str = ""
    wait_seconds: float = 4.0  # the platform gives up after 5
    stale_seconds: int = 300
    menu: Mapping[str, str] = field(default_factory=dict)  # key of a menu entry -> what tapping it says
    mini_program: MiniProgram | None = None
    handoff: str = "console"  # or pool: WeCom's own servicers take over

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.app_id}"


Accounts = Mapping[tuple[str, str], Account]
"""By kind and app id."""


def load_accounts(home: Path, environ: Mapping[str, str]) -> Accounts:
    """The accounts of this home; none when there is no file. Raises AccountError."""
    path = home / FILE
    if not path.exists():
        return {}
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise AccountError(f"line {mark.line + 1}" if mark else "the file", "YAML") from None
    if not isinstance(rows, list):
        raise AccountError("the file", "a list of accounts, each begun by `- kind:`")
    accounts: dict[tuple[str, str], Account] = {}
    for number, row in enumerate(rows):
        account = _account(row, f"[{number}]", environ)
        if (account.kind, account.app_id) in accounts:
            raise AccountError(f"[{number}].app_id", "an account that is not listed already")
        accounts[account.kind, account.app_id] = account
    return accounts


def _account(row: Any, where: str, environ: Mapping[str, str]) -> Account:
    _known(row, where, NEEDED, OPTIONAL)
    kind = _one_of(row["kind"], f"{where}.kind", tuple(APIS))
    key = row.get("encoding_aes_key")
    if kind == WECOM and key is None:
        raise AccountError(f"{where}.encoding_aes_key", "the EncodingAESKey of the callback: WeCom has no plain mode")
    return Account(
        kind=kind,
        app_id=_matching(row["app_id"], f"{where}.app_id", r"[A-Za-z0-9_-]{1,64}", "the AppID, or WeCom's corp id"),
        token=_secret(row["token"], f"{where}.token", environ),
        secret=_secret(row["secret"], f"{where}.secret", environ),
        aes_key=None if key is None else _aes_key(_secret(key, f"{where}.encoding_aes_key", environ), where),
        api=_matching(
            row.get("api", APIS[kind]), f"{where}.api", r"https?://[^/\s]+", "http:// or https:// and a host"
        ),
        wait_seconds=_number(row.get("wait_seconds", 4.0), f"{where}.wait_seconds", LONGEST_WAIT_S),
        stale_seconds=int(_number(row.get("stale_seconds", 300), f"{where}.stale_seconds", 3600)),
        menu=_menu(row.get("menu", {}), f"{where}.menu"),
        mini_program=_mini_program(row.get("mini_program"), f"{where}.mini_program"),
        handoff=_one_of(row.get("handoff", "console"), f"{where}.handoff", HANDOFFS),
    )


def _known(row: Any, where: str, needed: frozenset[str], optional: frozenset[str] = frozenset()) -> None:
    if not isinstance(row, dict):
        raise AccountError(where, f"a mapping with {', '.join(sorted(needed))}")
    for name in sorted(needed - set(row)):
        raise AccountError(f"{where}.{name}", "a value, it is missing")
    for name in sorted(map(str, set(row) - needed - optional)):
        raise AccountError(f"{where}.{name}", f"one of {', '.join(sorted(needed | optional))}")


def _matching(value: Any, where: str, pattern: str, expected: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise AccountError(where, expected)
    return value


def _secret(value: Any, where: str, environ: Mapping[str, str]) -> str:
    """Written down, or ``{env: NAME}``: then it is read from there and stands in no file."""
    if isinstance(value, dict):
        _known(value, where, frozenset({"env"}))
        name = str(value["env"])
        if not environ.get(name):
            raise AccountError(where, f"the environment variable {name} to be set")
        return environ[name]
    if not isinstance(value, str) or not value:
        raise AccountError(where, "a text, or `env: NAME` of the environment variable that holds it")
    return value


def _aes_key(value: str, where: str) -> bytes:
    try:
        key = base64.b64decode(value + "=", validate=True) if len(value) == AES_KEY_LENGTH else b""
    except binascii.Error:
        key = b""
    if not key:
        raise AccountError(f"{where}.encoding_aes_key", f"the {AES_KEY_LENGTH} letters and digits the platform shows")
    return key


def _number(value: Any, where: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
        raise AccountError(where, f"seconds, more than 0 and at most {most:g}")
    return float(value)


def _one_of(value: Any, where: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise AccountError(where, " or ".join(allowed))
    return str(value)


def _menu(value: Any, where: str) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise AccountError(where, "a mapping from the key of a menu entry to what tapping it says")
    for key, said in value.items():
        if not isinstance(key, str) or not isinstance(said, str) or not said.strip():
            raise AccountError(f"{where}.{key}", "a sentence, as a shopper would say it")
    return value


def _mini_program(value: Any, where: str) -> MiniProgram | None:
    if value is None:
        return None
    needed = frozenset({"app_id", "page", "thumb_media_id"})
    _known(value, where, needed)
    for name in sorted(needed):
        if not isinstance(value[name], str) or not value[name]:
            raise AccountError(f"{where}.{name}", "a text")
    return MiniProgram(**value)
