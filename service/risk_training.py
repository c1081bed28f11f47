"""Training the risk model on the shop's own past, and deciding whether the new model goes live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from integrations.model_shelf import ModelShelf, Origin
from retention.audit import AuditEntry
from retention.case import Case
from retention.ports import Store
from retention.words import CHINA
from risk.champion import Verdict, judge
from risk.drift import Reference, references
from risk.features import vector
from risk.model import RiskModel
from risk.prior import RulePrior
from service.risk_history import LATEST, TRANSIT, UNTIMED, past_cases
from twin.history import cases as invented_cases
from twin.world import History

FEWEST, FEWEST_LOST, SHORTEST = 2_000, 100, timedelta(weeks=4)
"""Settled orders, lost ones among them, and the time they span, before a shop's own past says more than experience."""
JUDGED, JUDGED_SHARE = timedelta(weeks=4), 0.25
"""The newest weeks decide who is better, and no more than this share of all the time there is."""
AT_ONCE = 500
REFERENCE_ORDERS = 10_000

Histories = Iterator[tuple[Case, bool]]
Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where cases come from. ``cases`` gives those of moments after one, or all; ``first`` and ``last`` bound the moments;
    ``untimed`` counts lost orders of which nobody told when.
    """

    synthetic: bool
    first: datetime
    last: datetime
    cases: Callable[[datetime], Histories]
    untimed: Counter[str] = field(default_factory=Counter)

    @property
    def judged_from(self) -> datetime:
        """Later moments are kept from the challenger."""
        return self.last - min(JUDGED, (self.last - self.first) * JUDGED_SHARE)


class TooLittleError(Exception):
    """The past is too short to learn from; says in Chinese what there is and what it takes."""


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What became of a challenger."""

    version: str
    promoted: bool
    before: str
    verdict: Verdict

    @property
    def words(self) -> str:
        if self.promoted:
            return f"风险模型 {self.version} 已上线，替下 {self.before}：{self.verdict.why}。"
        return f"新训练的 {self.version} 没有上线，仍用 {self.before}：{self.verdict.why}。"


def own_past(store: Store, *, now: datetime, window: timedelta) -> Source | None:
    """What the shop has lived; None without orders old enough. Invented orders of a demo are not its own."""
    with store.transaction() as records:
        span = records.past.span()
    if span is None:
        return None
    first, last = span[0], min(span[1], now - window - TRANSIT)
    untimed: Counter[str] = Counter()

    def cases(after: datetime) -> Histories:
        since = max(first, after - 2 * LATEST)
        for case, lost in past_cases(store, since, now, now=now, window=window, tally=untimed):
            if case.now > after and case.order.attributes.get("synthetic") is not True:
                yield case, lost

    return Source(synthetic=False, first=first, last=last, cases=cases, untimed=untimed) if first < last else None


def invented_past(history: History) -> Source:
    """The demo shop's, with what its shoppers said: its store holds orders and events, no conversations."""

    def cases(after: datetime) -> Histories:
        return ((case, lost) for case, lost in invented_cases(history) if case.now > after)

    moments = [past.moment for past in history.orders]
    return Source(synthetic=True, first=min(moments), last=max(moments), cases=cases)


def teach(
    store: Store, shelf: ModelShelf, source: Source, *, sources: str, now: datetime, progress: Progress
) -> Taught:
    """Train a challenger on all but the newest weeks, judge it on them, put it live if it is better, and write down which.

    ``sources`` is the digest of the code that trains. The champion is the live model when the same code made it, else the
    table of points: after a change of the program the numbers a model was fitted to may mean something else. Raises
    TooLittleError, and then nothing changes; StoreBusyError.
    """
    from risk.train import train  # scikit-learn is slow to import, and most starts train nothing

    progress("正在读取历史订单", 0.0)
    with shelf.bench() as bench:
        with TemporaryDirectory() as aside:
            own = _own_sequence(source, Path(aside), lambda words, done: progress(words, 0.5 * done))
            spent = 0.5 if own else 0.0
            train(
                _older(source),
                bench,
                sequence=own,
                progress=lambda words, done: progress(words, spent + (0.9 - spent) * done),
            )
        challenger = RiskModel.load(bench)
        before = shelf.champion(sources) or RulePrior()
        progress("正在和现用模型比较", 0.9)
        verdict, seen = _judged(source, before, challenger)
        origin = Origin(sources=sources, synthetic=source.synthetic, verdict=verdict.why)
        promoted = verdict.better and challenger.version != shelf.live()
        known = shelf.origin_of(challenger.version)
        if known is None or known.sources != sources:  # else it was made from the same orders before, and judged
            shelf.keep(bench, challenger.version, origin=origin, references=seen)
    taught = Taught(version=challenger.version, promoted=promoted, before=before.version, verdict=verdict)
    with store.transaction() as records:
        records.audit.add(entry_of(taught, at=now))
        if promoted:
            shelf.promote(taught.version)
    shelf.prune()
    progress("已完成", 1.0)
    return taught


