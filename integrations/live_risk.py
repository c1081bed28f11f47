"""The risk score as it is live: the version the shelf names, taken without a restart, and the table of points without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from integrations.model_shelf import ModelShelf
from retention.case import Case
from retention.risk import Score
from risk.drift import Reference
from risk.model import RiskModel
from risk.prior import RulePrior
from risk.unusable import LibraryMissingError, ModelUnusableError

UNTRAINED = "还没有训练风险模型，暂用经验分"
BEATEN = "训练过的风险模型没有胜过经验分，仍用经验分"
UNUSABLE = "风险模型与程序版本不符，暂用经验分"
INVENTED = "风险模型是用合成数据训练的，不代表本店"


class LiveRisk:
    """What scores goes through here, so that a decision names the one version that made it.

    ``problem`` says in Chinese what the shop does without, or is None. A model of invented orders is fine in a demo shop only.
    """

    def __init__(self, folder: Path, *, demo: bool) -> None:
        self.shelf = ModelShelf(folder)
        self._demo = demo
        self._lock = Lock()
        self._seen: str | None = None
        self._model: RiskModel | RulePrior = RulePrior()
        self.problem: str | None = None
        self.refresh()

    def refresh(self) -> bool:
        """Take the version that is live now; whether it was another one. One that cannot be read leaves the present one."""
        with self._lock:
            version = self.shelf.live()
            if version == self._seen:
                self.problem = self._lack()  # a version that could not be read may have been taken back
                return False
            if version is None:
                self._model, self._seen = RulePrior(), None
                self.problem = self._lack()
                return True
            try:
                model = self.shelf.load(version)
            except LibraryMissingError as error:
                self.problem = f"{error}；暂用经验分"
                return False
            except (FileNotFoundError, ModelUnusableError):
                trained = isinstance(self._model, RiskModel)
                self.problem = f"新的风险模型 {version} 读不了，仍用 {self.version}" if trained else UNUSABLE
                return False
            self._model, self._seen = model, version
            self.problem = self._lack()
            return True

    def _lack(self) -> str | None:
        if self._seen is None:
            return BEATEN if self.shelf.versions() else UNTRAINED
        return INVENTED if self.is_synthetic and not self._demo else None

    @property
    def version(self) -> str:
        return self._model.version

    @property
    def card(self) -> Mapping[str, Any] | None:
        """None while the table of points serves."""
        return self._model.card if isinstance(self._model, RiskModel) else None

    @property
    def is_synthetic(self) -> bool:
        origin = self.shelf.origin_of(self._seen) if self._seen else None
        return origin is not None and origin.synthetic

    @property
    def references(self) -> Mapping[str, Reference]:
        """How the values lay when the live model was measured; empty for the table of points."""
        return self.shelf.references_of(self._seen) if self._seen else {}

    def score(self, case: Case) -> Score:
        return self._model.score(case)

    def score_many(self, cases: Sequence[Case]) -> tuple[Score, ...]:
        return self._model.score_many(cases)
