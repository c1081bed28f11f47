"""The shop's interception rows as their file last was right."""

from __future__ import annotations

from pathlib import Path

from integrations.live_file import LiveFile, tell_loaded
from policies.interception import Interception, read_interception
from policies.interception_difference import differences
from policies.rows import PolicyError
from policies.trajectory import Trajectory
from retention.case import Case
from retention.course import Step
from retention.ports import Clock, Records, Store
from retention.risk import Choice, Score


class LiveInterception(LiveFile):
    """The last right rows. Every choice is made by one table and names its version."""

    title = "拦截规则"
    complaint = PolicyError

    def __init__(
        self, file: Path, table: Interception, *, trajectory: Trajectory | None, store: Store, clock: Clock
    ) -> None:
        """``trajectory`` judges a course by whatever rows are in force. Raises StoreBusyError."""
        super().__init__(file)
        self._trajectory = trajectory
        self._store = store
        self._clock = clock
        self.table = table.with_trajectory(trajectory)
        with store.transaction() as records:
            self._tell(records, None, table)

    def _use(self, content: bytes) -> bool:
        table = read_interception(content, file=self._file.name).with_trajectory(self._trajectory)
        if table.version == self.table.version:
            return False
        with self._store.transaction() as records:
            self._tell(records, self.table, table)
        self.table = table
        return True

    @property
    def version(self) -> str:
        return self.table.version

    def choose(self, case: Case, score: Score) -> Choice:
        return self.table.choose(case, score)

    def wants_person(self, course: tuple[Step, ...]) -> str | None:
        return self.table.wants_person(course)

    def offer_rounds(self) -> int:
        return self.table.offer_rounds

    def escalates_at(self) -> float:
        """The probability from which a message calls a person."""
        return self.table.person.escalate

    def _tell(self, records: Records, old: Interception | None, new: Interception) -> None:
        tell_loaded(
            records,
            "interception",
            old=old.version if old else None,
            new=new.version,
            changes=differences(old, new) if old else (),
            clock=self._clock,
        )
