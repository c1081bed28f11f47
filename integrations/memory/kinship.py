"""What accounts share, what was refused, and what reports read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.conversations import MemoryProfiles
from integrations.memory.ledger import MemoryLedger
from integrations.memory.orders import MemoryCustomers, MemoryOrders
from integrations.memory.rows import Rows, Undo
from retention.dealing import Dealing, Given
from retention.kin import Tie, TieKind
from retention.kinship_ports import Dealings, Kinship, Refusals
from retention.offer import Grant, GrantState
from retention.profile import Profile
from retention.refusal import Refusal, RefusalCount


class MemoryKinship(Kinship):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[tuple[TieKind, str, str], Tie] = Rows(undo)

    def see(self, ties: Sequence[Tie]) -> None:
        for tie in ties:
            self.rows[tie.kind, tie.digest, tie.customer_id] = tie

    def around(self, customer_id: str, *, since: datetime, limit: int = 1000) -> Sequence[Tie]:
        seen = [tie for tie in self.rows.values() if tie.seen_at >= since]
        own = {(tie.kind, tie.digest) for tie in seen if tie.customer_id == customer_id}
        shared = sorted(
            (tie for tie in seen if (tie.kind, tie.digest) in own),
            key=lambda tie: (tie.customer_id, tie.kind.value, tie.digest),
        )
        return tuple(sorted(shared, key=lambda tie: tie.seen_at, reverse=True)[:limit])

    def purge(self, before: datetime) -> int:
        old = [key for key, tie in self.rows.items() if tie.seen_at < before]
        for key in old:
            del self.rows[key]
        return len(old)


class MemoryRefusals(Refusals):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Refusal] = Rows(undo)

    def add(self, refusal: Refusal) -> None:
        if refusal.refusal_id not in self.rows:
            self.rows[refusal.refusal_id] = refusal

    def override(self, order_no: str, rules: Sequence[str], *, by: str) -> int:
        found = [one for one in self.rows.values() if one.order_no == order_no and one.rule in rules]
        for one in found:
            self.rows[one.refusal_id] = replace(one, overridden_by=by)
        return len(found)

    def counted(self, since: datetime, until: datetime) -> Sequence[RefusalCount]:
        by_rule: dict[str, list[Refusal]] = defaultdict(list)
        for one in self._within(since, until):
            by_rule[one.rule].append(one)
        counts = [
            RefusalCount(
                rule=rule,
                refusals=len(found),
                orders=len({one.order_no for one in found}),
                overridden=sum(one.overridden_by is not None for one in found),
                last_at=max(one.at for one in found),
            )
            for rule, found in by_rule.items()
        ]
        return tuple(sorted(counts, key=lambda count: (-count.refusals, count.rule)))

    def recent(self, since: datetime, until: datetime, *, limit: int = 50) -> Sequence[Refusal]:
        newest = sorted(self._within(since, until), key=lambda one: (one.at, one.refusal_id), reverse=True)
        return tuple(newest[:limit])

    def _within(self, since: datetime, until: datetime) -> list[Refusal]:
        return [one for one in self.rows.values() if since <= one.at < until]


class MemoryDealings(Dealings):
    def __init__(
        self, profiles: MemoryProfiles, orders: MemoryOrders, customers: MemoryCustomers, ledger: MemoryLedger
    ) -> None:
        self._profiles = profiles
        self._orders = orders
        self._customers = customers
        self._ledger = ledger

    def about_orders(self, since: datetime, until: datetime) -> Sequence[Dealing]:
        found = [
            self._dealing(profile, profile.order_no)
            for profile in self._profiles.rows.values()
            if since <= profile.started_at < until and profile.order_no is not None
        ]
        return tuple(sorted(found, key=lambda one: (one.started_at, one.conversation_id)))

    def given(self, since: datetime, until: datetime) -> Sequence[Given]:
        sums: dict[tuple[str, GrantState], list[Grant]] = defaultdict(list)
        for grant in self._ledger.rows.values():
            if since <= grant.created_at < until:
                sums[grant.offer.offer_id, grant.state].append(grant)
        return tuple(
            Given(
                offer_id=offer_id,
                title=max(grant.offer.title for grant in grants),
                state=state,
                grants=len(grants),
                value_fen=sum(grant.offer.value_fen for grant in grants),
                cost_fen=sum(grant.offer.cost_fen for grant in grants),
                reserve_fen=sum(grant.reserve_fen for grant in grants),
            )
            for (offer_id, state), grants in sorted(sums.items(), key=lambda one: (one[0][0], one[0][1].value))
        )

    def _dealing(self, profile: Profile, order_no: str) -> Dealing:
        order = self._orders.find(order_no)
        customer = self._customers.find(profile.customer_id) if profile.customer_id else None
        return Dealing(
            conversation_id=profile.conversation_id,
            started_at=profile.started_at,
            channel=profile.channel,
            intents=profile.intents,
            reasons=profile.reasons,
            offers=profile.offers,
            outcome=profile.outcome,
            tier=customer.tier if customer else None,
            lifetime_orders=customer.lifetime_orders if customer else None,
            province=(order.address.province or None) if order else None,
        )
