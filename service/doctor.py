"""``tourniquet doctor``: what is missing, what is unsafe, and what to do about it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import httpx
from rich.console import Console
from rich.markup import escape

from bot.launch import BOT_PYTHON
from compensation.engine import catalog_of
from compensation.reading import CatalogError
from integrations.secret_file import VARIABLES, secret_path
from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.wiring import CATALOG
from retention.errors import StoreBusyError
from service.training import TRAININGS

LONG_ENOUGH = 32
SIGNING = ("shop_secret", "chat_secret")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Finding:
    fine: bool
    words: str


def examine(settings: Settings, console: Console) -> bool:
    """Print every finding; whether all is fine."""
    findings = [*_parts(settings), _catalog(), *_store(settings), *_safety(settings), *_running(settings)]
    for finding in findings:
        mark = "[green]✔[/green]" if finding.fine else "[red]✘[/red]"
        console.print(f"{mark} {escape(finding.words)}", highlight=False, soft_wrap=True)
    return all(finding.fine for finding in findings)


def _parts(settings: Settings) -> Iterator[Finding]:
    if settings.own_rasa:
        yield Finding(
            fine=BOT_PYTHON.exists(),
            words="对话引擎的环境已安装"
            if BOT_PYTHON.exists()
            else "没有对话引擎的环境 .venv-bot：运行 make run 会安装",
        )
    for training in TRAININGS:
        current = training.is_current(settings)
        todo = f"{training.title}没有训练或已过时：运行 ./tourniquet train {training.name}"
        yield Finding(fine=current, words=f"{training.title}是最新的" if current else todo)


def _catalog() -> Finding:
    try:
        catalog = catalog_of(CATALOG)
    except CatalogError as error:
        return Finding(fine=False, words=f"方案目录有误，不会启用：{error}")
    return Finding(fine=True, words=f"方案目录可用，{len(catalog.rows)} 个方案")


def _store(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings.database_url)
    try:
        store.check()
    except StoreBusyError:
        yield Finding(fine=False, words="数据库连不上，或还没有表：检查 TOURNIQUET_DATABASE_URL，再运行 make run")
    else:
        yield Finding(fine=True, words="数据库可用")
    finally:
        store.close()


def _safety(settings: Settings) -> Iterator[Finding]:
    path = secret_path(settings.home)
    private = stat.S_IMODE(path.stat().st_mode) == 0o600
    yield Finding(
        fine=private, words="密钥文件只有自己能读" if private else f"别人也能读密钥文件：运行 chmod 600 {path}"
    )
    short = [name for name, value in asdict(settings.secrets).items() if name in SIGNING and len(value) < LONG_ENOUGH]
    for name in short:
        yield Finding(fine=False, words=f"{VARIABLES[name]} 太短，签名容易被猜出：请用至少 {LONG_ENOUGH} 个随机字符")
    if settings.host not in LOOPBACK:
        yield Finding(
            fine=not settings.demo,
            words="对外监听时演示店铺任何人都能进：设 TOURNIQUET_DEMO=0"
            if settings.demo
            else "对外监听，演示店铺已关闭",
        )


def _running(settings: Settings) -> Iterator[Finding]:
    try:
        readiness = httpx.get(f"{settings.base_url}/readyz", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        yield Finding(fine=True, words=f"服务没有在 {settings.base_url} 运行")
        return
    for check in readiness["checks"]:
        yield Finding(fine=check["state"] == "ok", words=check["detail"])
