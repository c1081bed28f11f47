"""A Rasa server for a benchmark: ours, or the stock one beside it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bot import launch
from service.sandbox import free_ports

ROOT = Path(__file__).parents[1]
STOCK = launch.Setup(
    module="rasa",
    config=ROOT / "benchmarks" / "stock" / "config.yml",
    endpoints=ROOT / "benchmarks" / "stock" / "endpoints.yml",
    credentials=ROOT / "benchmarks" / "stock" / "credentials.yml",
)
NO_ACTIONS = "http://127.0.0.1:9/none"
SECRET = "benchmark-only-secret-of-some-length"


@contextmanager
def rasa(
    setup: launch.Setup, home: Path, folder: Path, extra: Sequence[str] = (), action_url: str = NO_ACTIONS
) -> Iterator[str]:
    """A Rasa server on a free port until the block ends; yields its address."""
    (port,) = free_ports(1)
    environment = launch.environment(os.environ, home=home, rasa_secret=SECRET, action_url=action_url)
    command = [*launch.run_command(launch.BOT_PYTHON, folder=folder, port=port, setup=setup), *extra]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the Rasa server ended with status {server.returncode} before it served")
        try:
            if httpx.get(url, timeout=2).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise RuntimeError(f"{url} did not answer within {seconds:.0f} s")
