"""One turn at the desk: what a move may look at, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.case import (
    AfterSave,
    AskAllowance,
    Case,
    ChooseIntervention,
    ScoreCase,
    SpentSince,
    WantsPerson,
)
from retention.conversation import Conversation, Decision, Memory, Turn
from retention.course import Step
from retention.customer import Customer
from retention.event import Event
from retention.exposure import DecideVaried
from retention.hearing import Hearing, Reason
from retention.kindred import Kindred
from retention.offer import AFTER_SAVE
from retention.order import Order
from retention.ports import OrderSystem, Records
from retention.reply import Say
from retention.risk import Choice, Score
from retention.staffing import Staffing

EVENT_DAYS = 60

NoteScore = Callable[[Records, Case, Score, Choice], None]
"""Remember a score as it was given, for whoever watches the model."""


def forget(_: Records, __: Case, ___: Score, ____: Choice) -> None:
    """A shop that does not watch its model."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The shop's judgement, handed to the core as callables so that it knows none of their suppliers."""

    score: ScoreCase
    choose: ChooseIntervention
    decide: DecideVaried  # and the arm of an experiment, to be recorded with the decision
    after_save: AfterSave
    wants_person: WantsPerson
    cap_window: Callable[[], timedelta]  # how far back a customer's grants count against the customer's cap
    spent_since: SpentSince
    shop_answer: Callable[[str], str | None]  # a question about the shop's rules -> the shop's own words
    yes_or_no: Callable[[str], bool | None]  # a short answer to a closed question
    intent_title: Callable[[str], str]  # how asking back names an intent
    allowance: AskAllowance  # what a person may still give
    staffing: Staffing
    stop_words: frozenset[str]  # that nobody is to be written to unasked, as ``words.bare`` makes them
    kindred: Kindred  # how the accounts of one household are found
    note_score: NoteScore = forget


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Everything one move needs. ``memory`` is as the last turn left it; a move answers with the next one."""

    records: Records
    order_system: OrderSystem
    rules: Rules
    now: datetime
    turn: Turn
    conversation: Conversation
    memory: Memory
    course: tuple[Step, ...]  # oldest first, this turn last
    customer: Customer | None  # None while nobody has proven who is talking

    @property
    def hearings(self) -> tuple[Hearing, ...]:
        return tuple(step.hearing for step in self.course)

    @property
    def hearing(self) -> Hearing:
        return self.turn.hearing

    def remembering(self, **changes: object) -> Visit:
        """The same visit with parts of its memory changed."""
        return replace(self, memory=replace(self.memory, **changes))  # type: ignore[arg-type]

    def with_reasons(self, *stated: str) -> Visit:
        """The same visit, remembering these reasons after those stated before."""
        return self.remembering(reasons=tuple(dict.fromkeys((*self.memory.reasons, *stated))))

    def open_orders(self) -> Sequence[Order]:
        if self.customer is None:
            return ()
        return [order for order in self.records.orders.of_customer(self.customer.customer_id) if order.is_open]

    def events(self, order: Order) -> tuple[Event, ...]:
        """What other systems reported around an order, oldest first."""
        return tuple(self.records.events.about(order, since=self.now - timedelta(days=EVENT_DAYS)))

    def case(self, order: Order, *, reasons: tuple[Reason, ...] | None = None) -> Case:
        """The facts about one of the shopper's own orders."""
        assert self.customer is not None, "a case needs a proven customer"
        self.rules.kindred.see_order(self.records, order, at=self.now)
        stated = tuple(Reason(value) for value in self.memory.reasons)
        case = Case(
            now=self.now,
            order=order,
            customer=self.customer,
            events=self.events(order),
            hearings=self.hearings,
            goal=self.memory.goal,
            reasons=stated if reasons is None else reasons,
            rounds=self.memory.rounds,
        )
        return self.as_promised(case)

    def as_promised(self, case: Case) -> Case:
        """The case with what the order and its customer have been promised by now."""
        grants = tuple(self.records.ledger.of_order(case.order.order_no))
        since = self.now - self.rules.cap_window()
        return replace(
            case,
            grants=grants,
            customer_grants=tuple(self.records.ledger.of_customer(case.customer.customer_id, since=since)),
            # A new conversation about the same order is no new round.
            rounds=max(self.memory.rounds, sum(grant.offer.cause != AFTER_SAVE for grant in grants)),
            spent={moment: self.records.ledger.reserved_since(moment) for moment in self.rules.spent_since(self.now)},
            kin=self.rules.kindred.of(
                self.records, case.customer.customer_id, now=self.now, but=self.conversation.conversation_id
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a move decided. ``person`` names the rule by which a person must take over."""

    says: tuple[Say, ...]
    memory: Memory
    decision: Decision
    person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A case with its score and the policy's choice."""

    case: Case
    score: Score
    choice: Choice

    def decision(self, outcome: str, *, rule: str | None = None, why: str | None = None, **more: object) -> Decision:
        return Decision(
            intervention=self.choice.intervention.value,
            rule=rule or self.choice.rule,
            why=why or self.choice.why,
            order_no=self.case.order.order_no,
            probability=self.score.probability,
            band=self.choice.band.value,
            threshold=self.choice.threshold,
            outcome=outcome,
            model_version=self.score.model_version,
            rule_version=self.choice.version,
            scenario=self.choice.scenario,
            **more,  # type: ignore[arg-type]
        )


def judge(visit: Visit, order: Order, *, reasons: tuple[Reason, ...] | None = None) -> Judged:
    """Score an order of the shopper and choose the intervention."""
    case = visit.case(order, reasons=reasons)
    score = visit.rules.score(case)
    choice = visit.rules.choose(case, score)
    visit.rules.note_score(visit.records, case, score, choice)
    return Judged(case=case, score=score, choice=choice)


def plain(outcome: str, rule: str, why: str = "", *, order_no: str | None = None) -> Decision:
    """The record of a turn that needed no score."""
    return Decision(intervention="inform", rule=rule, why=why, order_no=order_no, outcome=outcome)


def say(key: str, **values: str) -> Say:
    return Say(key=key, values=values)
