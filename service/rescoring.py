"""Orders that have news are scored again, and those in danger are stepped in for: once an episode, whoever finds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.wiring import Shop
from retention.audit import AuditEntry
from retention.case import Case
from retention.event import Event
from retention.order import Order
from retention.outreach import Outreach, OutreachArm, OutreachState, outreach_id
from retention.ports import Records
from retention.rescoring import Debounce, Rescoring, Subject, concerned, next_look
from retention.risk import Choice, Score
from retention.telling import tell_at_risk
from service.cases import cases_of
from service.logs import logger

LEASE = timedelta(seconds=120)
"""Longer than a batch takes: when a process dies in the middle of one, it is scored again after this."""
BATCH = 200
PAGE = 500
"""Orders of some goods that are marked in one transaction."""

log = logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scored:
    case: Case
    score: Score
    choice: Choice


def mark_events(records: Records, events: Collection[Event], *, now: datetime, debounce: Debounce) -> None:
    """Whom these events concern is looked at again. Call it in the transaction that keeps them."""
    news = concerned(events)
    theirs = [order for customer in sorted(news.customers) for order in records.orders.of_customer(customer)]
    orders = news.orders | {order.order_no for order in theirs if order.is_open}
    records.rescorings.mark(Subject.ORDER, orders, at=now, debounce=debounce)
    at_once = Debounce(quiet=timedelta(0), most=timedelta(0))  # the orders themselves are debounced
    records.rescorings.mark(Subject.GOODS, news.goods, at=now, debounce=at_once)


def mark_order(records: Records, order: Order, *, now: datetime, debounce: Debounce) -> None:
    """Call it in the transaction that keeps the order."""
    if order.is_open:
        records.rescorings.mark(Subject.ORDER, [order.order_no], at=now, debounce=debounce)


class Rescorer:
    """Works off the queue. Several processes may: a row is leased to one of them."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._debounce = shop.outreach.debounce

    def round(self) -> int:
        """One batch; how many orders were scored or goods gone through. Raises StoreBusyError; nothing is lost then."""
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            claimed = records.rescorings.claim(now, until=now + LEASE, limit=BATCH)
        for goods in (one for one in claimed if one.kind is Subject.GOODS):
            self._spread(goods)
        self._score([one for one in claimed if one.kind is Subject.ORDER])
        return len(claimed)

    def _spread(self, goods: Rescoring) -> None:
        """Mark a page of the orders that have these goods."""
        now = self._shop.clock()
        with self._shop.store.transaction() as records:
            orders = records.orders.with_goods(goods.subject, after=goods.cursor, limit=PAGE)
            records.rescorings.mark(Subject.ORDER, orders, at=now, debounce=self._debounce)
            if len(orders) == PAGE:
                records.rescorings.advance(goods, orders[-1])
            else:
                records.rescorings.settle(goods, now=now, debounce=self._debounce, again_at=None)

    def _score(self, claimed: Sequence[Rescoring]) -> None:
        """Read in one transaction, score outside of any, keep in another: scoring keeps nobody waiting."""
        shop = self._shop
        with shop.store.transaction() as records:
            found = cases_of(shop, records, [one.subject for one in claimed])  # not those that nobody has sent yet
        open_ones = {name: case for name, case in found.items() if case.order.is_open}
        scored = self._judged(open_ones)
        with shop.store.transaction() as records:
            for one in claimed:
                if one.subject in scored:
                    self._keep(records, one, scored[one.subject])
                else:
                    records.rescorings.settle(one, now=shop.clock(), debounce=self._debounce, again_at=None)

    def _judged(self, cases: Mapping[str, Case]) -> Mapping[str, Scored]:
        """By order. Where scoring them together fails they are scored one by one: one must not be in the way of others."""
        try:
            scores = self._shop.risk.score_many(list(cases.values()))
            return {name: self._chosen(case, score) for (name, case), score in zip(cases.items(), scores, strict=True)}
        except Exception:
            log.exception("batch_not_scored", orders=len(cases))
        alone = {name: self._alone(case) for name, case in cases.items()}
        return {name: scored for name, scored in alone.items() if scored is not None}

    def _alone(self, case: Case) -> Scored | None:
        try:
            return self._chosen(case, self._shop.rules.score(case))
        except Exception:
            log.exception("not_scored", order_no=case.order.order_no)
            return None

    def _chosen(self, case: Case, score: Score) -> Scored:
        return Scored(case=case, score=score, choice=self._shop.rules.choose(case, score))

    def _keep(self, records: Records, claimed: Rescoring, scored: Scored) -> None:
        case, choice = scored.case, scored.choice
        self._shop.rules.note_score(records, case, scored.score, choice)
        if choice.intercept:
            open_outreach(self._shop, records, case, scored.score, choice)
        again_at = next_look(case.order, case.now)
        records.rescorings.settle(claimed, now=case.now, debounce=self._debounce, again_at=again_at)


