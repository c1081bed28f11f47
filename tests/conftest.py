"""One whole stack for every test that talks to the product as its users do; one private PostgreSQL for a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from bot.launch import BOT_PYTHON
from service.sandbox import Sandbox, running, trained_home
from tests import postgres
from tests.shopper import Shopper

# Nothing is timed: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Service, Rasa, trained models, the demo shop, SQLite: as ``make run`` starts them."""
    if not BOT_PYTHON.exists():
        pytest.skip(f"{BOT_PYTHON} is missing: `make test` installs it")
    with running(TOURNIQUET_DEMO="1", TOURNIQUET_WIDGET_ORIGINS="http://shop.localhost") as stack:
        yield stack


@pytest.fixture(scope="session")
def language_folder() -> Path:
    """The language model as the first start trains it."""
    return trained_home("language") / "models" / "language"


@pytest.fixture
def meet() -> Iterator[Callable[..., Shopper]]:
    """``meet(stack, **order in plain words)``: a shopper with that order, in a conversation."""
    met: list[Shopper] = []

    def one(stack: Sandbox, **plain: Any) -> Shopper:
        met.append(Shopper(stack, **plain))
        return met[-1]

    yield one
    for shopper in met:
        shopper.close()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    binaries = postgres.find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not tried: this machine has no initdb, pg_ctl and postgres")
    with postgres.running(binaries) as url:
        yield url
