"""One full example of every record, ways to vary them, and a way to make threads collide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from retention.associate import Associate, Role
from retention.attachment import Attachment
from retention.audit import AuditEntry
from retention.canned import CannedReply
from retention.case import Case
from retention.change import ChangeKind, OrderChange
from retention.contact import Contact, Delivery
from retention.conversation import Author, Conversation, Decision, Expecting, Memory, Message, Plan, Status
from retention.correction import Correction, CorrectionState, Labels
from retention.customer import Customer
from retention.event import Event
from retention.exposure import Arm, Exposure, remembered
from retention.handoff import Handoff, HandoffState
from retention.hearing import Emotion, Entity, EntityKind, Hearing, Reason
from retention.help_desk import Link, LinkState
from retention.inbound import Inbound, InboundKind
from retention.kin import Kin, Relative, TieKind
from retention.note import Note
from retention.notice import Notice, NoticeKind, Subscription
from retention.offer import Grant, GrantState, Offer
from retention.order import Address, Line, Order, Stage
from retention.outreach import Cause, Outreach, OutreachArm, OutreachState
from retention.presence import Presence, PresenceState
from retention.profile import Mood, Outcome, Profile
from retention.rating import Rating
from retention.reply import Bubble, Button, OfferCard
from retention.scoring import Scoring
from retention.sign_in import SignIn
from retention.task import Task, TaskKind

T = TypeVar("T")

NOW = datetime(2026, 3, 8, 2, 30, 15, 123457, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)

ADDRESS = Address(
    province="浙江省", city="杭州市", district="西湖区", detail="文三路 90 号", receiver="欧阳小满", phone="13812345678"
)
ORDER = Order(
    order_no="A20260308001",
    customer_id="C1",
    stage=Stage.PENDING_SHIPMENT,
    placed_at=NOW - 30 * HOUR,
    paid_fen=29_900,
    shipping_fen=800,
    lines=(Line(sku="S1", title="羽绒服 🧥", category="服装", qty=1, unit_price_fen=29_100, unit_cost_fen=18_000),),
    address=ADDRESS,
    paid_at=NOW - 29 * HOUR,
    promotion_id="38节",
    attributes={"variant": "黑/XL", "can_ship_today": True, "tags": ["急", "送礼"], "nothing": None},
)
CUSTOMER = Customer(
    customer_id="C1",
    name="欧阳小满",
    tier="gold",
    rfm=86.5,
    opted_out=True,
    no_outreach=True,
    attributes={"wx": "小满🐱"},
)
EVENT = Event(
    event_id="E1",
    kind="fulfilment.delayed",
    at=NOW - HOUR,
    order_no=ORDER.order_no,
    data={"hours": 6.5, "cause": "暴雪"},
)
CONVERSATION = Conversation(
    conversation_id="K1",
    channel="web",
    status=Status.BOT,
    created_at=NOW,
    updated_at=NOW,
    customer_id="C1",
    traditional=True,
    memory=Memory(
        order_no=ORDER.order_no,
        goal="cancel_order",
        reasons=("price", "logistics"),
        expecting=Expecting.CONFIRM,
        options={"是的": "affirm", "不用了": "deny"},
        plan=Plan(kind="amend_address", order_no=ORDER.order_no, change={"phone": "13812345678"}),
        rounds=1,
    ),
)
HEARING = Hearing(
    intent="cancel_order",
    confidence=0.91,
    ranking=(("cancel_order", 0.91), ("deny", 0.03)),
    reasons=(Reason.PRICE, Reason.LOGISTICS),
    emotion=Emotion.ANGRY,
    intensity=0.7,
    sentiment=-0.6,
    escalate=0.1,
    entities=(Entity(kind=EntityKind.PHONE, value="13812345678", text="138 1234 5678", start=4, end=17),),
)
MESSAGE = Message(
    conversation_id="K1",
    message_id="M1",
    author=Author.SHOPPER,
    at=NOW,
    text="退了吧,太贵了 😡 138 1234 5678",
    hearing=HEARING,
    decision=Decision(intervention="compensate", rule="price", why="竞品降价", probability=0.83, threshold=0.7),
)
ANSWER = Message(
    conversation_id="K1",
    message_id="M2",
    author=Author.BOT,
    at=NOW,
    text="补您 20 元差价,好吗?",
    bubble=Bubble(
        text="补您 20 元差价,好吗?",
        buttons=(Button(title="好的", text="好的"),),
        offer=OfferCard(
            grant_id="G1", title="补差价", value_fen=2_000, expires_at="2026-03-09T02:30:15Z", why="别家降价了"
        ),
    ),
)
GRANT = Grant(
    grant_id="G1",
    key=f"{ORDER.order_no}:price",
    order_no=ORDER.order_no,
    customer_id="C1",
    conversation_id="K1",
    state=GrantState.PROPOSED,
    offer=Offer(
        offer_id="price_gap",
        kind="cash",
        title="补差价",
        cause="price",
        value_fen=2_000,
        cost_fen=1_600,
        reserve_fen=2_000,
        pitch="补您 20 元差价",
        why="别家同款降价 15 %",
        budget="B1",
        catalog_version="7",
        terms={"cash_fen": 2_000, "expedite": False},
    ),
    created_at=NOW,
    updated_at=NOW,
    expires_at=NOW + 24 * HOUR,
)
HANDOFF = Handoff(
    handoff_id="H1",
    conversation_id="K1",
    state=HandoffState.WAITING,
    reason="furious",
    summary="欧阳小满很生气,电话 13812345678",
    priority=70,
    opened_at=NOW,
    updated_at=NOW,
    customer_id="C1",
)
PRESENCE = Presence(associate="xiaolin", state=PresenceState.BUSY, seen_at=NOW)
TASK = Task(
    task_id="T1",
    kind=TaskKind.CALL_BACK,
    conversation_id="K1",
    customer_id="C1",
    contact="13812345678",
    wish="放门口的快递没收到",
    opened_at=NOW,
    due_at=NOW + HOUR,
)
ATTACHMENT = Attachment(attachment_id="a1", conversation_id="K1", width=640, height=480, at=NOW)
CORRECTION = Correction(
    correction_id="R1",
    conversation_id="K1",
    message_id="M1",
    state=CorrectionState.PROPOSED,
    text="退了吧,太贵了 😡 138****5678",
    heard=Labels(intent="deny", emotion=Emotion.ANGRY, intensity=0.7),
    labels=Labels(
        intent="cancel_order",
        reasons=(Reason.PRICE, Reason.QUALITY),
        emotion=Emotion.DISAPPOINTED,
        intensity=0.6,
        escalate=True,
    ),
    proposer="小李",
    proposed_at=NOW,
    model_version="language-0a1b2c3d4e5f",
)
PROFILE = Profile(
    conversation_id="K1",
    customer_id="C1",
    channel="web",
    started_at=NOW,
    updated_at=NOW + HOUR,
    turns=3,
    intents=("cancel_order", "accept_offer"),
    moods=(Mood(at=NOW, emotion="angry", intensity=0.7, sentiment=-0.6),),
    risk_probability=0.83,
    granted_fen=2_000,
    outcome=Outcome.DEFLECTED,
)
CHANGE = OrderChange(
    change_id="K1/M1:amend_address",
    order_no=ORDER.order_no,
    kind=ChangeKind.AMEND_ADDRESS,
    change={"detail": "文三路 99 号", "phone": "13812345678"},
    at=NOW,
    actor="bot",
    conversation_id="K1",
)
ENTRY = AuditEntry(
    at=NOW,
    actor="bot",
    act="grant_proposed",
    subject="grant:G1",
    why="价格",
    versions={"rules": "3"},
    data={"fen": 2_000},
)
CONTACT = Contact(
    contact_id="wechat:wx1::oSHOPPER",
    channel="wechat",
    app_id="wx1",
    external_id="oSHOPPER",
    open_kfid="",
    conversation_id="K1",
    inbound_at=NOW,
    held_until=NOW,
)
DELIVERY = Delivery(
    delivery_id="wechat:wx1:23238",
    contact_id=CONTACT.contact_id,
    conversation_id="K1",
    message_id="M1",
    at=NOW,
    inbound=Inbound(
        kind=InboundKind.TEXT,
        delivery_id="wechat:wx1:23238",
        external_id="oSHOPPER",
        at=NOW,
        text="退了吧,太贵了 😡",
    ),
)

SUBSCRIPTION = Subscription(
    subscription_id="S1",
    url="https://crm.example/hook",
    kinds=(NoticeKind.HANDOFF_OPENED, NoticeKind.GRANT_ISSUED),
    secret="whsec_c2VjcmV0LW9mLXRoZS1jcm0tMDEyMzQ1Njc4OQ==",
    created_at=NOW,
    created_by="crm",
)
NOTICE = Notice(
    notice_id="msg_0a1b2c",
    kind=NoticeKind.HANDOFF_OPENED,
    at=NOW,
    data={"handoff_id": "H1", "order_no": None, "priority": 70},
    customer_id="C1",
)
LINK = Link(handoff_id="H1", conversation_id="K1", state=LinkState.OPEN, opened_at=NOW, next_at=NOW)
ASSOCIATE = Associate(name="小王", display="王小姐", role=Role.AGENT, skills=("退款", "投诉"), capacity=3, active=True)
SIGN_IN = SignIn(digest="0a1b", name="小王", created_at=NOW, expires_at=NOW + 12 * HOUR)
NOTE = Note(note_id="N1", conversation_id="K1", author="小王", at=NOW, text="欧阳小满要求周三前回电 13812345678")
CANNED = CannedReply(
    canned_id="R1", shortcut="/kd", title="物流", text="{{customer}}，我催一下", owner="小王", updated_at=NOW
)
RATING = Rating(
    handoff_id="H1",
    conversation_id="K1",
    score=2,
    comment="等了好久，欧阳小满",
    rated_at=NOW,
    updated_at=NOW,
)
CASE = remembered(
    Case(
        now=NOW,
        order=ORDER,
        customer=CUSTOMER,
        events=(EVENT,),
        grants=(GRANT,),
        hearings=(HEARING,),
        goal="cancel_order",
        reasons=(Reason.PRICE,),
        rounds=1,
        spent={NOW - 24 * HOUR: {"price_gap": 2_000}},
        kin=Kin(relatives=(Relative(ties=frozenset({TieKind.PHONE}), grants=(GRANT,)),)),
    )
)
EXPOSURE = Exposure(
    exposure_id=f"K1/{ORDER.order_no}/price",
    conversation_id="K1",
    order_no=ORDER.order_no,
    customer_id="C1",
    at=NOW,
    next_at=NOW + 24 * HOUR,
    arm=Arm.OFFERED,
    variant="champion",
    offer_id="price_gap",
    action="price_gap",
    propensity=0.95,
    chances={"price_gap": 0.95, "none": 0.05},
    terms={"price_gap": {"cash_fen": 2_000, "expedite": False}},
    cause="price",
    tier="gold",
    province="浙江省",
    channel="web",
    is_new=False,
    probability=0.83,
    margin_fen=11_100,
    synthetic=False,
    catalog_version="7",
    model_version="risk-1",
    rule_version="3",
)
SCORING = Scoring(
    order_no=ORDER.order_no,
    at=NOW,
    probability=0.731,
    model_version="risk-1",
    rules_version="3",
    rule="default",
    intercept=True,
    values={"late_hours": 61.5, "address_changes": 3.0},
)


OUTREACH = Outreach(
    outreach_id=f"{ORDER.order_no}/1",
    order_no=ORDER.order_no,
    episode=1,
    customer_id="C1",
    state=OutreachState.WAITING,
    opened_at=NOW,
    next_at=NOW,
    probability=0.83,
    threshold=0.7,
    rule="danger_in_talk",
    model_version="risk-1",
    rules_version="3",
    outreach_version="1",
    arm=OutreachArm.REACHED,
    propensity=0.9,
    synthetic=True,
)
SENT_OUTREACH = OUTREACH.sent(Cause.LATE, "K1", "G1", at=NOW + HOUR)


def a_grant(number: int | str, *, reserve_fen: int = 2_000, budget: str = "B1", key: str | None = None) -> Grant:
    offer = replace(GRANT.offer, reserve_fen=reserve_fen, budget=budget)
    return replace(GRANT, grant_id=f"G{number}", key=key or f"order-{number}:price", offer=offer)


def a_conversation(number: int | str) -> Conversation:
    return replace(CONVERSATION, conversation_id=f"K{number}")


def race(jobs: Sequence[Callable[[], T]], *, threads: int = 12) -> list[T]:
    """The results of all jobs, as many at once as there are threads; raises what a job raised."""
    with ThreadPoolExecutor(threads) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]
