"""Who first answered a handoff is told of those answered before it was written down, where it can be."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from alembic import command

from integrations.store.connect import connect
from integrations.store.conversations import CONVERSATION as CONVERSATION_SHAPE
from integrations.store.engine import open_store
from integrations.store.handoffs import HANDOFF as HANDOFF_SHAPE
from integrations.store.migration import alembic_config, migrate
from retention.handoff import HandoffState
from tests.contract.samples import CONVERSATION, HANDOFF
from tests.contract.test_store_migrations import _write

BEFORE = "0007"


def test_who_had_a_handoff_when_it_was_first_answered_answered_it(empty_database: str) -> None:
    claimed_at = HANDOFF.updated_at
    engine = connect(empty_database)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        for number, reply_s in ((1, 5), (2, -5)):  # the second was answered before its present associate had it
            talk = f"K{number}"
            _write(connection, CONVERSATION_SHAPE, replace(CONVERSATION, conversation_id=talk))
            held = replace(
                HANDOFF,
                handoff_id=f"H{number}",
                conversation_id=talk,
                state=HandoffState.CLAIMED,
                associate="小王",
                claimed_at=claimed_at,
                first_reply_at=claimed_at + timedelta(seconds=reply_s),
            )
            _write(connection, HANDOFF_SHAPE, held)
    engine.dispose()
    migrate(empty_database)
    with closing(open_store(empty_database)) as store, store.transaction() as records:
        answered, passed_on = records.handoffs.find("H1"), records.handoffs.find("H2")
    assert answered is not None
    assert passed_on is not None
    assert (answered.first_reply_by, answered.first_reply_since) == ("小王", claimed_at)
    assert (passed_on.first_reply_by, passed_on.first_reply_since) == (None, None)
