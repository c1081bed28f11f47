"""Proving the books: what a budget says beside its grants, a grant beside what is queued, both beside the order system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from retention.fulfilment import UNSETTLED, WAITING, Fulfilment, FulfilmentState, Remedy, Standing, is_owed
from retention.money_ports import Balance, Entry
from retention.offer import GIVEN, GrantState

STUCK_AFTER = timedelta(minutes=10)
"""Due for so long and nobody has taken it: nobody works the queue."""


class Mend(str, Enum):
    """What a repair does about a difference."""

    RECOMPUTE = "recompute"  # the budget, from its grants
    GIVE = "give"  # queue the giving, anew or again
    TAKE_BACK = "take_back"  # queue the taking back, anew or again, and stop the giving
    MARK = "mark"  # the grant as fulfilled
    PERSON = "person"  # a person has to look


TODO = {
    Mend.RECOMPUTE: "按台账逐笔重算预算",
    Mend.GIVE: "重新向订单系统发送，同一编号不会重复兑现",
    Mend.TAKE_BACK: "重新向订单系统发送收回",
    Mend.MARK: "把这笔标记为已兑现",
    Mend.PERSON: "需要人工核对订单系统",
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``subject`` as in the audit log, ``what`` in Chinese."""

    subject: str
    what: str
    mend: Mend

    @property
    def todo(self) -> str:
        return TODO[self.mend]

    @property
    def subject_id(self) -> str:
        return self.subject.partition(":")[2]


def budget_difference(balance: Balance) -> Difference | None:
    if balance.is_right:
        return None
    budget = balance.budget
    return Difference(
        subject=f"budget:{budget.budget_id}",
        what=(
            f"预算记着预留 {budget.reserved_fen} 分、已用 {budget.used_fen} 分，"
            f"台账合计预留 {balance.proposed_fen} 分、已用 {balance.given_fen} 分"
        ),
        mend=Mend.RECOMPUTE,
    )


def queue_difference(entry: Entry, now: datetime) -> Difference | None:
    """Between a grant and what is queued about it."""
    return next(_queue_differences(entry, now), None)


def remedy_difference(entry: Entry, remedy: Remedy | None) -> Difference | None:
    """Between a grant and what the order system says; nothing while it is still being asked."""
    return next(_remedy_differences(entry, remedy), None)


def unknown_remedy(remedy: Remedy) -> Difference:
    what = f"订单系统兑现过（{remedy.reference}），台账里没有这笔"
    return Difference(subject=f"grant:{remedy.grant_id}", what=what, mend=Mend.PERSON)


def _queue_differences(entry: Entry, now: datetime) -> Iterator[Difference]:
    grant, give, back = entry.grant, entry.give, entry.back
    if not is_owed(grant):
        return
    if grant.state in GIVEN:
        if give is None:
            yield _of(entry, "已发放，却没有排队兑现", Mend.GIVE)
        elif give.state is FulfilmentState.DEAD:
            yield _of(entry, f"没能兑现，试了 {give.attempts} 次：{give.error}", Mend.GIVE)
        elif give.state is FulfilmentState.VOID and give.attempts:
            yield _of(entry, "已发放，兑现却被停下", Mend.GIVE)
        elif give.state is FulfilmentState.DONE and grant.state is GrantState.ISSUED:
            yield _of(entry, "订单系统已兑现，台账没有标记", Mend.MARK)
        elif give.state is not FulfilmentState.DONE and grant.state is GrantState.FULFILLED:
            yield _of(entry, "台账标记为已兑现，订单系统还没有答复", Mend.GIVE)
        if back is not None:
            yield _of(entry, "没有收回，却排了收回", Mend.PERSON)
    elif grant.state is GrantState.REVERSED:
        if give is not None and give.state in UNSETTLED:
            yield _of(entry, "已收回，兑现却还在排队", Mend.TAKE_BACK)
        elif back is None and give is not None and give.attempts:
            yield _of(entry, "已收回，却没有排队从订单系统收回", Mend.TAKE_BACK)
        elif back is not None and back.state is FulfilmentState.DEAD:
            yield _of(entry, f"没能从订单系统收回，试了 {back.attempts} 次：{back.error}", Mend.TAKE_BACK)
        elif back is not None and back.state is FulfilmentState.VOID:
            yield _of(entry, "已收回，收回却被停下", Mend.TAKE_BACK)
    elif give is not None or back is not None:
        yield _of(entry, "没有发放，却排了兑现", Mend.PERSON)
    for queued in (give, back):
        if queued is not None and _is_stuck(queued, now):
            yield _of(entry, f"从 {queued.next_at:%Y-%m-%d %H:%M}Z 起没人处理：服务没有在运行", Mend.PERSON)


def _remedy_differences(entry: Entry, remedy: Remedy | None) -> Iterator[Difference]:
    grant, give, back = entry.grant, entry.give, entry.back
    if any(queued is not None and queued.state in WAITING for queued in (give, back)):
        return
    is_given = remedy is not None and remedy.standing is Standing.GIVEN
    if grant.state in GIVEN:
        if give is not None and give.state is FulfilmentState.DONE and not is_given:
            if remedy is None:
                yield _of(entry, "台账记着已兑现，订单系统里没有这笔", Mend.GIVE)
            else:
                yield _of(entry, f"台账记着已兑现，订单系统说已收回（{remedy.reference}）", Mend.PERSON)
    elif remedy is not None and is_given:
        mend = Mend.TAKE_BACK if grant.state is GrantState.REVERSED else Mend.PERSON
        words = "已收回" if grant.state is GrantState.REVERSED else "没有发放"
        yield _of(entry, f"台账{words}，订单系统却兑现着（{remedy.reference}）", mend)


def _is_stuck(queued: Fulfilment, now: datetime) -> bool:
    return queued.state in WAITING and queued.next_at + STUCK_AFTER <= now


def _of(entry: Entry, what: str, mend: Mend) -> Difference:
    return Difference(subject=f"grant:{entry.grant.grant_id}", what=f"{what}（订单 {entry.grant.order_no}）", mend=mend)
