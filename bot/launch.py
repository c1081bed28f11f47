"""How the Rasa side is trained and started: command lines and environment, for the service, the tests and people.

Standard library only, and nothing of Rasa: the service reads it in its own runtime and starts the other one's Python.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOT_PYTHON = ROOT / ".venv-bot" / "bin" / "python"
MODEL_NAME = "bot"
LOOPBACK = "127.0.0.1"  # the public never talks to Rasa


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Which Rasa: the module whose command line it is, and its three files."""

    module: str
    config: Path
    endpoints: Path
    credentials: Path


OURS = Setup(
    module="bot.light",
    config=ROOT / "config.yml",
    endpoints=ROOT / "endpoints.yml",
    credentials=ROOT / "credentials.yml",
)


class TrainingFailedError(RuntimeError):
    """Rasa could not train the bot; its last words follow."""

    def __init__(self, output: str) -> None:
        super().__init__(f"{type(self).__doc__}\n{output[-2000:]}")


def model_file(folder: Path) -> Path:
    return folder / f"{MODEL_NAME}.tar.gz"


def train_command(python: Path, *, folder: Path, setup: Setup = OURS) -> list[str]:
    """Trains into ``model_file(folder)``, in ``ROOT``. Half a minute at most: the language model is trained apart."""
    return [
        *(str(python), "-m", setup.module, "train", "--quiet"),
        *("--config", str(setup.config)),
        *("--domain", str(ROOT / "bot" / "domain")),
        *("--data", str(ROOT / "bot" / "conversation")),
        *("--out", str(folder), "--fixed-model-name", MODEL_NAME),
        *("--augmentation", "0", "--skip-validation"),
    ]


def run_command(python: Path, *, folder: Path, port: int, interface: str = LOOPBACK, setup: Setup = OURS) -> list[str]:
    """Serves ``model_file(folder)``, in ``ROOT``, until it is told to stop (SIGTERM)."""
    return [
        *(str(python), "-m", setup.module, "run"),
        *("--model", str(model_file(folder))),
        *("--interface", interface, "--port", str(port)),
        *("--endpoints", str(setup.endpoints)),
        *("--credentials", str(setup.credentials)),
    ]


def environment(
    base: Mapping[str, str], *, home: Path, rasa_secret: str = "", action_url: str = "", action_token: str = ""
) -> dict[str, str]:
    """What our Rasa files name, and quiet. Training needs no secrets; a server with an empty one refuses to start."""
    return {
        **base,
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",  # on unless told otherwise
        "RASA_CACHE_DIRECTORY": str(home / "cache" / "rasa"),
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TOURNIQUET_HOME": str(home),
        "TOURNIQUET_RASA_SECRET": rasa_secret,
        "TOURNIQUET_ACTION_URL": action_url,
        "TOURNIQUET_ACTION_TOKEN": action_token,
    }


def train(base: Mapping[str, str], *, home: Path, folder: Path, python: Path = BOT_PYTHON, setup: Setup = OURS) -> Path:
    """Train and remember from what. Raises TrainingFailedError."""
    done = subprocess.run(  # noqa: S603
        train_command(python, folder=folder, setup=setup),
        cwd=ROOT,
        env=environment(base, home=home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not model_file(folder).exists():
        raise TrainingFailedError(done.stdout)
    _marker(folder).write_text(digest(setup), encoding="utf-8")
    return model_file(folder)


def is_current(folder: Path, *, setup: Setup = OURS) -> bool:
    """Whether the model there was trained from the files as they are now."""
    marker = _marker(folder)
    return model_file(folder).exists() and marker.exists() and marker.read_text(encoding="utf-8") == digest(setup)


def digest(setup: Setup = OURS) -> str:
    """SHA-256 of everything a trained bot depends on."""
    folders = (ROOT / "bot", ROOT / "nlu_data" / "intents")
    files = [
        setup.config,
        *(file for folder in folders for file in folder.rglob("*") if file.suffix in (".py", ".yml")),
    ]
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(str(file).encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _marker(folder: Path) -> Path:
    return folder / f"{MODEL_NAME}.sha256"
