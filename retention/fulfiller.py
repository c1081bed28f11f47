"""Carries out what is queued for the order system. A crash anywhere leaves something that is due again, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from retention.errors import IllegalMoveError, RemedyRefusedError, RemedyUncertainError
from retention.fulfilment import Act, Fulfilment, FulfilmentState, Remedy, Standing, done, missed, refused
from retention.granting import note
from retention.money_ports import Remedies
from retention.offer import Grant, GrantState
from retention.ports import Clock, Records, Store

LEASE = timedelta(seconds=2)
"""When the process that asks dies, the order system is asked again after this. Shorter than an attempt is no harm: the same
fulfilment acts once over there."""
ACTOR = "system"
STANDS = {Act.GRANT: Standing.GIVEN, Act.REVERSE: Standing.TAKEN_BACK}
ACTS = {Act.GRANT: "grant_fulfilled", Act.REVERSE: "grant_taken_back"}


class Fulfiller:
    """Any number of processes and threads may work at once. ``chance`` returns 0..1 and spreads the waits."""

    def __init__(self, *, store: Store, remedies: Remedies, clock: Clock, chance: Callable[[], float]) -> None:
        self._store = store
        self._remedies = remedies
        self._clock = clock
        self._chance = chance

    def due(self, *, limit: int = 50) -> Sequence[Fulfilment]:
        with self._store.transaction() as records:
            return records.fulfilments.due(self._clock(), limit=limit)

    def attempt(self, due: Fulfilment) -> Fulfilment | None:
        """Ask the order system once; how it ended, or None when somebody else was first or it no longer matters."""
        begun = self._claim(due)
        if begun is None:
            return None
        fulfilment, grant = begun
        try:
            remedy = self._ask(fulfilment, grant)
        except RemedyRefusedError as refusal:
            after = refused(fulfilment, refusal.problem, at=self._clock())
        except RemedyUncertainError as doubt:
            after = missed(fulfilment, doubt.problem, at=self._clock(), chance=self._chance())
        else:
            after = done(fulfilment, remedy.reference, at=self._clock())
        return after if self._settled(after, grant) else None

    def _claim(self, due: Fulfilment) -> tuple[Fulfilment, Grant] | None:
        now = self._clock()
        with self._store.transaction() as records:
            begun = records.fulfilments.claim(due.fulfilment_id, now=now, until=now + LEASE)
            grant = records.ledger.find(due.grant_id)
        return None if begun is None or grant is None else (begun, grant)

    def _ask(self, fulfilment: Fulfilment, grant: Grant) -> Remedy:
        ask = self._remedies.fulfil if fulfilment.act is Act.GRANT else self._remedies.undo
        remedy = ask(fulfilment.fulfilment_id, grant, now=self._clock())
        if remedy.standing is not STANDS[fulfilment.act]:
            raise RemedyRefusedError(grant.grant_id, f"the order system says it is {remedy.standing.value}")
        return remedy

    def _settled(self, after: Fulfilment, grant: Grant) -> bool:
        """The grant before the fulfilment, as everywhere, so that nobody waits in a circle."""
        at = self._clock()
        with self._store.transaction() as records:
            if after.state is FulfilmentState.DONE and after.act is Act.GRANT:
                try:
                    records.ledger.move(grant.grant_id, GrantState.FULFILLED, at=at)
                except IllegalMoveError:  # reversed while the order system was asked: that it is taken back is queued
                    return False
            settled = records.fulfilments.settle(after)
            if settled:
                self._note(records, after, grant)
        return settled

    def _note(self, records: Records, after: Fulfilment, grant: Grant) -> None:
        if after.state is FulfilmentState.DONE:
            note(records, grant, ACTS[after.act], at=after.next_at, actor=ACTOR)
        elif after.state is FulfilmentState.DEAD:
            act = f"{after.act.value}_not_fulfilled"
            note(records, grant, act, at=after.next_at, actor=ACTOR, why=after.error)
