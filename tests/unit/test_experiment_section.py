"""The catalog's experiment section: usual where nothing is said, refused with its place where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.catalog import parse_catalog
from compensation.engine import catalog_of
from compensation.experiment import Challenger, Experiment
from compensation.reading import CatalogError
from integrations import wiring
from integrations.memory.store import MemoryStore
from integrations.rasa import Rasa
from integrations.settings import load
from tests.unit.compensation_cases import CATALOG
from tests.unit.test_compensation_catalog import MISSING, changed

SPRING = {"name": "spring", "file": "catalog.spring.yml", "share": 0.2}


def read(section: object) -> Experiment:
    return parse_catalog(changed(("experiment",), section), file="catalog.yml", digest="d").experiment


def test_a_catalog_that_says_nothing_holds_out_one_in_twenty() -> None:
    assert read(MISSING) == read({}) == Experiment(hold_out=0.05, salt="1", settle_days=15, challenger=None)
    assert catalog_of(CATALOG).experiment == Experiment()


def test_what_is_said_is_read() -> None:
    found = read({"hold_out": 0.1, "salt": "autumn", "settle_days": 30, "challenger": SPRING})
    challenger = Challenger(name="spring", file="catalog.spring.yml", share=0.2)
    assert found == Experiment(hold_out=0.1, salt="autumn", settle_days=30, challenger=challenger)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (None, "catalog.yml: experiment is None; expected a mapping"),
        ({"share": 0.1}, "catalog.yml: experiment.share is not a known key; expected one of hold_out, salt"),
        ({"hold_out": 5}, "catalog.yml: experiment.hold_out is 5; expected a number from 0 to 1"),
        ({"hold_out": 0.6}, "catalog.yml: experiment.hold_out is 0.6; expected a share from 0 to 0.5"),
        ({"salt": 1}, "catalog.yml: experiment.salt is 1; expected a text"),
        ({"settle_days": 0}, "catalog.yml: experiment.settle_days is 0; expected a whole number from 1 to 90"),
        ({"challenger": {**SPRING, "share": 1}}, "experiment.challenger.share is 1; expected a share between 0 and 1"),
        ({"challenger": {"name": "spring"}}, "catalog.yml: experiment.challenger.file is missing"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(section: object, message: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read(section)
    assert message in str(refused.value)


def test_a_challenger_is_read_from_beside_the_catalog_that_names_it(tmp_path: Path) -> None:
    shipped, own = CATALOG.read_text(encoding="utf-8"), tmp_path / "catalog.yml"
    tries = "  challenger: {name: spring, file: catalog.spring.yml, share: 0.2}"
    own.write_text(shipped.replace("  settle_days: 15", f"  settle_days: 15\n{tries}"), encoding="utf-8")
    with pytest.raises(CatalogError, match=r"catalog\.spring\.yml.*cannot be opened"):
        shop(tmp_path, own)
    (tmp_path / "catalog.spring.yml").write_text(shipped.replace("cash_yuan: 5", "cash_yuan: 4"), encoding="utf-8")
    assert len(set(shop(tmp_path, own).catalog.deciding.versions)) == 2


def shop(home: Path, catalog_file: Path) -> wiring.Shop:
    settings = load({"TOURNIQUET_HOME": str(home)})
    rasa = Rasa("http://rasa.invalid", "secret")
    return wiring.assemble(settings, MemoryStore(), connect_rasa=lambda: rasa, catalog_file=catalog_file)
