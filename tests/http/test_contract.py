"""The API attacked from its own contract: requests it allows, and many it does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from retention.associate import Role
from service.console import COOKIE
from tests.http.world import API_KEY, in_a_file, opened

EXAMPLES = 20
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class Served(Thread):
    """The application on a port, in an event loop of its own. ``address`` and ``headers`` are there once it is up."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self._home = home
        self.up = Event()
        self.address = ""
        self.chat = ""
        self.console = ""

    def headers(self, path: str) -> dict[str, str]:
        """A caller nobody turns away at the door, and who does not close it behind them by logging out."""
        token = self.chat if path.startswith("/v1/chat") else f"Bearer {API_KEY}"
        cookie = "" if path.endswith("/logout") else f"{COOKIE}={self.console}"
        return {"X-Requested-With": "tourniquet", "Authorization": token, "Cookie": cookie}

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        async with opened(self._home, store=in_a_file(self._home)) as world:
            config = uvicorn.Config(world.app, port=0, lifespan="off", log_config=None)
            self.server = uvicorn.Server(config)
            serving = asyncio.create_task(self.server.serve())
            while not self.server.started:
                await asyncio.sleep(0.01)
            self.address = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
            self.chat = (await world.begin())["Authorization"]
            self.console = world.cookie("小王", Role.ADMIN)[COOKIE]
            self.up.set()
            await serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("home"))
    served.start()
    assert served.up.wait(30)
    yield served
    served.server.should_exit = True
    served.join(10)


@pytest.mark.parametrize("mode", GenerationMode)
def test_nothing_the_contract_allows_or_forbids_breaks_the_api(served: Served, mode: GenerationMode) -> None:
    contract = schemathesis.openapi.from_url(f"{served.address}/openapi.json")
    for found in contract.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def attack(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=served.headers(case.path), checks=CHECKS)

        attack()


def _takes_anything(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    return bool(operation.body or operation.query or operation.path_parameters)
