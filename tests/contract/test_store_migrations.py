"""Migrations make the tables that the code expects, once, whoever starts first."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, MetaData, Table, insert, inspect

from integrations.store.connect import connect
from integrations.store.conversations import CONVERSATION as CONVERSATION_SHAPE
from integrations.store.engine import open_store
from integrations.store.handoffs import HANDOFF as HANDOFF_SHAPE
from integrations.store.ledger import GRANT as GRANT_SHAPE
from integrations.store.messages import MESSAGE as MESSAGE_SHAPE
from integrations.store.migration import alembic_config, migrate
from integrations.store.rows import Shape
from integrations.store.tables import BUDGETS, METADATA
from retention.bookkeeping import queue_difference
from retention.handoff import HandoffState
from retention.offer import GrantState
from tests.contract.samples import CONVERSATION, CORRECTION, GRANT, HANDOFF, HOUR, MESSAGE, NOW, ORDER

START_TOGETHER = """
import sys
from integrations.store.migration import migrate
print("ready", flush=True)
sys.stdin.readline()
migrate(sys.argv[1])
"""


@pytest.fixture
def connection(empty_database: str) -> Iterator[Connection]:
    """To a migrated database."""
    migrate(empty_database)
    engine = connect(empty_database)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def test_migrated_tables_are_the_tables_of_the_code(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, METADATA) == []


def test_migrated_checks_are_the_checks_of_the_code(connection: Connection) -> None:
    checks = {
        table.name: {str(rule.name) for rule in table.constraints if isinstance(rule, CheckConstraint)}
        for table in METADATA.sorted_tables
    }
    inspector = inspect(connection)
    assert checks == {name: {str(rule["name"]) for rule in inspector.get_check_constraints(name)} for name in checks}


def test_migrations_are_one_line_of_history(connection: Connection) -> None:
    assert len(ScriptDirectory.from_config(alembic_config(connection)).get_heads()) == 1


def test_a_database_of_the_first_version_is_brought_up_with_its_rows(empty_database: str) -> None:
    engine = connect(empty_database)
    with engine.begin() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions("base", "heads")
        *_, first = [script.revision for script in scripts]
        command.upgrade(alembic_config(connection), first)
        _write(connection, CONVERSATION_SHAPE, CONVERSATION)
        _write(connection, MESSAGE_SHAPE, replace(MESSAGE, seq=1))
    engine.dispose()
    migrate(empty_database)
    with closing(open_store(empty_database)) as store, store.transaction() as records:
        assert records.corrections.propose(CORRECTION) == CORRECTION
        assert records.messages.find("K1", "M1") == replace(MESSAGE, seq=1)


def _write(connection: Connection, shape: Shape[Any], value: object) -> None:
    """As the version of that time did: without the columns of today."""
    old = Table(shape.table.name, MetaData(), autoload_with=connection)
    row = {name: item for name, item in shape.row(value).items() if name in old.columns}
    connection.execute(insert(shape.table).values(row))


def test_handoffs_of_the_first_version_know_when_they_were_claimed_and_closed(empty_database: str) -> None:
    engine = connect(empty_database)
    with engine.begin() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions("base", "heads")
        *_, first = [script.revision for script in scripts]
        command.upgrade(alembic_config(connection), first)
        for number, state in ((1, HandoffState.CLAIMED), (2, HandoffState.RETURNED)):
            talk = f"K{number}"
            _write(connection, CONVERSATION_SHAPE, replace(CONVERSATION, conversation_id=talk))
            moved = replace(HANDOFF, handoff_id=f"H{number}", conversation_id=talk, state=state, associate="小王")
            _write(connection, HANDOFF_SHAPE, moved)
    engine.dispose()
    migrate(empty_database)
    with closing(open_store(empty_database)) as store, store.transaction() as records:
        claimed, returned = records.handoffs.find("H1"), records.handoffs.find("H2")
    assert claimed is not None
    assert returned is not None
    assert (claimed.claimed_at, claimed.closed_at, claimed.releases) == (HANDOFF.updated_at, None, 0)
    assert (returned.claimed_at, returned.closed_at) == (None, HANDOFF.updated_at)


def test_a_second_migration_keeps_every_row(empty_database: str) -> None:
    migrate(empty_database)
    with closing(open_store(empty_database)) as store:
        with store.transaction() as records:
            records.orders.put(ORDER)
        migrate(empty_database)
        with store.transaction() as records:
            assert records.orders.find(ORDER.order_no) == ORDER


def test_processes_that_start_together_make_the_tables_once(empty_database: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", START_TOGETHER, empty_database],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    errors = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    with closing(open_store(empty_database)) as store:
        store.check()


def test_what_was_issued_before_there_was_an_outbox_is_not_paid_a_second_time(empty_database: str) -> None:
    engine = connect(empty_database)
    issued = replace(GRANT, state=GrantState.ISSUED)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), "0007")
        connection.execute(insert(BUDGETS).values(budget_id="B1", cap_fen=10_000, used_fen=2_000))
        row = GRANT_SHAPE.row(issued) | {"budget_id": "B1", "reserve_fen": 2_000}
        connection.execute(insert(Table("grants", MetaData(), autoload_with=connection)).values(row))
    engine.dispose()
    migrate(empty_database)
    with closing(open_store(empty_database)) as store, store.transaction() as records:
        assert records.fulfilments.due(NOW + 100 * HOUR) == ()
        entry = records.books.entry("G1")
        assert entry is not None
        assert entry.grant == issued
        assert queue_difference(entry, NOW + 100 * HOUR) is None
        records.ledger.move("G1", GrantState.REVERSED, at=NOW)
        assert records.fulfilments.due(NOW + 100 * HOUR) == ()
