"""A shop learns from its own orders or not at all; what it learnt goes live when it is better, and the audit log says which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from integrations.memory.store import MemoryStore
from integrations.model_shelf import ModelShelf
from retention.audit import AuditEntry
from retention.case import Case
from retention.ports import Store
from risk.prior import RulePrior
from service import risk_training, training
from service.risk_training import FEWEST, Source, Taught, TooLittleError, invented_past, own_past, teach, use
from tests.http.world import settings_of
from tests.unit.twin_cases import NOW, history
from twin.demo import install

WINDOW = timedelta(days=15)


def nothing(_: str, __: float) -> None:
    """No progress to show."""


@cache
def invented() -> Source:
    """The small synthetic shop, its cases drawn once."""
    drawn = invented_past(history())
    told = list(drawn.cases(drawn.first - timedelta(days=1)))

    def cases(after: datetime) -> Iterator[tuple[Case, bool]]:
        return ((case, lost) for case, lost in told if case.now > after)

    return replace(drawn, cases=cases)


def taught(store: Store, shelf: ModelShelf, source: Source, sources: str = "code") -> Taught:
    return teach(store, shelf, source, sources=sources, now=NOW, progress=nothing)


def entries(store: Store, version: str) -> list[AuditEntry]:
    with store.transaction() as records:
        return list(records.audit.about(f"risk_model:{version}"))


@pytest.fixture
def shelf(tmp_path: Path) -> ModelShelf:
    return ModelShelf(tmp_path)


def test_a_first_model_goes_live_when_it_beats_the_points_and_the_audit_log_has_the_figures(shelf: ModelShelf) -> None:
    store = MemoryStore()
    found = taught(store, shelf, invented())
    assert found.promoted
    assert (found.before, shelf.live()) == (RulePrior.version, found.version)
    [entry] = entries(store, found.version)
    assert (entry.act, entry.versions) == ("model_promoted", {"model": found.version, "before": RulePrior.version})
    assert entry.data["model_log_loss"] < entry.data["before_log_loss"]  # type: ignore[operator]
    assert entry.data["orders"] == found.verdict.orders
    origin = shelf.origin_of(found.version)
    assert origin is not None
    assert origin.synthetic
    assert set(shelf.references_of(found.version)) > {"score", "late_hours"}


def test_a_challenger_is_judged_on_orders_it_has_not_learnt_from(shelf: ModelShelf) -> None:
    source = invented()
    found = taught(MemoryStore(), shelf, source)
    card = shelf.load(found.version).card
    assert datetime.fromisoformat(card["to"]) <= source.judged_from
    assert found.verdict.orders == len(list(source.cases(source.judged_from)))


def test_a_challenger_that_learnt_noise_is_kept_off_and_the_reason_is_told_and_audited(shelf: ModelShelf) -> None:
    store, source = MemoryStore(), invented()
    first = taught(store, shelf, source)

    def noise(after: datetime) -> Iterator[tuple[Case, bool]]:
        """Outcomes that have nothing to do with the orders, but in the weeks that judge."""
        for number, (case, lost) in enumerate(source.cases(after)):
            yield case, (number % 6 == 0 if case.now <= source.judged_from else lost)

    second = taught(store, shelf, replace(source, cases=noise))
    assert not second.promoted
    assert shelf.live() == first.version
    assert second.before == first.version
    [entry] = entries(store, second.version)
    assert (entry.act, entry.why) == ("model_kept", second.verdict.why)
    assert "仍用" in second.words
    assert set(shelf.versions()) == {first.version, second.version}


def test_trained_again_on_the_same_orders_the_champion_stays(shelf: ModelShelf) -> None:
    store = MemoryStore()
    first, again = taught(store, shelf, invented()), taught(store, shelf, invented())
    assert (first.promoted, again.promoted, again.version) == (True, False, first.version)
    assert "更好" in str(shelf.origin_of(first.version))


def test_after_a_change_of_the_program_the_new_model_has_to_beat_the_points_only(shelf: ModelShelf) -> None:
    taught(MemoryStore(), shelf, invented())
    assert taught(MemoryStore(), shelf, invented(), sources="newer code").before == RulePrior.version


def test_too_little_history_changes_nothing_and_says_what_it_takes(shelf: ModelShelf) -> None:
    source = invented()
    few = replace(source, cases=lambda after: (each for each in list(source.cases(after))[:400]))
    with pytest.raises(TooLittleError, match=f"需要 {FEWEST} 单"):
        taught(MemoryStore(), shelf, few)
    assert (shelf.live(), shelf.versions()) == (None, [])


def own_shop(*, synthetic: bool) -> Store:
    """Half of the synthetic shop's past in a store, called the shop's own or not."""
    past = history()
    orders = tuple(
        replace(one, order=replace(one.order, attributes={**one.order.attributes, "synthetic": synthetic}))
        for one in past.orders[::2]
    )
    store = MemoryStore()
    install(store, seed=7, now=NOW, progress=nothing, history=replace(past, orders=orders))
    return store


@pytest.fixture
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(risk_training, "FEWEST", 500)
    monkeypatch.setattr(risk_training, "FEWEST_LOST", 50)


@pytest.mark.usefixtures("few_are_enough")
def test_a_real_shop_never_learns_from_invented_orders(shelf: ModelShelf) -> None:
    store = own_shop(synthetic=True)
    source = own_past(store, now=NOW, window=WINDOW)
    assert source is not None
    with pytest.raises(TooLittleError, match="0 单"):
        taught(store, shelf, source)


def test_a_shop_without_orders_has_no_past() -> None:
    assert own_past(MemoryStore(), now=NOW, window=WINDOW) is None


def test_the_first_start_of_a_real_shop_trains_nothing_and_says_so(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, demo=False)
    words = training.train_risk(settings, nothing)
    assert words is not None
    assert "用经验分" in words
    assert ModelShelf(settings.risk_folder).live() is None


def test_an_operator_may_put_a_kept_version_live_again_and_it_is_audited(tmp_path: Path) -> None:
    shelf, store = ModelShelf(tmp_path), MemoryStore()
    first = taught(store, shelf, invented())
    (tmp_path / "live").unlink()
    use(store, tmp_path, first.version, now=NOW)
    assert shelf.live() == first.version
    assert "操作员" in entries(store, first.version)[-1].why
    with pytest.raises(FileNotFoundError):
        use(store, tmp_path, "gone", now=NOW)
