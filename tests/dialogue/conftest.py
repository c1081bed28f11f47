"""One trained bot and one Rasa server for all dialogue tests of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.launch import BOT_PYTHON
from tests.dialogue.fake_desk import TOKEN, FakeDesk, serving
from tests.dialogue.rasa_process import Rasa, running, trained


@pytest.fixture(scope="session")
def bot_home(request: pytest.FixtureRequest) -> Path:
    """A home with both models trained."""
    if not BOT_PYTHON.exists():
        pytest.skip(f"{BOT_PYTHON} is missing: `make test` installs it")
    assert request.config.cache is not None
    return trained(request.config.cache.mkdir("tourniquet-bot"))


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
