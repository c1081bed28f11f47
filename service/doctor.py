"""``tourniquet doctor``: what is missing, what is unsafe, and what to do about it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import httpx
from rich.console import Console
from rich.markup import escape

from bot.launch import BOT_PYTHON
from compensation import guard
from compensation.engine import catalog_of
from integrations.live_risk import LiveRisk
from integrations.passwords import Argon2Passwords
from integrations.secret_file import VARIABLES, secret_path
from integrations.settings import Settings
from integrations.store.engine import open_store
from integrations.wiring import CATALOG, GUARD, INTERCEPTION
from policies import interception
from retention.errors import StoreBusyError
from retention.ports import Store
from risk.booster import lightgbm
from risk.unusable import LibraryMissingError
from rows.row_error import RowError
from service.first_people import DEMO
from service.training import TRAININGS

LONG_ENOUGH = 32
SIGNING = ("shop_secret", "chat_secret")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``grave``: what is not fine has to be put right; else it is only worth knowing."""

    fine: bool
    words: str
    grave: bool = True


def examine(settings: Settings, console: Console) -> bool:
    """Print every finding; whether nothing has to be put right."""
    findings = [
        *_parts(settings),
        _trees(),
        _rows("方案目录", lambda: f"{len(catalog_of(CATALOG).rows)} 个方案"),
        _rows("拦截规则", lambda: f"{len(interception.load(INTERCEPTION).scenarios)} 个场景"),
        _rows("防护规则", lambda: f"{len(guard.load(GUARD).rows)} 条"),
        *_store(settings),
        *_safety(settings),
        *_running(settings),
    ]
    for finding in findings:
        mark = "[green]✔[/green]" if finding.fine else "[red]✘[/red]" if finding.grave else "[yellow]![/yellow]"
        console.print(f"{mark} {escape(finding.words)}", highlight=False, soft_wrap=True)
    return all(finding.fine or not finding.grave for finding in findings)


def _parts(settings: Settings) -> Iterator[Finding]:
    if settings.own_rasa:
        yield Finding(
            fine=BOT_PYTHON.exists(),
            words="对话引擎的环境已安装"
            if BOT_PYTHON.exists()
            else "没有对话引擎的环境 .venv-bot：运行 make run 会安装",
        )
    for training in TRAININGS:
        if training.name == "risk" and not settings.demo:
            yield _risk(settings)
            continue
        current = training.is_current(settings)
        todo = f"{training.title}没有训练或已过时：运行 ./tourniquet train {training.name}"
        yield Finding(fine=current, words=f"{training.title}是最新的" if current else todo)


def _trees() -> Finding:
    try:
        lightgbm()
    except LibraryMissingError as error:
        return Finding(fine=False, words=str(error))
    return Finding(fine=True, words="风险模型的决策树可用")


def _risk(settings: Settings) -> Finding:
    """A shop without much of a past does without; it should only know."""
    risk = LiveRisk(settings.risk_folder, demo=False)
    if risk.problem is not None:
        words = f"{risk.problem}：历史订单足够后运行 ./tourniquet train risk（./tourniquet risk card 说明现状）"
        return Finding(fine=False, words=words, grave=False)
    return Finding(fine=True, words=f"风险模型 {risk.version} 由本店历史训练")


def _rows(title: str, counted: Callable[[], str]) -> Finding:
    """``counted`` reads a file of rows and says how many there are."""
    try:
        return Finding(fine=True, words=f"{title}可用，{counted()}")
    except RowError as error:
        return Finding(fine=False, words=f"{title}有误，不会启用：{error}")


def _store(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings.database_url)
    try:
        store.check()
    except StoreBusyError:
        yield Finding(fine=False, words="数据库连不上，或还没有表：检查 TOURNIQUET_DATABASE_URL，再运行 make run")
    else:
        yield Finding(fine=True, words="数据库可用")
        yield from _first_passwords(settings, store)
    finally:
        store.close()


def _first_passwords(settings: Settings, store: Store) -> Iterator[Finding]:
    """The demo shop's people share one; a shop that is only tried on its own machine may leave it so."""
    passwords, first = Argon2Passwords(), settings.secrets.console_password
    with store.transaction() as records:
        people = [records.associates.find(each.name) for each in DEMO]
        kept = {each.name: records.associates.password_hash(each.name) for each in people if each and each.active}
    shared = [name for name, hashed in kept.items() if hashed and passwords.fits(hashed, first)]
    if shared:
        names = "、".join(shared)
        yield Finding(
            fine=False,
            words=f"演示账号{names}还在用共同的初始密码：请各自在「个人设置」里修改，不用的请管理员停用",
            grave=not settings.demo or settings.host not in LOOPBACK,
        )


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
