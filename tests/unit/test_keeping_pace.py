"""A dated campaign that spends too fast gets dearer in every process, from what the ledger holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from compensation.words import CHINA
from integrations.memory.store import MemoryStore
from integrations.rasa import Rasa
from integrations.wiring import Shop, assemble
from retention.case import Case
from retention.hearing import Reason
from retention.offer import GrantState, NoOffer, Offer
from service.pacing import keep_pace
from tests.http.world import QUICK, settings_of
from tests.unit.compensation_cases import CATALOG, SURE_LOSS, case, grant_of, line, order

NOON = datetime(2025, 11, 22, 12, tzinfo=CHINA)
DATED = (
    CATALOG.read_text(encoding="utf-8")
    .replace("budget: &coupons {id: coupons, cap_yuan: 30000}", "budget: &coupons {id: coupons, cap_yuan: 1000}")
    .replace("type: coupon\n", "type: coupon\n    dates: {from: 2025-11-22, until: 2025-11-23}\n")
)
WAVERING = case(order(line(900)), Reason.CHANGED_MIND, now=NOON)


def shop(home: Path, store: MemoryStore) -> Shop:
    file = home / "catalog.yml"
    file.write_text(DATED, encoding="utf-8")
    return assemble(
        settings_of(home), store, connect_rasa=_no_rasa, clock=lambda: NOON, passwords=QUICK, catalog_file=file
    )


def _no_rasa() -> Rasa:
    raise AssertionError("nobody talks here")


def give(store: MemoryStore, offer: Offer, times: int) -> None:
    with store.transaction() as records:
        for number in range(times):
            given = grant_of(offer, to=_of(number), state=GrantState.PROPOSED, grant_id=f"g{number}")
            records.ledger.propose(given)


def _of(number: int) -> Case:
    return case(order(line(900), order_no=f"B{number}"), Reason.CHANGED_MIND, now=NOON)


def answer(of: Shop) -> Offer | NoOffer:
    return of.engine.decide(WAVERING, SURE_LOSS)


def coupon(of: Shop) -> str:
    return {each.offer_id: each.rule for each in of.engine.quote(WAVERING, SURE_LOSS)}["coupon_500_100"]


def test_a_campaign_on_plan_gives_and_one_far_ahead_keeps_its_money(tmp_path: Path) -> None:
    store = MemoryStore()
    dated = shop(tmp_path, store)
    keep_pace(dated)
    assert coupon(dated) == "fits"

    offer = next(each.offer for each in dated.engine.quote(WAVERING, SURE_LOSS) if each.offer_id == "coupon_500_100")
    assert offer is not None
    give(store, offer, 8)
    keep_pace(dated)
    assert coupon(dated) == "saved_up"


def test_the_price_goes_when_the_campaign_catches_up(tmp_path: Path) -> None:
    store = MemoryStore()
    dated = shop(tmp_path, store)
    offer = next(
        each.offer for each in dated.engine.quote(WAVERING, SURE_LOSS, doubt=1e9) if each.offer_id == "coupon_500_100"
    )
    assert offer is not None
    give(store, offer, 8)
    keep_pace(dated)

    tomorrow = dated.pacer("coupons", NOON + timedelta(hours=34))
    assert 0 < tomorrow < dated.pacer("coupons", NOON) / 5


def test_a_catalog_without_campaigns_leaves_every_budget_free(tmp_path: Path) -> None:
    store = MemoryStore()
    plain = assemble(settings_of(tmp_path), store, connect_rasa=_no_rasa, clock=lambda: NOON, passwords=QUICK)
    keep_pace(plain)

    assert all(plain.pacer(budget_id, NOON) == 0 for budget_id in plain.engine.budgets())
