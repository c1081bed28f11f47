"""A changed guard is live without a restart; wrong rows are refused, and the last right ones stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from compensation.deciding import Deciding
from compensation.experiment import Experiment
from compensation.guard import load
from integrations.live_guard import LiveGuard
from integrations.memory.store import MemoryStore
from retention.audit import AuditEntry
from retention.hearing import Reason
from retention.kin import TieKind
from retention.kindred import Kindred
from retention.offer import NoOffer, Offer
from tests.unit.compensation_cases import ENGINE, NOW, SURE_LOSS, case, order
from tests.unit.counter import ROOT
from tests.unit.test_kindred import of

SHIPPED = (ROOT / "compensation" / "guard.yml").read_text(encoding="utf-8")
STRICTER = SHIPPED.replace("minutes: 10}", "minutes: 60}")
LONGER = SHIPPED.replace("window_days: 30", "window_days: 60").replace("  phone: 6", "  phone: 1")
HURRIED = case(order(), Reason.LOGISTICS, goal="request_refund")
YOUNG = replace(HURRIED, order=replace(HURRIED.order, placed_at=NOW - timedelta(minutes=30)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copied = tmp_path / "guard.yml"
    copied.write_text(SHIPPED, encoding="utf-8")
    return copied


def opened(file: Path, store: MemoryStore) -> LiveGuard:
    return LiveGuard(file, load(file), store=store, clock=lambda: NOW)


def entries(store: MemoryStore, live: LiveGuard) -> list[AuditEntry]:
    with store.transaction() as records:
        return list(records.audit.about(f"guard:{live.version}"))


def test_a_saved_change_decides_the_next_case(file: Path) -> None:
    live = opened(file, MemoryStore())
    deciding = Deciding(ENGINE, guard=live.now, experiment=Experiment(hold_out=0.0))
    assert isinstance(deciding.decide(YOUNG, SURE_LOSS)[0], Offer)
    file.write_text(STRICTER, encoding="utf-8")
    assert live.refresh()
    refused = deciding.decide(YOUNG, SURE_LOSS)[0]
    assert isinstance(refused, NoOffer)
    assert refused.rule == "guard:instant_cancel"


def test_how_far_back_kin_count_and_what_is_a_crowd_follow_the_file(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    kindred = Kindred(seal=lambda kind, value: f"{kind.value}/{value}", window=live.window, crowd=live.crowd)
    with store.transaction() as records:
        kindred.see_order(records, of("c-2", detail="延安路 2 号 101 室"), at=NOW - timedelta(days=40))
        kindred.see_order(records, of("c-3", detail="解放路 3 号 101 室"), at=NOW - timedelta(days=40))
        kindred.see_order(records, of("c-2", phone="13900002222"), at=NOW - timedelta(days=40))
        kindred.see_order(records, of("c-1"), at=NOW)
        assert kindred.of(records, "c-1", now=NOW).relatives == ()
    file.write_text(LONGER, encoding="utf-8")
    live.refresh()
    with store.transaction() as records:
        near = kindred.of(records, "c-1", now=NOW).relatives
    assert [relative.ties for relative in near] == [frozenset({TieKind.ADDRESS})], (
        "two others on a phone are a crowd now"
    )


def test_the_log_says_what_changed_and_from_which_version(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    first = live.version
    assert [entry.why for entry in entries(store, live)] == ["启动时读入"]
    text = LONGER.replace("minutes: 10}", "minutes: 60}").replace("counts: taken", "counts: made")
    file.write_text(text.replace("others: 3", "others: 4").replace("kinds: [coupon, points, gift]", "kinds: [coupon]"))
    live.refresh()
    (entry,) = entries(store, live)
    assert (entry.actor, entry.act) == ("system", "guard_loaded")
    assert entry.versions == {"guard": live.version, "before": first}
    assert entry.why.split("；") == [
        "回看的天数：30 → 60",
        "人数上限的电话：6 → 1",
        "规则「刚下单就取消」（instant_cancel）的分钟数：10 → 60",
        "规则「多个账号同设备或电话」（many_accounts）的其他账号数：3 → 4",
        "规则「同设备或电话已领过券」（once_per_household）的计数：领过的 → 提出过的",
        "规则「同设备或电话已领过券」（once_per_household）的方案类型：coupon、gift、points → coupon",
    ]


def test_rows_that_come_go_and_change_places_are_told(file: Path) -> None:
    store = MemoryStore()
    live = opened(file, store)
    head, *rows = SHIPPED.split("  - id: ")
    file.write_text(head + "".join(f"  - id: {row}" for row in (rows[1], rows[0], "few_" + rows[2])), encoding="utf-8")
    live.refresh()
    (entry,) = entries(store, live)
    assert "删除规则「一天内方案过多」（offers_a_day）" in entry.why
    assert "新增规则「多个账号同设备或电话」（few_many_accounts）" in entry.why
    assert "规则顺序：" in entry.why
