"""The shop's rows of stepping in early, read and checked, and the decisions they make. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from policies.rows import PolicyError, Row
from retention.customer import Customer
from retention.draw import draw
from retention.order import ENDED, Order, Stage
from retention.outreach import COUNTED, Outreach, OutreachArm
from retention.rescoring import Debounce
from retention.words import CHINA, bare
from rows.yaml_text import load_yaml

TIME = r"([01]\d|2[0-3]):([0-5]\d)"
MOST_HELD_OUT = 0.5
LONGEST_WEB_HOURS = 24
DAY_MIN = 24 * 60


class ChannelKind(str, Enum):
    WECHAT = "wechat"
    WECOM = "wecom"
    WEB = "web"


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """From one minute of the day in China up to another, over midnight when the first is the later one."""

    start: int
    end: int

    def until(self, at: datetime) -> datetime | None:
        """When they end; None while it is not quiet."""
        local = at.astimezone(CHINA)
        minute = local.hour * 60 + local.minute
        over_midnight = self.start > self.end
        inside = minute >= self.start or minute < self.end if over_midnight else self.start <= minute < self.end
        if not inside:
            return None
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        ends = midnight + timedelta(minutes=self.end)
        return ends if minute < self.end else ends + timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Caps:
    order: int
    customer: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class Calls:
    """When a person is asked to call, where there is no way to write."""

    least_fen: int
    most_open: int
    due: timedelta


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Not now. ``why`` is the rule, as an outreach keeps it."""

    why: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class OutreachPolicy:
    version: str
    enabled: bool
    episode: timedelta
    stages: frozenset[Stage]
    quiet: QuietHours
    live: timedelta
    caps: Caps
    hold_out: float
    salt: str
    channels: tuple[ChannelKind, ...]
    web: timedelta
    calls: Calls
    debounce: Debounce
    stop_words: frozenset[str]

    def is_new_episode(self, last: Outreach | None, now: datetime) -> bool:
        return last is None or now - last.opened_at >= self.episode

    def against(self, order: Order, customer: Customer, earlier: Sequence[Outreach], now: datetime) -> str | None:
        """The rule that forbids writing about this order, or None.

        ``earlier`` are the order's and the customer's outreaches, but for the one in question.
        """
        if not self.enabled:
            return "off"
        if order.stage in ENDED:
            return "order_over"
        if not order.customer_id:
            return "nobody"
        if customer.opted_out or customer.no_outreach:
            return "opted_out"
        if order.stage not in self.stages:
            return "stage"
        counted = [one for one in earlier if one.state in COUNTED]
        if sum(one.order_no == order.order_no for one in counted) >= self.caps.order:
            return "cap_order"
        recent = sum(one.customer_id == order.customer_id and now - one.opened_at < self.caps.window for one in counted)
        return "cap_customer" if recent >= self.caps.customer else None

    def arm(self, order_no: str) -> tuple[OutreachArm, float]:
        """The same order is always in the same arm; and the probability of that arm."""
        held_out = draw(f"{self.salt}/outreach/{order_no}") < self.hold_out
        return (OutreachArm.HELD_OUT, self.hold_out) if held_out else (OutreachArm.REACHED, 1.0 - self.hold_out)

    def waiting(self, now: datetime, *, talked_at: datetime | None) -> Waiting | None:
        """Whether to wait: for the morning, or for the end of a talk. ``talked_at`` is when the shopper's last talk moved."""
        morning = self.quiet.until(now)
        if morning is not None:
            return Waiting(why="quiet_hours", until=morning)
        if talked_at is not None and now < talked_at + self.live:
            return Waiting(why="live_talk", until=talked_at + self.live)
        return None

    def is_worth_a_call(self, order: Order, *, open_calls: int) -> str | None:
        """The rule that forbids asking a person to call, or None."""
        if order.paid_fen < self.calls.least_fen:
            return "no_channel"
        return "calls_full" if open_calls >= self.calls.most_open else None


def load(path: Path) -> OutreachPolicy:
    """Raises PolicyError with file, path of the value, the value and what is expected."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:8]
    return read(Row(str(path), "", load_yaml(content, file=str(path), refused=PolicyError)), digest)


def read(top: Row, digest: str) -> OutreachPolicy:
    top.only(
        *("version", "enabled", "episode_days", "stages", "quiet_hours", "live_min", "caps", "hold_out", "channels"),
        *("web_hours", "tasks", "debounce", "stop_words"),
    )
    hold_out = top.row("hold_out")
    hold_out.only("share", "salt")
    stages = frozenset(top.choices("stages", Stage))
    if ended := stages & ENDED:
        raise top.error("stages", "还没有结束的阶段", f"去掉 {'、'.join(sorted(stage.value for stage in ended))}")
    channels = tuple(top.choices("channels", ChannelKind))
    if len(set(channels)) < len(channels):
        raise top.error("channels", "不重复的渠道")
    return OutreachPolicy(
        version=f"{top.whole('version', 1, 10**6)}-{digest}",
        enabled=top.flag("enabled"),
        episode=timedelta(days=top.number("episode_days", 0.5, 90)),
        stages=stages,
        quiet=_quiet(top.row("quiet_hours")),
        live=timedelta(minutes=top.number("live_min", 0, DAY_MIN)),
        caps=_caps(top.row("caps")),
        hold_out=hold_out.number("share", 0, MOST_HELD_OUT),
        salt=hold_out.text("salt"),
        channels=channels,
        web=timedelta(hours=top.number("web_hours", 0, LONGEST_WEB_HOURS)),
        calls=_calls(top.row("tasks")),
        debounce=_debounce(top.row("debounce")),
        stop_words=frozenset(bare(word) for word in top.texts("stop_words")),
    )


def _quiet(row: Row) -> QuietHours:
    row.only("from", "to")
    return QuietHours(start=_minute(row, "from"), end=_minute(row, "to"))


def _minute(row: Row, key: str) -> int:
    # Without quotes YAML takes 21:00 for the number 1260.
    found = row.match(key, TIME, '加引号的时间，例如 "21:00"')
    return int(found[1]) * 60 + int(found[2])


def _caps(row: Row) -> Caps:
    row.only("order", "customer", "customer_days")
    return Caps(
        order=row.whole("order", 1, 10),
        customer=row.whole("customer", 1, 100),
        window=timedelta(days=row.number("customer_days", 1, 90)),
    )


def _calls(row: Row) -> Calls:
    row.only("least_yuan", "most_open", "due_hours")
    return Calls(
        least_fen=row.fen("least_yuan", 10**6),
        most_open=row.whole("most_open", 0, 10**5),
        due=timedelta(hours=row.number("due_hours", 0.1, 72)),
    )


def _debounce(row: Row) -> Debounce:
    row.only("quiet_s", "most_s")
    quiet_s = row.number("quiet_s", 0, 3600)
    most_s = row.number("most_s", 0, 24 * 3600)
    if most_s < quiet_s:
        raise row.error("most_s", "不小于 quiet_s 的数")
    return Debounce(quiet=timedelta(seconds=quiet_s), most=timedelta(seconds=most_s))
