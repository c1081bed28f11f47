"""From a proposal to money owed: one way for the bot, an associate and a CRM alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from retention.audit import AuditEntry
from retention.change import ChangeKind, OrderChange
from retention.errors import ChangeRefusedError, IllegalMoveError, NotFoundError
from retention.offer import Grant, GrantState
from retention.ports import OrderSystem, Records
from retention.telling import tell_issued


def issue(records: Records, order_system: OrderSystem, grant: Grant, *, at: datetime, actor: str) -> tuple[Grant, bool]:
    """Issue a grant and have the order system act on it, once; the grant as it is now and whether this call issued it.

    Raises IllegalMoveError for a grant that is neither proposed nor given, NotFoundError.
    """
    try:
        grant, moved = records.ledger.move(grant.grant_id, GrantState.ISSUED, at=at)
    except IllegalMoveError:
        now = find(records, grant.grant_id)
        if now.state is not GrantState.FULFILLED:
            raise
        return now, False
    if moved:
        note(records, grant, "grant_issued", at=at, actor=actor)
        tell_issued(records, grant, at=at, actor=actor)
        _fulfil(records, order_system, grant, at=at, actor=actor)
    return grant, moved


def reverse(records: Records, grant_id: str, *, at: datetime, actor: str, why: str) -> tuple[Grant, bool]:
    """Take back what was given; the grant as it is now and whether this call reversed it.

    Raises IllegalMoveError for a grant that was never given, NotFoundError.
    """
    grant, moved = records.ledger.move(grant_id, GrantState.REVERSED, at=at)
    if moved:
        note(records, grant, "grant_reversed", at=at, actor=actor, why=why)
    return grant, moved


def find(records: Records, grant_id: str) -> Grant:
    """Raises NotFoundError."""
    grant = records.ledger.find(grant_id)
    if grant is None:
        raise NotFoundError("grant", grant_id)
    return grant


def note(records: Records, grant: Grant, act: str, *, at: datetime, actor: str, why: str | None = None) -> None:
    """One audit entry about a grant; ``why`` is the offer's own unless said."""
    records.audit.add(
        AuditEntry(
            at=at,
            actor=actor,
            act=act,
            subject=f"grant:{grant.grant_id}",
            why=grant.offer.why if why is None else why,
            versions={
                "model": grant.model_version,
                "rules": grant.rule_version,
                "catalog": grant.offer.catalog_version,
            },
            data={"order_no": grant.order_no, "offer": grant.offer.offer_id, "reserve_fen": grant.reserve_fen},
        )
    )


def _fulfil(records: Records, order_system: OrderSystem, grant: Grant, *, at: datetime, actor: str) -> None:
    """Ask the order system for the part of the terms that changes the order; the rest is queued with the move."""
    for kind, details in _changes(records, grant):
        change = OrderChange(
            change_id=f"{grant.grant_id}:{kind.value}",
            order_no=grant.order_no,
            kind=kind,
            change=details,
            at=at,
            actor=actor,
            conversation_id=grant.conversation_id,
        )
        # The parcel may have arrived since the offer was made: then there is nothing left to hurry, and the money stands.
        try:
            order_system.perform(records, change)
        except ChangeRefusedError as refused:
            note(records, grant, f"{kind.value}_refused", at=at, actor=actor, why=str(refused))


def _changes(records: Records, grant: Grant) -> Iterator[tuple[ChangeKind, Mapping[str, str]]]:
    terms = grant.offer.terms
    if terms.get("expedite"):
        yield ChangeKind.EXPEDITE, {"upgrade_carrier": "yes" if terms.get("upgrade_carrier") else "no"}
    order = records.orders.find(grant.order_no) if terms.get("exchange") else None
    if order is not None:
        # The same again, as goods that are broken are replaced.
        yield (
            ChangeKind.EXCHANGE,
            {"sku": order.lines[0].sku, "variant": order.variant_of(order.lines[0].sku) or "同款"},
        )
