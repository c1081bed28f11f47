"""The handoff machine, played: shoppers, associates and clocks in any order and at once, and the laws that must hold.

``tests/unit/test_handoff_machine.py`` plays a few histories, ``benchmarks/handoffs.py`` many.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from benchmarks.handoff_replay import BrokenLawError, broken_law
from benchmarks.handoff_world import BEGIN, NAMES, SAYINGS, SHORT_DAY, SMALL_TALK, STAFF, TALKS, WORDING, rules
from benchmarks.interleaving import Interleaved
from integrations.memory.store import MemoryStore
from integrations.oms import EmbeddedOrderSystem
from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.assignment import seat_of
from retention.attendance import unattended
from retention.conversation import Author, Conversation, Message, Status, Turn
from retention.desk import Desk
from retention.dispatcher import Dispatcher
from retention.errors import IllegalMoveError, NoRoomError, NotAllowedError
from retention.handoff import HandoffState
from retention.handoff_move import Moved
from retention.place import places
from retention.ports import Records, Store
from retention.presence import Presence, PresenceState
from retention.queue import Queue
from retention.reply import Bubble
from retention.staffing import Assignment

FILLED = ("audit", "tasks", "handoffs", "messages", "profiles", "conversations", "presences", "associates")
SCHEDULE = st.lists(st.integers(0, 3), min_size=1, max_size=12)
HOLDER_OR_ANOTHER = st.sampled_from((None, None, None, *NAMES))
"""None is the associate who has it."""
REFUSALS = (IllegalMoveError, NoRoomError, NotAllowedError)


@dataclass
class Tally:
    """What happened over all histories of a run."""

    histories: int = 0
    steps: int = 0
    messages: int = 0
    races: int = 0
    acts: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Recorded:
    """A shopper's message that is kept but not answered yet, and who owned the conversation when it came."""

    talk: str
    message_id: str
    status: Status


