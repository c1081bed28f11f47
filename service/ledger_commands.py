"""``tourniquet ledger``: prove the books, mend them, take a grant back."""

from __future__ import annotations

import sys

import click

from integrations.settings import load
from retention.errors import IllegalMoveError, NotFoundError


@click.group()
def ledger() -> None:
    """台账：核对、修复、收回。"""


@ledger.command()
def audit() -> None:
    """逐笔核对预算、台账、待兑现和订单系统；有一处对不上就以 1 退出。"""
    from service.ledger_books import audited

    report = audited(load())
    for difference in report.differences:
        click.echo(f"✘ {difference.subject}  {difference.what}；处理：{difference.todo}")
    if report.unasked:
        click.echo(f"✘ 订单系统没能核对：{report.unasked}。请检查 TOURNIQUET_ORDER_SYSTEM_URL 和密钥，再核对一次")
    click.echo(
        f"核对了 {report.budgets} 个预算、{report.grants} 笔台账、订单系统 {report.remedies} 笔，"
        f"{len(report.differences)} 处对不上。"
    )
    sys.exit(0 if report.is_right else 1)


@ledger.command()
@click.option("--dry-run", is_flag=True, help="只说会做什么。")
def repair(dry_run: bool) -> None:
    """重发没兑现的，补上缺的，按台账重算预算；每一步都记入审计。需要人工的只列出来。"""
    from service.ledger_books import repaired

    repairs = repaired(load(), dry_run=dry_run)
    for one in repairs:
        mark = "·" if dry_run else "✔" if one.mended else "✘"
        click.echo(f"{mark} {one.difference.subject}  {one.difference.what}；{one.difference.todo}")
    left = sum(not one.mended for one in repairs)
    click.echo(f"共 {len(repairs)} 处" + ("，没有改动。" if dry_run else f"，修复 {len(repairs) - left} 处。"))
    sys.exit(1 if left and not dry_run else 0)


@ledger.command()
@click.argument("grant_id")
@click.option("--why", required=True, help="为什么收回，记入审计。")
def reverse(grant_id: str, why: str) -> None:
    """收回一笔已发放的补偿：预算退回，订单系统收到收回。"""
    from service.ledger_books import reversed_grant

    try:
        grant, moved = reversed_grant(load(), grant_id, why=why)
    except NotFoundError as unknown:
        raise click.ClickException(f"台账里没有 {grant_id} 这笔。") from unknown
    except IllegalMoveError as illegal:
        raise click.ClickException(f"这笔的状态是 {illegal.state}，没有发放过，不用收回。") from illegal
    click.echo(f"已收回「{grant.offer.title}」，订单 {grant.order_no}。" if moved else "这笔之前已经收回，没有改动。")
