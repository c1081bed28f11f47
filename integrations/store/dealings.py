"""Conversations as groups see them, and grants by offer: read for reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from integrations.store.tables import CUSTOMERS, GRANTS, ORDERS, PROFILES
from retention.dealing import Dealing, Given
from retention.kinship_ports import Dealings
from retention.offer import GrantState
from retention.profile import Outcome

_P = PROFILES.c
_ABOUT_ORDERS = (
    select(
        _P.conversation_id,
        _P.started_at,
        _P.channel,
        _P.intents,
        _P.reasons,
        _P.offers,
        _P.outcome,
        CUSTOMERS.c.tier,
        CUSTOMERS.c.lifetime_orders,
        ORDERS.c.address["province"].as_string(),
    )
    .outerjoin_from(PROFILES, CUSTOMERS, CUSTOMERS.c.customer_id == _P.customer_id)
    .outerjoin(ORDERS, ORDERS.c.order_no == _P.order_no)
    .where(_P.started_at >= bindparam("since"), _P.started_at < bindparam("until"), _P.order_no.is_not(None))
    .order_by(_P.started_at, _P.conversation_id)
)
_G = GRANTS.c
_OFFER_ID = _G.offer["offer_id"].as_string()
_GIVEN = (
    select(
        _OFFER_ID.label("offer_id"),
        func.max(_G.offer["title"].as_string()),
        _G.state,
        func.count(),
        func.sum(_G.offer["value_fen"].as_integer()),
        func.sum(_G.offer["cost_fen"].as_integer()),
        func.sum(_G.reserve_fen),
    )
    .where(_G.created_at >= bindparam("since"), _G.created_at < bindparam("until"))
    .group_by("offer_id", _G.state)
    .order_by("offer_id", _G.state)
)


class SqlDealings(Dealings):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about_orders(self, since: datetime, until: datetime) -> Sequence[Dealing]:
        rows = self._connection.execute(_ABOUT_ORDERS, {"since": since, "until": until})
        return tuple(
            Dealing(
                conversation_id=conversation_id,
                started_at=started_at,
                channel=channel,
                intents=tuple(intents),
                reasons=tuple(reasons),
                offers=tuple(offers),
                outcome=Outcome(outcome),
                tier=tier,
                lifetime_orders=lifetime_orders,
                province=province or None,  # erased orders have an empty one
            )
            for conversation_id, started_at, channel, intents, reasons, offers, outcome, tier, lifetime_orders, province in rows
        )

    def given(self, since: datetime, until: datetime) -> Sequence[Given]:
        rows = self._connection.execute(_GIVEN, {"since": since, "until": until})
        return tuple(
            Given(
                offer_id=offer_id,
                title=title,
                state=GrantState(state),
                grants=grants,
                value_fen=int(value_fen),
                cost_fen=int(cost_fen),
                reserve_fen=int(reserve_fen),
            )
            for offer_id, title, state, grants, value_fen, cost_fen, reserve_fen in rows
        )
