"""A dry run of interception rows on the shop's own orders: reading, scoring, and telling how far it is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from integrations.live_risk import LiveRisk
from integrations.settings import Settings
from integrations.wiring import INTERCEPTION
from policies.interception import load
from service.dry_run import Comparison, dry_run, past
from service.opened_store import opened_store
from service.prepare import step


def try_rows(
    settings: Settings, file: Path | None, *, since: datetime, until: datetime, console: Console
) -> Comparison:
    """The table in force on orders placed since then, and that of ``file`` beside it.

    Raises PolicyError for a bad file, before any order is read, and StoreBusyError.
    """
    now, new = load(INTERCEPTION), load(file) if file is not None else None
    scorer = LiveRisk(settings.risk_folder, demo=settings.demo)
    if scorer.problem is not None:
        console.print(f"[yellow]![/yellow] {escape(scorer.problem)}", highlight=False, soft_wrap=True)
    with opened_store(settings) as store, step(console, "试运行拦截规则") as told:
        return dry_run(
            past(store, since, until, now=until),
            score_many=scorer.score_many,
            now=now,
            new=new,
            since=since,
            until=until,
            progress=lambda orders, done: told(f"已看 {orders} 单", done),
        )