class HandoffMachine(RuleBasedStateMachine):
    """Subclasses say which store."""

    tally = Tally()

    def open_store(self) -> Store:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.store = Interleaved(self.open_store())
        self.now = BEGIN
        self.accepted: dict[str, list[tuple[str, str]]] = {talk: [] for talk in TALKS}
        self.reasons: dict[str, set[str]] = {talk: set() for talk in TALKS}
        self.pending: list[Recorded] = []
        self.replies = 0
        type(self).tally.histories += 1

    @initialize(automatic=st.booleans())
    def open_shop(self, automatic: bool) -> None:
        self.staffing = replace(SHORT_DAY, assignment=Assignment.AUTOMATIC if automatic else Assignment.MANUAL)
        self.desk = Desk(
            store=self.store,
            order_system=EmbeddedOrderSystem(),
            rules=rules(self.staffing),
            wording=WORDING,
            clock=self._clock,
        )
        self.queue = Queue(store=self.store, wording=WORDING, clock=self._clock, staffing=self.staffing)
        self.dispatcher = Dispatcher(store=self.store, queue=self.queue, staffing=self.staffing, clock=self._clock)
        with self.store.transaction() as records:
            for one in STAFF:
                records.associates.add(one, password_hash="", at=BEGIN)
            for talk in TALKS:
                records.conversations.put(
                    Conversation(
                        conversation_id=talk, channel="web", status=Status.BOT, created_at=BEGIN, updated_at=BEGIN
                    )
                )

        self.everybody_is_here()
        for talk in TALKS[:2]:
            self.call_person(talk)
        self.queue.claim(self._open(HandoffState.WAITING)[0], "zhou")

    def teardown(self) -> None:
        self.store.close()

    # The shopper

    @rule(talk=st.sampled_from(TALKS), text=st.sampled_from(sorted(SAYINGS)))
    def say(self, talk: str, text: str) -> None:
        """Recorded at once, as the gateway does; answered now or later."""
        message_id = f"m{len(self.accepted[talk])}"
        status = self._record(talk, message_id, text)
        if status is not None:
            self.accepted[talk].append((message_id, text))
            self.pending.append(Recorded(talk, message_id, status))
            type(self).tally.messages += 1

    @rule(talk=st.sampled_from(TALKS))
    def call_person(self, talk: str) -> None:
        """The whole turn at once, as it mostly is."""
        self.say(talk, "转人工")
        if self.pending:
            self._answer(self.pending.pop())

    @precondition(lambda self: any(self.accepted.values()))
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        """A retry of a message that was kept is kept once."""
        talk = data.draw(st.sampled_from([talk for talk in TALKS if self.accepted[talk]]))
        message_id, text = data.draw(st.sampled_from(self.accepted[talk]))
        self._record(talk, message_id, text)

    @precondition(lambda self: self.pending)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """By what was known when the message came: a person may be there since."""
        self._answer(self._taken(data))

    @precondition(lambda self: len(self.pending) > 1)
    @rule(data=st.data(), schedule=SCHEDULE)
    def answer_two_at_once(self, data: st.DataObject, schedule: list[int]) -> None:
        one, other = self._taken(data), self._taken(data)
        self._race([lambda: self._answer(one), lambda: self._answer(other)], schedule)

    @rule(talk=st.sampled_from(TALKS))
    def leave(self, talk: str) -> None:
        self._try(lambda: self.queue.leave(talk))

    # The associates

    @rule()
    def everybody_is_here(self) -> None:
        for name in NAMES:
            self.beat(name, PresenceState.ONLINE)

    @rule(name=st.sampled_from(NAMES), state=st.sampled_from(PresenceState))
    def beat(self, name: str, state: PresenceState) -> None:
        with self.store.transaction() as records:
            records.presences.put(Presence(associate=name, state=state, seen_at=self.now))

    @precondition(lambda self: self._open(HandoffState.WAITING))
    @rule(data=st.data(), names=st.permutations(NAMES), schedule=SCHEDULE)
    def claim(self, data: st.DataObject, names: Sequence[str], schedule: list[int]) -> None:
        """Of several at once exactly one gets it."""
        handoff_id = data.draw(st.sampled_from(self._open(HandoffState.WAITING)))
        won = self._race([partial(self.queue.claim, handoff_id, name) for name in names], schedule)
        assert sum(one is not None for one in won) == 1, "one of those who claim gets it"

    @precondition(lambda self: self._open(HandoffState.CLAIMED))
    @rule(data=st.data(), name=HOLDER_OR_ANOTHER)
    def reply(self, data: st.DataObject, name: str | None) -> None:
        handoff_id, holder = self._held(data)
        self._try(self._replying(handoff_id, name or holder))

    @precondition(lambda self: self._open(HandoffState.CLAIMED))
    @rule(data=st.data(), name=HOLDER_OR_ANOTHER, to=st.sampled_from((*NAMES, None)))
    def transfer(self, data: st.DataObject, name: str | None, to: str | None) -> None:
        handoff_id, holder = self._held(data)
        by = name or holder
        if to is None:
            self._try(lambda: self.queue.put_back(handoff_id, by, skill="logistics", note="请核实"))
            return
        moved = self._try(lambda: self.queue.transfer(handoff_id, by, to=to, note="请核实"))
        if moved is not None:
            self._check_capacity(to)

    @precondition(lambda self: self._open(HandoffState.CLAIMED))
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def take_over(self, data: st.DataObject, name: str) -> None:
        handoff_id, _ = self._held(data)
        self._try(lambda: self.queue.take_over(handoff_id, name))

    @precondition(lambda self: self._open(HandoffState.CLAIMED))
    @rule(data=st.data(), name=HOLDER_OR_ANOTHER, closing=st.sampled_from((False, False, False, True)))
    def end(self, data: st.DataObject, name: str | None, closing: bool) -> None:
        handoff_id, holder = self._held(data)
        act = self.queue.resolve if closing else self.queue.give_back
        self._try(lambda: act(handoff_id, name or holder))

    @precondition(lambda self: self._open(HandoffState.WAITING, HandoffState.CLAIMED))
    @rule(data=st.data(), first=st.sampled_from(NAMES), second=st.sampled_from(NAMES), schedule=SCHEDULE)
    def everybody_at_once(self, data: st.DataObject, first: str, second: str, schedule: list[int]) -> None:
        """Whatever the order turns out to be, the laws hold."""
        handoff_id = data.draw(st.sampled_from(self._open(HandoffState.WAITING, HandoffState.CLAIMED)))
        talk = self._talk_of(handoff_id)
        acts: dict[str, Callable[[], Moved | None]] = {
            "claim": lambda: self.queue.claim(handoff_id, first),
            "takeover": lambda: self.queue.take_over(handoff_id, "chen"),
            "transfer": lambda: self.queue.transfer(handoff_id, first, to=second),
            "release": lambda: self.queue.put_back(handoff_id, first),
            "return": lambda: self.queue.give_back(handoff_id, first),
            "leave": lambda: self.queue.leave(talk),
            "reply": self._replying(handoff_id, second),
            "sweep": self._sweep,
        }
        chosen = data.draw(st.lists(st.sampled_from(sorted(acts)), min_size=2, max_size=4, unique=True))
        self._race([acts[name] for name in chosen], schedule)

    # Time

    @rule(seconds=st.sampled_from((5, 5, 61, 61, 130, 130, 650, 1300, 12 * 3600)))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self._sweep()
        with self.store.transaction() as records:
            open_now = records.handoffs.listed(frozenset({HandoffState.WAITING, HandoffState.CLAIMED}))
            for one in open_now:
                assert unattended(records, self.staffing, one, self.now) is None, "nobody is left with who is gone"
                assert not self.queue.is_overdue(one, self.now), "nobody waits for nobody"

    @rule(schedule=SCHEDULE)
    def sweep_in_two_processes(self, schedule: list[int]) -> None:
        self._race([self._sweep, self._sweep], schedule)

    # The laws

    @invariant()
    def the_laws_hold(self) -> None:
        type(self).tally.steps += 1
        with self.store.transaction() as records:
            for talk in TALKS:
                broken_law(records, talk, self.accepted[talk])
                conversation = records.conversations.find(talk)
                assert conversation is not None
                if not self.reasons[talk] <= set(conversation.memory.reasons):
                    raise BrokenLawError(
                        "forgotten", f"{talk}: {self.reasons[talk]} became {conversation.memory.reasons}"
                    )
            standing = places(records, self.staffing, self.now)
            assert sorted(one.position for one in standing.values()) == list(range(1, len(standing) + 1))

    # The world

    def _clock(self) -> datetime:
        return self.now

    def _record(self, talk: str, message_id: str, text: str) -> Status | None:
        """As the gateway keeps a message before anything else; None when the conversation is closed or it was there."""
        with self.store.transaction() as records:
            conversation = records.conversations.lock(talk)
            assert conversation is not None
            if records.messages.find(talk, message_id) is not None or conversation.status is Status.CLOSED:
                return None
            message = Message(
                conversation_id=talk, message_id=message_id, author=Author.SHOPPER, at=self.now, text=text
            )
            assert records.messages.add(message) is not None
            return conversation.status

    def _taken(self, data: st.DataObject) -> Recorded:
        chosen = data.draw(st.sampled_from(self.pending))
        self.pending.remove(chosen)
        return chosen

    def _answer(self, recorded: Recorded) -> None:
        """Small talk is answered by the dialogue engine, everything else by the desk."""
        text = dict(self.accepted[recorded.talk])[recorded.message_id]
        hearing = SAYINGS[text]
        if recorded.status is not Status.BOT:
            self.desk.hear(recorded.talk, recorded.message_id, hearing)
        elif text == SMALL_TALK:
            self.desk.note(recorded.talk, recorded.message_id, hearing, [Bubble(text="您好，我在的。")])
        else:
            turn = Turn(conversation_id=recorded.talk, message_id=recorded.message_id, text=text, hearing=hearing)
            if self.desk.handle(turn).bubbles:
                self.reasons[recorded.talk] |= {reason.value for reason in hearing.reasons}

    def _replying(self, handoff_id: str, name: str) -> Callable[[], None]:
        self.replies += 1
        message_id = f"a{self.replies}"

        def reply() -> None:
            self.queue.reply(handoff_id, name, message_id, "您好，我来处理")
            self.queue.reply(handoff_id, name, message_id, "您好，我来处理")

        return reply

    def _sweep(self) -> None:
        for moved in self.dispatcher.sweep():
            type(self).tally.acts[moved.act] += 1
            if moved.act == "assigned":
                assert moved.handoff.associate is not None
                self._check_capacity(moved.handoff.associate)

    def _check_capacity(self, name: str) -> None:
        """Who was given conversations has never more than fit; those they took themselves are their own affair."""
        with self.store.transaction() as records:
            seat = seat_of(records, self.staffing, name, self.now)
            given = [one for one in records.handoffs.held_by(name) if one.held_for == name]
        if len(given) > seat.associate.capacity:
            raise BrokenLawError("over_capacity", f"{name} was given {len(given)}")

    def _open(self, *states: HandoffState) -> list[str]:
        with self.store.transaction() as records:
            return [one.handoff_id for one in records.handoffs.listed(frozenset(states))]

    def _held(self, data: st.DataObject) -> tuple[str, str]:
        """A claimed handoff and who has it."""
        with self.store.transaction() as records:
            held = records.handoffs.listed(frozenset({HandoffState.CLAIMED}))
        chosen = data.draw(st.sampled_from(held))
        assert chosen.associate is not None
        return chosen.handoff_id, chosen.associate

    def _talk_of(self, handoff_id: str) -> str:
        with self.store.transaction() as records:
            return _talk(records, handoff_id)

    def _try(self, act: Callable[[], Moved | None]) -> Moved | None:
        """A refusal is ordinary; anything else is not."""
        try:
            moved = act()
        except REFUSALS:
            return None
        if moved is not None:
            type(self).tally.acts[moved.act] += 1
        return moved

    def _race(self, acts: Sequence[Callable[[], Moved | None]], schedule: Sequence[int]) -> list[Moved | None]:
        type(self).tally.races += len(acts) > 1
        return self.store.race([partial(self._try, act) for act in acts], schedule)


class InMemory(HandoffMachine):
    def open_store(self) -> Store:
        return MemoryStore()


@contextmanager
def in_sqlite() -> Iterator[type[HandoffMachine]]:
    """All histories in one file, which is emptied before each: opening a store costs more than a history."""
    with TemporaryDirectory(prefix="handoffs-") as folder:
        file = Path(folder) / "store.db"
        migrate(f"sqlite:///{file}")
        with closing(open_store(f"sqlite:///{file}")) as store, closing(sqlite3.connect(file)) as connection:

            class InSqlite(HandoffMachine):
                def open_store(self) -> Store:
                    connection.executescript("".join(f"DELETE FROM {table};" for table in FILLED))
                    return store

            yield InSqlite


def _talk(records: Records, handoff_id: str) -> str:
    handoff = records.handoffs.find(handoff_id)
    assert handoff is not None
    return handoff.conversation_id
