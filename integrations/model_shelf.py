"""The risk models of one home: each version in a folder of its own, and a word that says which one is live.

A model is made in a folder nobody looks at and moved to its place whole; the word is replaced in one step. A process that dies
in between leaves the live model as it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkdtemp

from risk.drift import Reference
from risk.model import RiskModel
from risk.unusable import ModelUnusableError

KEPT = 5
LIVE = "live"
REFERENCE = "reference.json"
ORIGIN = "origin.json"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a version comes from: ``sources`` is the digest of the code that made it, ``verdict`` in Chinese why it went
    live or did not. ``synthetic``: it learnt from invented orders.
    """

    sources: str
    synthetic: bool
    verdict: str


class ModelShelf:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = folder / "versions"

    def live(self) -> str | None:
        """The version that serves; None when there is none."""
        try:
            version = (self._folder / LIVE).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return version if re.fullmatch(NAME, version) else None

    def load(self, version: str) -> RiskModel:
        """Raises FileNotFoundError when it is gone and ModelUnusableError when it is not of this program."""
        return RiskModel.load(self._versions / version)

    def champion(self, sources: str) -> RiskModel | None:
        """The live model, if the code it was trained by is still this (``sources``: its digest); else nothing compares."""
        version = self.live()
        if version is None:
            return None
        origin = self.origin_of(version)
        if origin is None or origin.sources != sources:
            return None
        try:
            return self.load(version)
        except (FileNotFoundError, ModelUnusableError):
            return None

    def origin_of(self, version: str) -> Origin | None:
        """None when it cannot be read."""
        try:
            told = json.loads((self._versions / version / ORIGIN).read_text(encoding="utf-8"))
            return Origin(
                sources=str(told["sources"]), synthetic=told["synthetic"] is True, verdict=str(told["verdict"])
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def references_of(self, version: str) -> Mapping[str, Reference]:
        """How the values lay when the model was measured; empty when the file is missing or cannot be read."""
        try:
            told = json.loads((self._versions / version / REFERENCE).read_text(encoding="utf-8"))
            return {
                name: Reference(edges=tuple(one["edges"]), shares=tuple(one["shares"]), count=int(one["count"]))
                for name, one in told.items()
            }
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def versions(self) -> list[str]:
        """Newest first."""
        if not self._versions.is_dir():
            return []
        found = [each for each in self._versions.iterdir() if each.is_dir() and re.fullmatch(NAME, each.name)]
        return [each.name for each in sorted(found, key=lambda each: (each.stat().st_mtime, each.name), reverse=True)]

    @contextmanager
    def bench(self) -> Iterator[Path]:
        """An empty folder to make a model in; what is left of it afterwards goes."""
        self._versions.mkdir(parents=True, exist_ok=True)
        made = Path(mkdtemp(prefix=".new-", dir=self._versions))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def keep(self, made: Path, version: str, origin: Origin, references: Mapping[str, Reference]) -> None:
        """Move a model from the bench to its place, with where it comes from and what it was measured on."""
        (made / ORIGIN).write_text(json.dumps(asdict(origin), ensure_ascii=False), encoding="utf-8")
        told = {name: asdict(one) for name, one in references.items()}
        (made / REFERENCE).write_text(json.dumps(told), encoding="utf-8")
        place = self._versions / version
        if place.exists():  # the same data and seed make the same model: only what lies beside it may differ
            for file in made.iterdir():
                os.replace(file, place / file.name)
        else:
            made.chmod(0o755)
            os.replace(made, place)
        os.utime(place)

    def promote(self, version: str) -> None:
        """Make a version live. Raises FileNotFoundError and ModelUnusableError, and then the live one stays."""
        self.load(version)
        part = self._folder / f"{LIVE}.part"
        part.write_text(version, encoding="utf-8")
        os.replace(part, self._folder / LIVE)

    def prune(self, most: int = KEPT) -> None:
        """Drop the oldest; never the live one."""
        live = self.live()
        for version in [each for each in self.versions() if each != live][max(0, most - 1) :]:
            shutil.rmtree(self._versions / version, ignore_errors=True)
