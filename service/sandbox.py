"""A whole stack of its own, as ``tourniquet up`` starts it, in a scratch home on free ports: for tests and benchmarks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console

from integrations.settings import load
from integrations.wiring import ROOT
from service.prepare import run
from service.training import TRAININGS

START_SECONDS = 180.0
STOP_SECONDS = 30.0
UNLIMITED = dict.fromkeys(
    (
        "TOURNIQUET_LIMIT_MESSAGES",
        "TOURNIQUET_LIMIT_READS",
        "TOURNIQUET_LIMIT_CONVERSATIONS",
        "TOURNIQUET_LIMIT_LOGINS",
        "TOURNIQUET_LIMIT_ACCOUNT_LOGINS",
        "TOURNIQUET_LIMIT_CALLS",
    ),
    "1000000/second",
)


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    url: str
    home: Path
    secrets: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def api_key(self) -> str:
        return self.secrets["TOURNIQUET_API_KEY"]

    @property
    def shop_secret(self) -> str:
        return self.secrets["TOURNIQUET_SHOP_SECRET"]

    @property
    def console_password(self) -> str:
        return self.secrets["TOURNIQUET_CONSOLE_PASSWORD"]

    def resident_mb(self) -> float:
        """Memory held by the service and everything it started."""
        pages = 0
        for pid in family(self.process.pid):
            pages += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def trained_home(*names: str) -> Path:
    """The home of this clone (``TOURNIQUET_HOME``), with the named models trained, or every one; trains what is missing."""
    settings = load()
    for training in TRAININGS:
        if (not names or training.name in names) and not training.is_current(settings):
            run(training, settings, Console(stderr=True))
    return settings.home


@contextmanager
def running(**environment: str) -> Iterator[Sandbox]:
    """Everything up, with its own database and secrets and the clone's trained models, until the block ends.

    Without rate limits, a hold-out, the demo shop or a redis unless ``environment`` says otherwise. Raises RuntimeError with
    the last lines of the log when it does not come up.
    """
    models = trained_home() / "models"
    with tempfile.TemporaryDirectory(prefix="tourniquet-") as folder:
        home = Path(folder)
        (home / "models").symlink_to(models)
        port, rasa_port = free_ports(2)
        given = {name: value for name, value in os.environ.items() if not name.startswith("TOURNIQUET_")}
        log = (home / "up.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "up"],
            cwd=ROOT,
            env={
                **given,
                **UNLIMITED,
                "PYTHONPATH": str(ROOT),
                "TOURNIQUET_HOME": str(home),
                "TOURNIQUET_PORT": str(port),
                "TOURNIQUET_RASA_PORT": str(rasa_port),
                "TOURNIQUET_DEMO": "0",
                "TOURNIQUET_HOLD_OUT": "0",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()  # the child has its own
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, home / "up.log")
            yield Sandbox(url=url, home=home, secrets=_secrets(home), process=process)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def family(pid: int) -> list[int]:
    """A process and all its descendants, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            except OSError:  # it has ended meanwhile
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for member in found:
        found.extend(children.get(member, ()))
    return found


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    answer = "no answer"
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            ready = httpx.get(f"{url}/readyz", timeout=5, trust_env=False)
            if ready.status_code == httpx.codes.OK:
                return
            answer = ready.text
        except httpx.HTTPError as problem:
            answer = repr(problem)
        time.sleep(0.2)
    raise RuntimeError(f"the stack did not come up ({answer}):\n{log.read_text(encoding='utf-8')[-3000:]}")


def _secrets(home: Path) -> dict[str, str]:
    lines = (home / "secrets.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}
