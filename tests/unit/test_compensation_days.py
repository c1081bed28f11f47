"""Caps of a day and of a campaign: what the whole shop has reserved counts, whoever got it."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compensation.catalog import parse_catalog
from compensation.engine import Engine
from compensation.words import china_date
from retention.case import Case
from retention.hearing import Reason
from retention.offer import Offer
from tests.unit.compensation_cases import CATALOG, NOW, SURE_LOSS, UNTIMED, case, line, order

SHIPPED: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(CATALOG.read_text(encoding="utf-8"))))
TODAY = datetime(2025, 11, 21, 16, 0, tzinfo=timezone.utc)  # midnight in China
SINGLES_DAY = datetime(2025, 11, 10, 16, 0, tzinfo=timezone.utc)


def shop(*, day_yuan: float | None = None, **caps: float) -> Engine:
    """The shipped catalog with a cap of the day over all, and caps of the row that urges parcels on."""
    catalog: dict[str, Any] = json.loads(json.dumps(SHIPPED))
    if day_yuan is not None:
        catalog["caps"]["per_day_yuan"] = day_yuan
    for row in catalog["rows"]:
        row["caps"].pop("per_day_yuan", None)
        if row["id"] == "expedite":
            row["caps"].update(caps)
            row["dates"] = {"from": "2025-11-11"}
    return Engine(parse_catalog(catalog, file="catalog.yml", digest="d"))


def late(spent: dict[datetime, dict[str, int]]) -> Case:
    return case(order(line(1000)), Reason.LOGISTICS, spent=spent)


def expedite(engine: Engine, of: Case) -> tuple[str, str]:
    quoted = {each.offer_id: each for each in engine.quote(of, SURE_LOSS)}["expedite"]
    return quoted.rule, quoted.why


@pytest.mark.parametrize(
    ("engine", "spent", "rule"),
    [
        (shop(per_day_yuan=20), {TODAY: {"expedite": 1500}}, "fits"),
        (shop(per_day_yuan=20), {TODAY: {"expedite": 1501}}, "cap_offer_day"),
        (shop(per_day_yuan=20), {TODAY: {"points": 99_999}}, "fits"),
        (shop(day_yuan=20), {TODAY: {"expedite": 1000, "points": 500}}, "fits"),
        (shop(day_yuan=20), {TODAY: {"expedite": 1000, "points": 501}}, "cap_day"),
        (shop(per_campaign_yuan=20), {SINGLES_DAY: {"expedite": 1500}}, "fits"),
        (shop(per_campaign_yuan=20), {SINGLES_DAY: {"expedite": 1600}}, "cap_campaign"),
        (shop(per_campaign_yuan=20), {SINGLES_DAY: {"points": 1600}}, "fits"),
    ],
)
def test_a_full_day_or_campaign_gives_no_more(engine: Engine, spent: dict[datetime, dict[str, int]], rule: str) -> None:
    assert expedite(engine, late(spent))[0] == rule


def test_the_cap_says_what_is_left_of_it() -> None:
    assert expedite(shop(per_day_yuan=20), late({TODAY: {"expedite": 1800}})) == (
        "cap_offer_day",
        "该方案今天上限 20 元，已占用 18 元，该方案最多要 5 元",
    )


def test_a_person_has_no_more_left_than_the_shop_has_today() -> None:
    assert shop(day_yuan=20).allowance(late({TODAY: {"points": 1300}})).left_fen == 700


@UNTIMED
@given(
    of=st.lists(st.tuples(st.sampled_from(sorted(set(Reason))), st.integers(0, 60)), max_size=25),
    day_yuan=st.integers(0, 60),
    row_yuan=st.integers(0, 20),
)
def test_no_run_of_shoppers_passes_a_day(of: list[tuple[Reason, int]], day_yuan: int, row_yuan: int) -> None:
    engine = shop(day_yuan=day_yuan, per_day_yuan=row_yuan)
    ledger: list[tuple[datetime, Offer]] = []
    now = NOW
    for number, (reason, hours) in enumerate(of):
        now += timedelta(hours=hours)
        spent: dict[datetime, Counter[str]] = {since: Counter() for since in engine.spent_since(now)}
        for since, held in spent.items():
            for at, given_then in ledger:
                held[given_then.offer_id] += given_then.reserve_fen if at >= since else 0
        answer = engine.decide(case(order(line(1000), order_no=f"A{number}"), reason, now=now, spent=spent), SURE_LOSS)
        if isinstance(answer, Offer):
            ledger.append((now, answer))
    for at, _ in ledger:
        today = [offer for given_at, offer in ledger if china_date(given_at) == china_date(at)]
        assert sum(offer.reserve_fen for offer in today) <= day_yuan * 100
        assert sum(offer.reserve_fen for offer in today if offer.offer_id == "expedite") <= row_yuan * 100


def test_only_what_a_cap_needs_is_counted() -> None:
    assert shop().spent_since(NOW) == frozenset()
    assert shop(day_yuan=20).spent_since(NOW) == {TODAY}
    assert shop(per_campaign_yuan=20).spent_since(NOW) == {SINGLES_DAY}
    assert shop(per_day_yuan=20, per_campaign_yuan=20).spent_since(NOW + timedelta(days=1)) == {
        TODAY + timedelta(days=1),
        SINGLES_DAY,
    }
