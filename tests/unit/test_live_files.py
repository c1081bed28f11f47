"""Every file of rows that changes while the shop runs: taken when it is right, refused when it is wrong, and told either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integrations.memory.store import MemoryStore
from retention.audit import AuditEntry
from retention.errors import StoreBusyError
from tests.unit import test_live_catalog as catalog
from tests.unit import test_live_guard as guard
from tests.unit import test_live_interception as interception
from tests.unit.interception_cases import SHIPPED as INTERCEPTION


@dataclass(frozen=True, kw_only=True)
class Kind:
    """``changed`` is another right text; ``forth`` and ``back`` are what the log says of taking it and of taking it back.

    ``wrong`` texts come with words of their refusal. ``decided`` is the version that a decision names.
    """

    name: str
    shipped: str
    changed: str
    forth: str
    back: str
    wrong: tuple[tuple[str, str], ...]
    opened: Callable[[Path, MemoryStore], Any]
    decided: Callable[[Any], str]

    def entries(self, store: MemoryStore, live: Any) -> list[AuditEntry]:
        with store.transaction() as records:
            return list(records.audit.about(f"{self.name}:{live.version}"))


KINDS = (
    Kind(
        name="catalog",
        shipped=catalog.SHIPPED,
        changed=catalog.RICHER,
        forth="预算 logistics：20000 元 → 30000 元",
        back="预算 logistics：30000 元 → 20000 元",
        wrong=(
            (
                catalog.SHIPPED.replace("order_margin_share: 0.5", "order_margin_share: 5"),
                "catalog.yml：caps.order_margin_share 现为 5，应为0 到 1 的数",
            ),
        ),
        opened=catalog.opened,
        decided=lambda live: catalog.offered(live).catalog_version,
    ),
    Kind(
        name="interception",
        shipped=INTERCEPTION,
        changed=interception.STRICTER,
        forth="场景「平日订单」（everyday）的阈值：0.7 → 0.6",
        back="场景「平日订单」（everyday）的阈值：0.6 → 0.7",
        wrong=(
            (
                INTERCEPTION.replace("threshold: 0.70", "threshold: 7"),
                "interception.yml：scenarios[0].threshold 现为 7，应为0 到 1 的数",
            ),
            (
                INTERCEPTION.replace(
                    "  - {id: promotion,",
                    "  - {id: gold, when: {tiers: [gold]}, threshold: 0.6, why: 金卡}\n  - {id: promotion,",
                ),
                "gold 和 promotion 都管得到：促销 任何促销，会员等级 gold",
            ),
            ("scenarios: [", "interception.yml：第 1 行第 13 列"),
        ),
        opened=interception.opened,
        decided=lambda live: live.choose(interception.ORDER, interception.RISKY).version,
    ),
    Kind(
        name="guard",
        shipped=guard.SHIPPED,
        changed=guard.STRICTER,
        forth="规则「刚下单就取消」（instant_cancel）的分钟数：10 → 60",
        back="规则「刚下单就取消」（instant_cancel）的分钟数：60 → 10",
        wrong=(
            (
                guard.SHIPPED.replace("minutes: 10}", "minutes: ten}"),
                "guard.yml：rows[0].parameters.minutes 现为 'ten'，应为1 到 1440 的整数",
            ),
        ),
        opened=guard.opened,
        decided=lambda live: live.version,
    ),
)
TITLES = {"catalog": "方案目录", "interception": "拦截规则", "guard": "防护规则"}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def file(kind: Kind, tmp_path: Path) -> Path:
    copied = tmp_path / f"{kind.name}.yml"
    copied.write_text(kind.shipped, encoding="utf-8")
    return copied


def test_an_unchanged_file_is_not_taken_again(kind: Kind, file: Path) -> None:
    store = MemoryStore()
    live = kind.opened(file, store)
    assert not live.refresh()
    assert not live.refresh()
    assert [entry.why for entry in kind.entries(store, live)] == ["启动时读入"]


def test_a_wrong_file_is_refused_with_its_place_and_the_last_right_one_stays(kind: Kind, file: Path) -> None:
    for text, words in kind.wrong:
        file.write_text(kind.shipped, encoding="utf-8")
        live = kind.opened(file, MemoryStore())
        version = live.version
        file.write_text(text, encoding="utf-8")
        assert not live.refresh()
        assert live.problem is not None
        assert words in live.problem
        assert f"{TITLES[kind.name]}有误，没有启用，仍按 {version} 执行" in live.problem
        assert kind.decided(live) == version
        file.write_text(kind.changed, encoding="utf-8")
        assert live.refresh()
        assert live.problem is None


def test_taking_the_change_back_ends_the_problem(kind: Kind, file: Path) -> None:
    live = kind.opened(file, MemoryStore())
    file.write_text(kind.wrong[0][0], encoding="utf-8")
    live.refresh()
    file.write_text(kind.shipped, encoding="utf-8")
    assert not live.refresh()
    assert live.problem is None


def test_a_file_that_is_gone_is_a_problem_until_it_is_back(kind: Kind, file: Path) -> None:
    live = kind.opened(file, MemoryStore())
    file.unlink()
    assert not live.refresh()
    assert live.problem is not None
    assert f"{kind.name}.yml 打不开" in live.problem
    file.write_text(kind.shipped, encoding="utf-8")
    live.refresh()
    assert live.problem is None


def test_the_log_says_what_changed_and_from_which_version(kind: Kind, file: Path) -> None:
    store = MemoryStore()
    live = kind.opened(file, store)
    first = live.version
    file.write_text(kind.changed, encoding="utf-8")
    live.refresh()
    (entry,) = kind.entries(store, live)
    assert (entry.actor, entry.act) == ("system", f"{kind.name}_loaded")
    assert entry.versions == {kind.name: live.version, "before": first}
    assert entry.why == kind.forth


def test_a_second_process_logs_nothing_twice_and_going_back_is_logged_again(kind: Kind, file: Path) -> None:
    store = MemoryStore()
    one, other = kind.opened(file, store), kind.opened(file, store)
    for text in (kind.changed, kind.shipped):
        file.write_text(text, encoding="utf-8")
        assert (one.refresh(), other.refresh()) == (True, True)
    assert [entry.why for entry in kind.entries(store, one)] == ["启动时读入", kind.back]


def test_a_locked_store_is_tried_again(kind: Kind, file: Path) -> None:
    store = MemoryStore(busy_seconds=0.01)
    live = kind.opened(file, store)
    file.write_text(kind.changed, encoding="utf-8")
    with store.transaction(), pytest.raises(StoreBusyError):
        live.refresh()
    assert live.refresh()
