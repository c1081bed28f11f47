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
        (None, "catalog.yml：experiment 没有写，应为一组“键: 值”"),
        ({"share": 0.1}, "catalog.yml：experiment.share 现为 0.1，应为以下键之一：hold_out、salt"),
        ({"hold_out": 5}, "catalog.yml：experiment.hold_out 现为 5，应为0 到 1 的数"),
        ({"hold_out": 0.6}, "catalog.yml：experiment.hold_out 现为 0.6，应为0 到 0.5 的比例"),
        ({"salt": 1}, "catalog.yml：experiment.salt 现为 1，应为文字"),
        ({"settle_days": 0}, "catalog.yml：experiment.settle_days 现为 0，应为1 到 90 的整数"),
        ({"challenger": {**SPRING, "share": 1}}, "experiment.challenger.share 现为 1，应为大于 0、小于 1 的比例"),
        ({"challenger": {"name": "spring"}}, "catalog.yml：experiment.challenger.file 没有写"),
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
    with pytest.raises(CatalogError, match=r"catalog\.spring\.yml.*打不开"):
        shop(tmp_path, own)
    (tmp_path / "catalog.spring.yml").write_text(shipped.replace("cash_yuan: 5", "cash_yuan: 4"), encoding="utf-8")
    assert len(set(shop(tmp_path, own).catalog.deciding.versions)) == 2


def shop(home: Path, catalog_file: Path) -> wiring.Shop:
    settings = load({"TOURNIQUET_HOME": str(home)})
    rasa = Rasa("http://rasa.invalid", "secret")
    return wiring.assemble(settings, MemoryStore(), connect_rasa=lambda: rasa, catalog_file=catalog_file)
