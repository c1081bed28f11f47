"""What Prometheus may read. Labels are few and fixed: nothing a caller sends becomes a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from retention.handoff import Handoff
from retention.handoff_move import Moved
from service.risk_watch import Watched

WAITS = (5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10)


def _unknown(gauge: Gauge) -> Gauge:
    gauge.set(float("nan"))
    return gauge


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tourniquet_requests", "HTTP requests", ["method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "tourniquet_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.turns = Counter(
            "tourniquet_turns", "Shopper messages by how they ended", ["ended"], registry=self.registry
        )
        self.turn_seconds = Histogram(
            "tourniquet_turn_seconds", "Time from a shopper's message to its reply", buckets=SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self.deliveries = Counter(
            "tourniquet_channel_deliveries", "What messaging platforms delivered, by how it ended", ["channel", "ended"],
            registry=self.registry,
        )  # fmt: skip
        self.channel_messages = Counter(
            "tourniquet_channel_messages", "What was to go to messaging platforms, by how it ended", ["channel", "ended"],
            registry=self.registry,
        )  # fmt: skip
        self.scores = Counter(
            "tourniquet_risk_scores", "Orders scored for other systems", ["band"], registry=self.registry
        )
        self.expired = Counter("tourniquet_offers_expired", "Proposals nobody answered", registry=self.registry)
        self.rescored = Counter(
            "tourniquet_rescored", "Orders and goods looked at for their news", registry=self.registry
        )
        self.outreaches = Counter(
            "tourniquet_outreaches", "Orders in danger by what was done", ["state"], registry=self.registry
        )
        self.webhooks = Counter(
            "tourniquet_webhooks", "Attempts to deliver a notice by how they ended", ["ended"], registry=self.registry
        )
        self.outbox = Gauge("tourniquet_outbox", "Notices by state; dead ones wait for a person", ["state"],
            registry=self.registry,
        )  # fmt: skip
        self.links = Gauge("tourniquet_help_desk_links", "Handoffs in the shop's own help desk by state", ["state"],
            registry=self.registry,
        )  # fmt: skip
        self.help_desk_failures = Counter(
            "tourniquet_help_desk_failures", "Attempts to reach the help desk that failed", registry=self.registry
        )
        self.fulfilments = Counter(
            "tourniquet_fulfilments", "Attempts at the order system by act and how they ended", ["act", "ended"],
            registry=self.registry,
        )  # fmt: skip
        self.fulfilment_states = Gauge(
            "tourniquet_fulfilments_queued", "What the order system has to do, by state; dead ones wait for a person",
            ["state"], registry=self.registry,
        )  # fmt: skip
        self.handoffs = Counter("tourniquet_handoffs", "What happened to handoffs", ["act"], registry=self.registry)
        self.claim_seconds = Histogram(
            "tourniquet_claim_seconds",
            "From calling a person to the first claim",
            buckets=WAITS,
            registry=self.registry,
        )
        self.first_reply_seconds = Histogram(
            "tourniquet_first_reply_seconds", "From calling a person to their first reply", buckets=WAITS,
            registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge("tourniquet_handoffs_waiting", "Shoppers in the queue", registry=self.registry)
        self.claimed = Gauge("tourniquet_handoffs_claimed", "Shoppers with an associate", registry=self.registry)
        self.online = Gauge("tourniquet_associates_online", "Associates who take shoppers", registry=self.registry)
        self.tasks = Gauge("tourniquet_tasks_open", "Call-backs to make", registry=self.registry)

        self.risk_psi = Gauge(
            "tourniquet_risk_psi", "Population stability of what moved most, and of the score; from 0.25 on it has moved",
            ["feature"], registry=self.registry,
        )  # fmt: skip
        self.risk_score_mean = _unknown(Gauge(
            "tourniquet_risk_score_mean", "Mean probability of recent scores", registry=self.registry,
        ))  # fmt: skip
        self.risk_ece = _unknown(Gauge(
            "tourniquet_risk_ece", "Calibration error of settled scores", registry=self.registry,
        ))  # fmt: skip
        self.risk_expected = _unknown(Gauge(
            "tourniquet_risk_expected", "Mean probability of settled scores", registry=self.registry,
        ))  # fmt: skip
        self.risk_observed = _unknown(Gauge(
            "tourniquet_risk_observed", "Share lost of settled scores", registry=self.registry,
        ))  # fmt: skip

    def moved(self, moved: Moved) -> None:
        self.handoffs.labels(moved.act).inc()
        handoff = moved.handoff
        if moved.act in ("claimed", "assigned") and handoff.claimed_at is not None and not handoff.releases:
            self.claim_seconds.observe((handoff.claimed_at - handoff.opened_at).total_seconds())

    def first_reply(self, handoff: Handoff) -> None:
        if handoff.first_reply_at is not None:
            self.first_reply_seconds.observe((handoff.first_reply_at - handoff.opened_at).total_seconds())

    def risk(self, watched: Watched) -> None:
        """What is not known stays NaN: a zero would look like a perfect model."""
        self.risk_psi.clear()
        for name, index in watched.most_moved:
            self.risk_psi.labels(name).set(index)
        if watched.score_mean is not None:
            self.risk_score_mean.set(watched.score_mean)
        if watched.calibration is not None:
            self.risk_ece.set(watched.calibration.ece)
            self.risk_expected.set(watched.calibration.expected)
            self.risk_observed.set(watched.calibration.observed)

    def queue(self, *, waiting: int, claimed: int, online: int, tasks: int) -> None:
        self.waiting.set(waiting)
        self.claimed.set(claimed)
        self.online.set(online)
        self.tasks.set(tasks)

    def text(self) -> bytes:
        return generate_latest(self.registry)
