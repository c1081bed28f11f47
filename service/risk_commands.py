"""`tourniquet risk`: the model that scores orders, what it learnt from, and which one is live."""

from __future__ import annotations

import sys
from datetime import datetime, timezone

import click

from integrations.settings import load


@click.group()
def risk() -> None:
    """风险模型：学自哪里、准不准、用哪一版。训练用 `tourniquet train risk`。"""


@risk.command()
def card() -> None:
    """现用模型的说明和留存的各版。"""
    from integrations.live_risk import LiveRisk
    from service.risk_views import card_lines

    settings = load()
    live = LiveRisk(settings.risk_folder, demo=settings.demo)
    click.echo("\n".join(card_lines(live, live.shelf)))


@risk.command()
@click.argument("version")
def use(version: str) -> None:
    """改用留存的某一版，几秒内生效，不用重启；会记入审计。"""
    from integrations.model_shelf import ModelShelf
    from risk.unusable import ModelUnusableError
    from service.opened_store import opened_store
    from service.risk_training import use as put_live

    settings = load()
    kept = ModelShelf(settings.risk_folder).versions()
    if version not in kept:
        click.echo(f"没有留存 {version}。留存的有：{'、'.join(kept) or '无'}", err=True)
        sys.exit(1)
    with opened_store(settings) as store:
        try:
            put_live(store, settings.risk_folder, version, now=datetime.now(timezone.utc))
        except (FileNotFoundError, ModelUnusableError):
            click.echo(f"{version} 与程序版本不符，读不了；现用的不变。请重新训练：./tourniquet train risk", err=True)
            sys.exit(1)
    click.echo(f"已改用 {version}。")
