"""A transaction is all or nothing, and a store that cannot serve says so in one way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from integrations.memory.store import MemoryStore
from integrations.store.connect import connect
from integrations.store.engine import open_store
from retention.correction import CorrectionState
from retention.errors import NotFoundError, StoreBusyError
from retention.offer import GrantState
from retention.order import Order
from retention.ports import Store
from tests.contract.conftest import Backend
from tests.contract.samples import (
    ASSOCIATE,
    CONVERSATION,
    CORRECTION,
    CUSTOMER,
    ENTRY,
    EVENT,
    GRANT,
    HANDOFF,
    LINK,
    MESSAGE,
    NOTICE,
    NOW,
    ORDER,
    PRESENCE,
    PROFILE,
    SUBSCRIPTION,
    TASK,
    race,
)


def write_everywhere(store: Store) -> None:
    """Then ask for what is not there."""
    with store.transaction() as records:
        records.orders.put(replace(ORDER, paid_fen=1))
        records.customers.put(replace(CUSTOMER, name=""))
        records.events.add([EVENT])
        records.conversations.put(replace(CONVERSATION, channel="wechat"))
        records.messages.add(MESSAGE)
        records.ledger.set_budget("B1", 5_000)
        records.ledger.propose(GRANT)
        records.ledger.move("G1", GrantState.ISSUED, at=NOW)
        records.handoffs.change(records.handoffs.open(HANDOFF), HANDOFF.claimed("小王", at=NOW))
        records.associates.add(ASSOCIATE, password_hash="h", at=NOW)
        records.presences.put(PRESENCE)
        records.tasks.change(records.tasks.add(TASK), TASK.taken("小王"))
        records.corrections.propose(CORRECTION)
        records.corrections.review("R1", CorrectionState.ACCEPTED, at=NOW, reviewer="小王")
        records.profiles.put(PROFILE)
        records.audit.add(ENTRY)
        records.idempotency.add("crm", "k", fingerprint="f", status=200, body="", at=NOW)
        records.api_keys.put("d", "CRM", frozenset())
        records.subscriptions.put(SUBSCRIPTION)
        records.dispatches.queue(NOTICE)
        records.links.add(LINK)
        records.erase_customer("C1", at=NOW)
        records.ledger.move("G404", GrantState.ISSUED, at=NOW)


def test_a_transaction_that_raises_leaves_no_trace(backend: Backend) -> None:
    with backend.store.transaction() as records:
        records.orders.put(ORDER)
        records.customers.put(CUSTOMER)
        records.conversations.put(CONVERSATION)
        records.ledger.set_budget("B1", 10_000)
        records.ledger.propose(GRANT)
    before = backend.dump()
    with pytest.raises(NotFoundError, match="G404"):
        write_everywhere(backend.store)
    assert backend.dump() == before


def test_after_a_failed_transaction_the_store_goes_on(store: Store) -> None:
    with pytest.raises(NotFoundError, match="G404"):
        write_everywhere(store)
    with store.transaction() as records:
        records.orders.put(replace(ORDER, paid_fen=7))
    with store.transaction() as records:
        found = records.orders.find(ORDER.order_no)
    assert found is not None
    assert found.paid_fen == 7


def test_who_locks_a_conversation_loses_nobody_elses_work(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)

    def add_round() -> None:
        with store.transaction() as records:
            locked = records.conversations.lock("K1")
            assert locked is not None
            more = replace(locked.memory, rounds=locked.memory.rounds + 1)
            records.conversations.put(replace(locked, memory=more))

    race([add_round] * 60)
    with store.transaction() as records:
        found = records.conversations.find("K1")
    assert found is not None
    assert found.memory.rounds == CONVERSATION.memory.rounds + 60


@pytest.mark.parametrize("kind", ["sqlite", "memory"])
def test_a_transaction_inside_a_transaction_is_refused_and_not_waited_for_forever(kind: str, tmp_path: Path) -> None:
    store: Store = MemoryStore(busy_seconds=0.01)
    if kind == "sqlite":
        store = open_store(f"sqlite:///{tmp_path / 'x.db'}", busy_seconds=0.01)
    with closing(store), store.transaction(), pytest.raises(StoreBusyError), store.transaction():
        pass


def test_a_locked_sqlite_file_raises_busy_and_serves_again_when_it_is_free(sqlite_backend: Backend) -> None:
    impatient = open_store(sqlite_backend.url, busy_seconds=0.01)
    with closing(impatient), closing(sqlite3.connect(sqlite_backend.url.removeprefix("sqlite:///"))) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError), impatient.transaction() as records:
            records.orders.put(ORDER)
        with pytest.raises(StoreBusyError):
            impatient.check()
        other.execute("ROLLBACK")
        impatient.check()
        with impatient.transaction() as records:
            assert records.orders.find(ORDER.order_no) is None
            records.orders.put(ORDER)
    sqlite_backend.store.close()


def test_a_conversation_locked_in_postgresql_raises_busy(postgresql_backend: Backend) -> None:
    with postgresql_backend.store.transaction() as records:
        records.conversations.put(CONVERSATION)
    impatient = open_store(postgresql_backend.url, busy_seconds=0.05)
    with closing(postgresql_backend.store), closing(impatient), postgresql_backend.store.transaction() as holding:
        holding.conversations.lock("K1")
        with pytest.raises(StoreBusyError), impatient.transaction() as records:
            records.conversations.lock("K1")


def test_a_postgresql_that_is_away_raises_busy(tmp_path: Path) -> None:
    away = open_store(f"postgresql://nobody@/none?host={tmp_path}")
    with closing(away):
        with pytest.raises(StoreBusyError):
            away.check()
        with pytest.raises(StoreBusyError), away.transaction() as records:
            records.orders.find(ORDER.order_no)


@pytest.fixture
def served_by_postgresql(postgresql_backend: Backend) -> Iterator[Store]:
    with postgresql_backend.store.transaction() as records:
        records.orders.put(ORDER)
    with closing(postgresql_backend.store):
        yield postgresql_backend.store


def test_an_order_that_another_transaction_wrote_meanwhile_is_not_overwritten(served_by_postgresql: Store) -> None:
    cancelled = replace(ORDER, paid_fen=0)

    def put_back_what_was_found_before_it() -> None:
        with served_by_postgresql.transaction() as late:
            found = _find(late.orders.find(ORDER.order_no))
            with served_by_postgresql.transaction() as quick:
                quick.orders.put(cancelled)
            late.orders.find(ORDER.order_no)  # a second look does not make the first one fresh
            late.orders.put(replace(found, promotion_id=None))

    with pytest.raises(StoreBusyError):
        put_back_what_was_found_before_it()
    with served_by_postgresql.transaction() as records:
        assert records.orders.find(ORDER.order_no) == cancelled


def test_a_store_that_can_serve_says_nothing(store: Store) -> None:
    store.check()


def test_a_database_without_tables_cannot_serve(empty_database: str) -> None:
    with closing(open_store(empty_database)) as store, pytest.raises(StoreBusyError):
        store.check()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mysql://root@localhost/shop", "use sqlite:///FILE or postgresql://"),
        ("postgresql+psycopg2://shop@localhost/shop", "use sqlite:///FILE or postgresql://"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:///:memory:", "names no SQLite file"),
        ("var/tourniquet.db", "cannot be read"),
    ],
)
def test_a_url_of_something_else_is_refused_with_what_to_write_instead(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        open_store(url)


def test_the_spellings_of_a_postgresql_url_mean_the_same() -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        assert connect(f"{scheme}://shop@db/shop").url.drivername == "postgresql+psycopg"


def test_only_its_owner_may_read_the_sqlite_file(tmp_path: Path) -> None:
    file = tmp_path / "var" / "shop.db"
    with closing(open_store(f"sqlite:///{file}")):
        assert file.stat().st_mode & 0o077 == 0


def _find(order: Order | None) -> Order:
    assert order is not None
    return order
