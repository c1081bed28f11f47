"""The audit of the ledger, and its repair; both may run while the shop works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from retention.audit import AuditEntry
from retention.bookkeeping import (
    Difference,
    Mend,
    budget_difference,
    queue_difference,
    remedy_difference,
    unknown_remedy,
)
from retention.errors import RemedyUncertainError
from retention.fulfilment import Act, Remedy, Standing, fulfilment_id, fulfilment_of
from retention.granting import note
from retention.money_ports import Entry, Remedies
from retention.offer import GIVEN, Grant, GrantState
from retention.ports import Clock, Records, Store

ACTOR = "cli"
STATES = {
    Mend.GIVE: GIVEN,
    Mend.TAKE_BACK: frozenset({GrantState.REVERSED}),
    Mend.MARK: frozenset({GrantState.ISSUED}),
}
BEGINNING = datetime(2000, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Report:
    """``unasked`` says why the order system could not be compared."""

    grants: int
    budgets: int
    remedies: int
    differences: tuple[Difference, ...]
    unasked: str = ""

    @property
    def is_right(self) -> bool:
        return not self.differences and not self.unasked


class Auditor:
    def __init__(self, *, store: Store, remedies: Remedies, clock: Clock) -> None:
        self._store = store
        self._remedies = remedies
        self._clock = clock

    def audit(self) -> Report:
        """Every difference that is still there when it is looked at a second time: grants move while they are counted."""
        known, unasked = self._known()
        with self._store.transaction() as records:
            balances = records.books.balances()
        differences = [one for one in map(budget_difference, balances) if one]
        strangers = dict(known or {})
        grants = 0
        for entry in self._entries():
            grants += 1
            remedy = strangers.pop(entry.grant.grant_id, None)
            if self._difference(entry, remedy, asked=known is not None) is not None:
                differences += self._still(entry.grant.grant_id, asked=known is not None)
        for remedy in strangers.values():
            differences += self._still_unknown(remedy)
        return Report(
            grants=grants,
            budgets=len(balances),
            remedies=len(known or ()),
            differences=tuple(differences),
            unasked=unasked,
        )

    def repair(self, difference: Difference) -> bool:
        """Do what mends it, with an entry in the audit log; False when only a person can, or nothing is to mend any more."""
        if difference.mend is Mend.PERSON:
            return False
        with self._store.transaction() as records:
            if difference.mend is Mend.RECOMPUTE:
                self._recompute(records, difference)
                return True
            return self._requeue(records, difference)

    def _known(self) -> tuple[dict[str, Remedy] | None, str]:
        try:
            return {remedy.grant_id: remedy for remedy in self._remedies.all(BEGINNING)}, ""
        except RemedyUncertainError as doubt:
            return None, doubt.problem

    def _entries(self) -> Iterator[Entry]:
        after = ""
        while True:
            with self._store.transaction() as records:
                page = records.books.entries(after=after)
            if not page:
                return
            yield from page
            after = page[-1].grant.grant_id

    def _difference(self, entry: Entry, remedy: Remedy | None, *, asked: bool) -> Difference | None:
        return queue_difference(entry, self._clock()) or (remedy_difference(entry, remedy) if asked else None)

    def _still(self, grant_id: str, *, asked: bool) -> list[Difference]:
        try:
            remedy = self._remedies.find(grant_id) if asked else None
        except RemedyUncertainError:
            remedy, asked = None, False
        with self._store.transaction() as records:
            entry = records.books.entry(grant_id)
        found = self._difference(entry, remedy, asked=asked) if entry else None
        return [found] if found else []

    def _still_unknown(self, remedy: Remedy) -> list[Difference]:
        with self._store.transaction() as records:
            entry = records.books.entry(remedy.grant_id)
        is_known = entry is not None or remedy.standing is Standing.TAKEN_BACK
        return [] if is_known else [unknown_remedy(remedy)]

    def _recompute(self, records: Records, difference: Difference) -> None:
        before = records.books.correct(difference.subject_id)
        records.audit.add(
            AuditEntry(
                at=self._clock(),
                actor=ACTOR,
                act="ledger_repaired",
                subject=difference.subject,
                why=difference.what,
                data={"reserved_fen": before.proposed_fen, "used_fen": before.given_fen},
            )
        )

    def _requeue(self, records: Records, difference: Difference) -> bool:
        """On a grant nobody moves meanwhile, and only if it still is where it was when the difference was found."""
        now, grant_id = self._clock(), difference.subject_id
        entry = records.books.lock(grant_id)
        if entry is None or entry.grant.state not in STATES[difference.mend]:
            return False
        if difference.mend is Mend.MARK:
            records.ledger.move(grant_id, GrantState.FULFILLED, at=now)
        elif difference.mend is Mend.GIVE:
            _queue(records, entry.grant, Act.GRANT, now)
        else:
            records.fulfilments.stop(fulfilment_id(grant_id, Act.GRANT), at=now)
            _queue(records, entry.grant, Act.REVERSE, now)
        note(records, entry.grant, "ledger_repaired", at=now, actor=ACTOR, why=difference.what)
        return True


def _queue(records: Records, grant: Grant, act: Act, at: datetime) -> None:
    if not records.fulfilments.requeue(fulfilment_id(grant.grant_id, act), at=at):
        records.fulfilments.add(fulfilment_of(grant, act, at=at))
