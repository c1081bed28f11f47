"""The queue of what is due to be looked at, and what came of stepping in early."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from integrations.memory.rows import Rows, Undo
from retention.outreach import Outreach, OutreachState
from retention.outreach_ports import Outreaches, Rescorings
from retention.rescoring import Debounce, Rescoring, Subject


class MemoryRescorings(Rescorings):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[tuple[Subject, str], Rescoring] = Rows(undo)

    def mark(self, kind: Subject, subjects: Collection[str], *, at: datetime, debounce: Debounce) -> None:
        for subject in sorted(set(subjects)):
            found, quiet_at = self.find(kind, subject), at + debounce.quiet
            if found is None or found.marks == 0:
                fresh = found or Rescoring(kind=kind, subject=subject, due_at=at, latest_at=at, marks=0)
                self.rows[kind, subject] = replace(fresh, due_at=quiet_at, latest_at=at + debounce.most, marks=1)
            else:
                due_at = min(quiet_at, found.latest_at)
                self.rows[kind, subject] = replace(found, due_at=due_at, marks=found.marks + 1)

    def claim(self, now: datetime, *, until: datetime, limit: int = 200) -> Sequence[Rescoring]:
        due = [
            one
            for one in self.rows.values()
            if one.due_at <= now and (one.leased_until is None or one.leased_until <= now)
        ]
        due.sort(key=lambda one: (one.due_at, one.kind.value, one.subject))
        claimed = tuple(replace(one, leased_until=until) for one in due[:limit])
        for one in claimed:
            self.rows[one.kind, one.subject] = one
        return claimed

    def advance(self, claimed: Rescoring, cursor: str) -> None:
        found = self.find(claimed.kind, claimed.subject)
        if found is not None:
            self.rows[claimed.kind, claimed.subject] = replace(found, cursor=cursor, leased_until=None)

    def settle(self, claimed: Rescoring, *, now: datetime, debounce: Debounce, again_at: datetime | None) -> None:
        key, found = (claimed.kind, claimed.subject), self.find(claimed.kind, claimed.subject)
        if found is None:
            return
        free = replace(found, cursor="", leased_until=None)
        if found.marks != claimed.marks:
            self.rows[key] = replace(free, latest_at=now + debounce.most)
        elif again_at is not None:
            self.rows[key] = replace(free, due_at=again_at, latest_at=again_at, marks=0)
        else:
            del self.rows[key]

    def find(self, kind: Subject, subject: str) -> Rescoring | None:
        return self.rows.get((kind, subject))


class MemoryOutreaches(Outreaches):
    def __init__(self, undo: Undo) -> None:
        self.rows: Rows[str, Outreach] = Rows(undo)

    def open(self, outreach: Outreach) -> bool:
        if any(one.episode == outreach.episode for one in self.of_order(outreach.order_no)):
            return False
        self.rows[outreach.outreach_id] = outreach
        return True

    def find(self, outreach_id: str) -> Outreach | None:
        return self.rows.get(outreach_id)

    def lock(self, outreach_id: str) -> Outreach | None:
        """The transaction already is the only one."""
        return self.find(outreach_id)

    def put(self, outreach: Outreach) -> None:
        self.rows[outreach.outreach_id] = outreach

    def answer(self, outreach_id: str, *, at: datetime) -> bool:
        found = self.find(outreach_id)
        if found is None or found.state is not OutreachState.SENT:
            return False
        self.rows[outreach_id] = replace(found, state=OutreachState.ANSWERED, answered_at=at)
        return True

    def of_order(self, order_no: str) -> Sequence[Outreach]:
        found = [one for one in self.rows.values() if one.order_no == order_no]
        return tuple(sorted(found, key=lambda one: one.episode))

    def of_customer(self, customer_id: str, *, since: datetime) -> Sequence[Outreach]:
        return _in_order(one for one in self.rows.values() if one.customer_id == customer_id and one.opened_at >= since)

    def due(self, now: datetime, *, limit: int = 50) -> Sequence[Outreach]:
        found = [one for one in self.rows.values() if one.state is OutreachState.WAITING and one.next_at <= now]
        return tuple(sorted(found, key=lambda one: (one.next_at, one.outreach_id))[:limit])

    def since(
        self, at: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 1000
    ) -> Sequence[Outreach]:
        found = _in_order(one for one in self.rows.values() if one.opened_at >= at)
        return tuple(one for one in found if after is None or (one.opened_at, one.outreach_id) > after)[:limit]


def _in_order(outreaches: Iterable[Outreach]) -> Sequence[Outreach]:
    return tuple(sorted(outreaches, key=lambda one: (one.opened_at, one.outreach_id)))
