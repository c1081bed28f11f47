"""One trained bot and one Rasa server for all dialogue tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from bot.launch import BOT_PYTHON
from service.sandbox import Sandbox, trained_home
from service.sandbox import running as running_stack
from tests.dialogue.fake_desk import TOKEN, FakeDesk, serving
from tests.dialogue.rasa_process import Rasa, running


@pytest.fixture(scope="session")
def bot_home() -> Path:
    """A home with both models trained."""
    if not BOT_PYTHON.exists():
        pytest.skip(f"{BOT_PYTHON} is missing: `make test` installs it")
    return trained_home()


@pytest.fixture(scope="session")
def _shared_desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture(scope="session")
def rasa(bot_home: Path, _shared_desk: FakeDesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rasa]:
    """The server, over a desk that only notes what it is asked."""
    log = tmp_path_factory.mktemp("rasa") / "rasa.log"
    with (
        serving(_shared_desk) as action_url,
        running(bot_home, action_url=action_url, action_token=TOKEN, log=log) as server,
    ):
        yield server


@pytest.fixture
def desk(_shared_desk: FakeDesk) -> Iterator[FakeDesk]:
    _shared_desk.reset()
    yield _shared_desk
    _shared_desk.reset()


@pytest.fixture(scope="session")
def postgresql_sandbox(postgresql_server: str) -> Iterator[Sandbox]:
    """The same stack on PostgreSQL."""
    with closing(psycopg.connect(postgresql_server, autocommit=True)) as connection:
        connection.execute("CREATE DATABASE stack")
    with running_stack(TOURNIQUET_DATABASE_URL=postgresql_server.replace("/postgres?", "/stack?")) as stack:
        yield stack
