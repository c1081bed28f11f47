"""Alembic's entry. It works on the connection that ``integrations.store.migration`` hands it, inside its transaction."""

from __future__ import annotations

from alembic import context

from integrations.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