def _own_sequence(source: Source, aside: Path, progress: Progress) -> Path | None:
    """A reader of the shop's own sequences, where torch is installed; the one that comes knows the invented shop already.

    Raises TooLittleError.
    """
    if source.synthetic:
        return None
    try:
        from risk.train_sequence import train_sequence
    except ImportError:
        return None
    written = aside / "sequence.onnx"
    train_sequence(_older(source), written, source="own", progress=progress)
    return written


def _older(source: Source) -> Histories:
    """What the challenger may see. Raises TooLittleError at the end, before anything is fitted to too little."""
    orders, lost_count, moments = 0, 0, (source.last, source.first)
    for case, lost in source.cases(source.first - timedelta(days=1)):
        orders, lost_count = orders + 1, lost_count + lost
        moments = (min(moments[0], case.now), max(moments[1], case.now))
        if case.now <= source.judged_from:
            yield case, lost
    if orders < FEWEST or lost_count < FEWEST_LOST or moments[1] - moments[0] < SHORTEST:
        raise TooLittleError(too_little(orders, lost_count, moments[1] - moments[0], untimed=source.untimed[UNTIMED]))


def too_little(orders: int, lost: int, spanned: timedelta, *, untimed: int = 0) -> str:
    words = (
        f"本店已结算的历史还不够训练：{orders} 单、流失 {lost} 单、跨 {max(0, spanned.days)} 天，"
        f"需要 {FEWEST} 单、流失 {FEWEST_LOST} 单、跨 {SHORTEST.days} 天；在此之前用经验分"
    )
    if untimed:
        words += f"。另有 {untimed} 个流失的订单不知道何时取消或退款：请补报 order.cancelled、order.refunded 事件"
    return words


def _judged(
    source: Source, champion: RiskModel | RulePrior, challenger: RiskModel
) -> tuple[Verdict, Mapping[str, Reference]]:
    """Both models on the orders neither has learnt from; and how the values of the newest weeks lie."""
    after = source.judged_from
    learnt = _learnt_until(champion)
    both: list[tuple[float, float, bool]] = []
    rows: list[Mapping[str, float]] = []
    scored: list[float] = []
    histories = source.cases(after)
    while batch := list(islice(histories, AT_ONCE)):
        cases = [case for case, _ in batch]
        theirs, ours = champion.probabilities(cases), challenger.probabilities(cases)
        both += [
            (float(theirs[place]), float(ours[place]), lost)
            for place, (case, lost) in enumerate(batch)
            if learnt is None or case.now > learnt
        ]
        for place, case in enumerate(islice(cases, REFERENCE_ORDERS - len(rows))):
            rows.append(vector(case))
            scored.append(float(ours[place]))
    table = np.array(both, dtype=np.float64).reshape(-1, 3)
    return judge(table[:, 2], table[:, 0], table[:, 1]), references(rows, np.array(scored, dtype=np.float64))


def _learnt_until(champion: RiskModel | RulePrior) -> datetime | None:
    return datetime.fromisoformat(champion.card["fitted_to"]) if isinstance(champion, RiskModel) else None


def entry_of(taught: Taught, *, at: datetime) -> AuditEntry:
    verdict = taught.verdict
    figures = {
        "orders": verdict.orders,
        "lost": verdict.lost,
        "gain": verdict.gain,
        "low": verdict.low,
        "high": verdict.high,
    }
    for name, one in (("before", verdict.champion), ("model", verdict.challenger)):
        if one is not None:
            figures |= {f"{name}_log_loss": one.log_loss, f"{name}_brier": one.brier}
    return AuditEntry(
        at=at,
        actor="system",
        act="model_promoted" if taught.promoted else "model_kept",
        subject=f"risk_model:{taught.version}",
        why=verdict.why,
        versions={"model": taught.version, "before": taught.before},
        data={name: round(float(value), 6) for name, value in figures.items()},
    )


def use(store: Store, folder: Path, version: str, *, now: datetime) -> None:
    """Put a kept version live again, on an operator's word. Raises FileNotFoundError and ModelUnusableError."""
    shelf = ModelShelf(folder)
    before = shelf.live()
    with store.transaction() as records:
        shelf.promote(version)
        records.audit.add(
            AuditEntry(
                at=now,
                actor="cli",
                act="model_promoted",
                subject=f"risk_model:{version}",
                why=f"{now.astimezone(CHINA):%Y-%m-%d %H:%M} 由操作员选用",
                versions={"model": version, "before": before or RulePrior.version},
            )
        )