def open_outreach(shop: Shop, records: Records, case: Case, score: Score, choice: Choice) -> Outreach | None:
    """Begin an episode and tell of it; None while one is on. Nobody is written to here."""
    order, now, policy = case.order, case.now, shop.outreach
    own = records.outreaches.of_order(order.order_no)
    if not policy.is_new_episode(own[-1] if own else None, now):
        return None
    outreach = _drawn(shop, records, case, score, choice, own)
    if not records.outreaches.open(outreach):  # another process was first
        return None
    tell_at_risk(records, outreach, choice, score)
    note(records, outreach, "order_at_risk", why=choice.why, at=now)
    return outreach


def _drawn(shop: Shop, records: Records, case: Case, score: Score, choice: Choice, own: Sequence[Outreach]) -> Outreach:
    """Who may be written to gets an arm, before anybody knows how the night or the channels will stand."""
    order, now, policy = case.order, case.now, shop.outreach
    against = policy.against(order, case.customer, earlier(shop, records, order, now, own), now)
    arm, propensity = (None, None) if against is not None else policy.arm(order.order_no)
    state = OutreachState.HELD_OUT if arm is OutreachArm.HELD_OUT else OutreachState.WAITING
    episode = len(own) + 1
    return Outreach(
        outreach_id=outreach_id(order.order_no, episode),
        order_no=order.order_no,
        episode=episode,
        customer_id=order.customer_id,
        state=OutreachState.SKIPPED if against is not None else state,
        opened_at=now,
        next_at=now,
        probability=score.probability,
        threshold=choice.threshold,
        rule=choice.rule,
        model_version=score.model_version,
        rules_version=choice.version,
        outreach_version=policy.version,
        arm=arm,
        propensity=propensity,
        why=against or "",
        synthetic=order.attributes.get("synthetic") is True,
    )


def earlier(
    shop: Shop, records: Records, order: Order, now: datetime, own: Sequence[Outreach], *, but: str = ""
) -> Sequence[Outreach]:
    """The order's and its customer's outreaches that caps may count, each once, without the one that asks."""
    since = now - shop.outreach.caps.window
    theirs = records.outreaches.of_customer(order.customer_id, since=since) if order.customer_id else ()
    return [one for one in {one.outreach_id: one for one in (*own, *theirs)}.values() if one.outreach_id != but]


def note(records: Records, outreach: Outreach, act: str, *, at: datetime, why: str = "") -> None:
    """One audit entry about an outreach: what became of it, why, by which model and rules."""
    found = {"arm": outreach.arm and outreach.arm.value, "cause": outreach.cause and outreach.cause.value}
    known = {"propensity": outreach.propensity, "grant_id": outreach.grant_id, "task_id": outreach.task_id, **found}
    records.audit.add(
        AuditEntry(
            at=at,
            actor="system",
            act=act,
            subject=f"order:{outreach.order_no}",
            why=why,
            versions={
                "model": outreach.model_version,
                "rules": outreach.rules_version,
                "outreach": outreach.outreach_version,
            },
            data={
                "outreach_id": outreach.outreach_id,
                "state": outreach.state.value,
                "probability": outreach.probability,
                **{name: value for name, value in known.items() if value is not None},
            },
        )
    )
