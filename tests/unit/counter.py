"""A desk over the in-memory store with the shop's real rules, and a shopper who talks to it in intents."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from compensation import guard
from compensation.deciding import Deciding
from compensation.engine import Engine
from compensation.experiment import Experiment
from integrations.memory.store import MemoryStore
from integrations.oms import EmbeddedOrderSystem
from integrations.sealing import sealed_with
from integrations.wording import YamlWording
from language.yes_no import yes_or_no
from policies import answers, interception, outreach, staffing
from retention.case import Case
from retention.conversation import Author, Conversation, Decision, Message, Status, Turn
from retention.customer import Customer
from retention.desk import Desk, Reply
from retention.event import Event
from retention.exposure import DecideVaried
from retention.hearing import Emotion, Entity, EntityKind, Hearing, Reason
from retention.kindred import Kindred
from retention.offer import AFTER_SAVE, Grant
from retention.order import Address, Line, Order, Stage
from retention.ports import Store
from retention.queue import Queue
from retention.risk import Contribution, Score
from retention.staffing import Staffing
from retention.visit import Rules

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)
WORDING = YamlWording.from_folder(ROOT / "nlu_data")
POLICY = interception.load(ROOT / "policies" / "interception.yml")
GUARD = guard.load(ROOT / "compensation" / "guard.yml")
STAFFING = staffing.load(ROOT / "policies" / "staffing.yml")
STOP_WORDS = outreach.load(ROOT / "policies" / "outreach.yml").stop_words
KINDRED = Kindred(seal=sealed_with("shop-secret-0123456789"), window=lambda: GUARD.window, crowd=lambda: GUARD.crowd)


def order(
    order_no: str = "TQ20261120001", *, stage: Stage = Stage.PENDING_SHIPMENT, late_hours: float = 0, **facts: object
) -> Order:
    """A 200 yuan pair of shoes at 40 % margin, paid two days ago, ``late_hours`` past its promise."""
    known: dict[str, object] = {
        "order_no": order_no,
        "customer_id": "c-1",
        "stage": stage,
        "placed_at": NOW - timedelta(days=5),
        "paid_at": NOW - timedelta(days=5),
        "paid_fen": 20000,
        "shipping_fen": 0,
        "lines": (Line(sku="sku-1", title="轻跑鞋", category="鞋", qty=1, unit_price_fen=20000, unit_cost_fen=12000),),
        "address": Address(
            province="浙江省",
            city="杭州市",
            district="西湖区",
            detail="文三路 1 号",
            receiver="李明",
            phone="13800001111",
        ),
        "promised_delivery_at": NOW - late_hours * HOUR if late_hours else NOW + timedelta(days=2),
        "attributes": {"variant": "黑色 42"},
    }
    if stage in (Stage.IN_TRANSIT, Stage.OUT_FOR_DELIVERY, Stage.DELIVERED):
        known["shipped_at"] = NOW - timedelta(days=4)
    if stage is Stage.DELIVERED:
        known["delivered_at"] = NOW - timedelta(days=1)
    return Order(**{**known, **facts})  # type: ignore[arg-type]


def price(yuan: float, *, source: str = "own") -> Event:
    return Event(
        event_id=f"price-{yuan}-{source}",
        kind="price.changed",
        at=NOW - HOUR,
        sku="sku-1",
        data={"price_fen": round(yuan * 100), "source": source},
    )


def stock(variant: str, *, available: bool = True, **data: object) -> Event:
    return Event(
        event_id=f"stock-{variant}",
        kind="stock.changed",
        at=NOW - HOUR,
        sku="sku-1",
        data={"variant": variant, "available": available, **data},
    )


def entity(kind: EntityKind, value: str) -> Entity:
    return Entity(kind=kind, value=value, text=value, start=0, end=len(value))


def score(case: Case) -> Score:
    """Whoever wants to leave is likely lost; so is an angry shopper with a late order. No model: the desk is under test."""
    leaving = case.goal in ("cancel_order", "request_refund")
    angry_and_late = case.hearing.sentiment < -0.3 and case.order.late_hours(case.now) > 24
    reason = Contribution(feature="late", node="fulfilment.late", contribution=1.0, words="承诺送达已超时")
    return Score(probability=0.85 if leaving or angry_and_late else 0.2, reasons=(reason,), model_version="test-1")


class Counter:
    """One conversation of customer c-1 (or of nobody). ``say`` plays a heard message through the desk."""

    def __init__(
        self,
        *orders: Order,
        store: Store | None = None,
        customer: str | None = "c-1",
        staffing: Staffing = STAFFING,
        hold_out: float = 0.0,
        decide: DecideVaried | None = None,
        **about: object,
    ) -> None:
        self.store = store or MemoryStore()
        self.now = NOW
        engine = Engine.from_file(ROOT / "compensation" / "catalog.yml", max_rounds=POLICY.offer_rounds)
        deciding = Deciding(engine, guard=lambda: GUARD, experiment=Experiment(hold_out=hold_out))
        rules = Rules(
            score=score,
            choose=POLICY.choose,
            decide=decide or deciding.decide,
            after_save=deciding.after_save,
            wants_person=POLICY.wants_person,
            cap_window=lambda: engine.cap_window,
            spent_since=engine.spent_since,
            shop_answer=answers.load(ROOT / "policies" / "answers.yml").answer,
            yes_or_no=yes_or_no,
            intent_title=WORDING.intent_title,
            allowance=engine.allowance,
            staffing=staffing,
            kindred=KINDRED,
            stop_words=STOP_WORDS,
        )
        self.desk = Desk(
            store=self.store, order_system=EmbeddedOrderSystem(), rules=rules, wording=WORDING, clock=lambda: self.now
        )
        self.queue = Queue(store=self.store, wording=WORDING, clock=lambda: self.now, staffing=staffing)
        self.conversation_id = "conv-1"
        self.turns = 0
        with self.store.transaction() as records:
            records.customers.put(Customer(customer_id="c-1", name="李明", lifetime_orders=6, **about))  # type: ignore[arg-type]
            for each in orders:
                records.orders.put(each)
            for budget, cap_fen in engine.budgets().items():
                records.ledger.set_budget(budget, cap_fen)
        self.open(self.conversation_id, customer=customer)

    def open(self, conversation_id: str, *, customer: str | None = "c-1") -> None:
        """Start another conversation and go on in it."""
        self.conversation_id = conversation_id
        with self.store.transaction() as records:
            records.conversations.put(
                Conversation(
                    conversation_id=conversation_id,
                    channel="web",
                    status=Status.BOT,
                    created_at=NOW,
                    updated_at=NOW,
                    customer_id=customer,
                )
            )

    def events(self, *events: Event) -> Counter:
        with self.store.transaction() as records:
            records.events.add(events)
        return self

    def say(
        self,
        text: str,
        intent: str,
        *reasons: Reason,
        emotion: Emotion = Emotion.NEUTRAL,
        intensity: float = 0.0,
        entities: tuple[Entity, ...] = (),
        message_id: str | None = None,
        escalate: float = 0.0,
        ranking: tuple[tuple[str, float], ...] = (),
    ) -> Reply:
        self.turns += 1
        sentiment = {Emotion.NEUTRAL: 0.0, Emotion.PLEASED: 0.6}.get(emotion, -0.3 - 0.6 * intensity)
        hearing = Hearing(
            intent=intent,
            confidence=0.9,
            ranking=ranking or ((intent, 0.9), ("track_order", 0.05)),
            reasons=reasons,
            emotion=emotion,
            intensity=intensity,
            sentiment=sentiment,
            escalate=escalate,
            entities=entities,
        )
        turn = Turn(
            conversation_id=self.conversation_id,
            message_id=message_id or f"{self.conversation_id}-m{self.turns}",
            text=text,
            hearing=hearing,
        )
        with self.store.transaction() as records:
            records.messages.add(
                Message(
                    conversation_id=turn.conversation_id,
                    message_id=turn.message_id,
                    author=Author.SHOPPER,
                    at=self.now,
                    text=text,
                )
            )
        return self.desk.handle(turn)

    def decision(self) -> Decision:
        """The last turn's."""
        with self.store.transaction() as records:
            last = records.messages.turns(self.conversation_id, last=1)[-1]
        assert last.decision is not None
        return last.decision

    def order(self, order_no: str = "TQ20261120001") -> Order:
        with self.store.transaction() as records:
            found = records.orders.find(order_no)
        assert found is not None
        return found

    def put(self, order: Order) -> None:
        """As the shop's systems send it."""
        with self.store.transaction() as records:
            records.orders.put(order)

    def grants(self, order_no: str = "TQ20261120001") -> list[Grant]:
        """Those that answer what the shopper said."""
        return [grant for grant in self._ledger(order_no) if grant.offer.cause != AFTER_SAVE]

    def care(self, order_no: str = "TQ20261120001") -> list[Grant]:
        """Those given because the order was kept."""
        return [grant for grant in self._ledger(order_no) if grant.offer.cause == AFTER_SAVE]

    def _ledger(self, order_no: str) -> list[Grant]:
        with self.store.transaction() as records:
            return list(records.ledger.of_order(order_no))
