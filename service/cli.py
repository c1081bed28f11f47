"""The command line, for whoever runs the shop."""

from __future__ import annotations

import re
import signal
import sys

import click
from rich.console import Console
from rich.markup import escape

from integrations.settings import load
from retention.associate import Associate, Role
from retention.errors import LastAdminError, NameTakenError, NotFoundError, RetentionError
from service.compensation_commands import compensation
from service.first_people import CAPACITY, NAME
from service.importing_command import import_
from service.interception_commands import interception
from service.ledger_commands import ledger
from service.outreach_commands import outreach
from service.risk_commands import risk
from service.scopes import SCOPES

console = Console()


def main() -> None:
    """Errors an operator can act on are one line; everything else is a bug and shows where."""
    try:
        commands(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (OSError, RetentionError, ValueError, RuntimeError) as problem:
        Console(stderr=True).print(f"[red]错误[/red] {escape(str(problem))}", highlight=False, soft_wrap=True)
        sys.exit(1)


@click.group(help="退单止血阀")
def commands() -> None: ...


commands.add_command(ledger)
commands.add_command(compensation)
commands.add_command(outreach)
commands.add_command(risk)
commands.add_command(import_)
commands.add_command(interception)


@commands.command()
def up() -> None:
    """启动全部：首次运行会准备数据库、演示数据并训练模型。Ctrl-C 停止。"""
    from service.up import up as run

    run(load(), console)


@commands.command(hidden=True)
def prepare() -> None:
    """The part of `up` before the start."""
    from service.prepare import prepare as run

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it started ends with it
    run(load(), console)


@commands.command()
@click.argument("what", type=click.Choice(["language", "risk", "bot", "all"]), default="all")
@click.option("--heads-only", is_flag=True, help="语言模型沿用已微调的编码器，只重学其余部分：几分钟，不需要 torch。")
def train(what: str, heads_only: bool) -> None:
    """重新训练语言模型、风险模型、对话策略或全部。"""
    from service.prepare import run
    from service.training import TRAININGS

    settings = load()
    for training in TRAININGS:
        if what in (training.name, "all"):
            run(training, settings, console, whole=not heads_only)


@commands.command()
@click.option("--customer", help="以哪位顾客的身份说话；默认是演示店铺的第一位")
def chat(customer: str | None) -> None:
    """在终端里和客服对话，每轮之后显示判断与依据。服务须已启动。"""
    from service.talk import talk

    talk(load(), console, customer)


@commands.command()
def doctor() -> None:
    """检查缺什么、哪里不安全。"""
    from service.doctor import examine

    if not examine(load(), console):
        sys.exit(1)


@commands.group()
def keys() -> None:
    """接口密钥。"""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(sorted(SCOPES)))
def add(name: str, scopes: tuple[str, ...]) -> None:
    """新增一把密钥；它只显示这一次。"""
    from service.api_keys import add_key

    click.echo(add_key(load(), name, frozenset(scopes)))


@commands.group()
def outbox() -> None:
    """发往其他系统的通知：还没送到的和放弃了的。"""


@outbox.command("list")
@click.option("--dead", is_flag=True, help="只看放弃了的")
def list_outbox(dead: bool) -> None:
    """列出还没送到的，最早的在前。"""
    from service.outbox import listed

    parcels = listed(load(), dead_only=dead)
    for parcel in parcels:
        when = "已放弃" if parcel.state == "dead" else f"{parcel.next_at:%Y-%m-%d %H:%M:%SZ} 再试"
        click.echo(
            f"{parcel.parcel_id}  {parcel.what} → {parcel.to}  试过 {parcel.attempts} 次，{when}  {parcel.problem}"
        )
    click.echo(f"共 {len(parcels)} 条。")


@outbox.command("retry")
@click.argument("parcel_id", required=False)
@click.option("--all", "everything", is_flag=True, help="所有放弃了的")
def retry_outbox(parcel_id: str | None, everything: bool) -> None:
    """马上重新投递一条，或所有放弃了的。"""
    from service.outbox import retry

    if (parcel_id is None) is not everything:
        raise click.UsageError("请写一条的编号，或者 --all。")
    click.echo(f"已重新排队 {retry(load(), parcel_id)} 条。")


@commands.command()
def bridge() -> None:
    """检查与 Chatwoot 的连接，并显示要填到收件箱里的回调地址。"""
    from service.bridge_check import check

    if not check(load(), console):
        sys.exit(1)


def _login_name(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise click.BadParameter("账号由字母、数字、汉字和 _ . @ - 组成，最多 32 个字，不含空格。")
    return value


@commands.group()
def associate() -> None:
    """客服账号。"""


@associate.command("add")
@click.argument("name", callback=_login_name)
@click.option("--display", help="顾客和同事看到的称呼；默认与账号相同。")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True)
@click.option("--skill", "skills", multiple=True, help="可以写多次。")
@click.option("--capacity", type=click.IntRange(1, 50), default=CAPACITY, show_default=True, help="同时接待几位顾客。")
def add_associate(name: str, display: str | None, role: str, skills: tuple[str, ...], capacity: int) -> None:
    """新增客服账号；初始密码只显示这一次，登录后请改掉。"""
    from service.accounts import add_associate as add_one

    made = Associate(name=name, display=display or name, role=Role(role), skills=skills, capacity=capacity, active=True)
    try:
        click.echo(add_one(load(), made))
    except NameTakenError as taken:
        raise click.ClickException(f"账号 {name} 已经有了，请换一个名字。") from taken


@associate.command("list")
def list_associates() -> None:
    """列出全部账号。"""
    from service.accounts import list_associates as list_all

    for each in list_all(load()):
        state = "" if each.active else "（已停用）"
        console.print(f"{escape(each.name)}  {escape(each.display)}  {each.role.value}{state}", highlight=False)


@associate.command("disable")
@click.argument("name")
def disable_associate(name: str) -> None:
    """停用账号，立即退出登录。"""
    from service.accounts import disable_associate as disable_one

    try:
        disable_one(load(), name)
    except NotFoundError as unknown:
        raise click.ClickException(f"没有账号 {name}。") from unknown
    except LastAdminError as last:
        raise click.ClickException("至少要保留一个启用的管理员账号。") from last
    console.print(f"账号 {escape(name)} 已停用。", highlight=False)
