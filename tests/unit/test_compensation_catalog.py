"""The catalog file: the shipped one is right, and a wrong one is refused with the place of the wrong value."""

from __future__ import annotations

import copy
import doctest
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compensation import words
from compensation.catalog import Catalog, parse_catalog, read_catalog
from compensation.engine import Engine
from compensation.reading import CatalogError
from tests.unit.compensation_cases import CATALOG, ENGINE, UNTIMED

# Through JSON, so that rows that share a budget by a YAML alias are changed one at a time.
SHIPPED: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(CATALOG.read_text(encoding="utf-8"))))
MISSING = object()
CARE, GIFT, LINK = (
    next(i for i, row in enumerate(SHIPPED["rows"]) if row["id"] == wanted)
    for wanted in ("care_plan", "gift", "payment_link")
)


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The shipped catalog with one value replaced, or taken out."""
    catalog = copy.deepcopy(SHIPPED)
    place: Any = catalog
    for key in path[:-1]:
        place = place[key]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return catalog


def refusal(value: object) -> str:
    with pytest.raises(CatalogError) as refused:
        parse_catalog(value, file="catalog.yml", digest="d")
    return str(refused.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            ("rows", 3, "budget", "cap_yuan"),
            -5,
            "catalog.yml：rows[3].budget.cap_yuan 现为 -5，应为0 到 100000000 的元数",
        ),
        (("rows", 3, "budget", "cap_yuan"), 0.005, "rows[3].budget.cap_yuan 现为 0.005，应为0 到 100000000 的元数"),
        (("rows", 3, "budget", "cap_yuan"), True, "rows[3].budget.cap_yuan 现为 True，应为0 到 100000000 的元数"),
        (("rows", 3, "budget", "cap_yuan"), "20", "rows[3].budget.cap_yuan 现为 '20'，应为0 到 100000000 的元数"),
        (
            ("rows", 3, "budget", "cap_yuan"),
            float("nan"),
            "rows[3].budget.cap_yuan 现为 nan，应为0 到 100000000 的元数",
        ),
        pytest.param(
            *(("rows", 3, "budget", "cap_yuan"), 16**9999, "rows[3].budget.cap_yuan 现为 一个长得写不下的数"),
            id="huge",
        ),
        (
            ("rows", 3, "budget", "cap_yuan"),
            7,
            "rows[3].budget.cap_yuan 现为 7，应为与前面各行的预算 logistics 相同的上限",
        ),
        (("rows", 0, "budget", "cap_yuan"), MISSING, "rows[0].budget.cap_yuan 没有写，应为一个值"),
        (("rows", 0, "price"), 1, "rows[0].price 现为 1，应为以下键之一：id、type"),
        (("rows", 0, 7), 1, "rows[0].7 现为 1，应为以下键之一"),
        (("rows", 0, "type"), "cash", "rows[0].type 现为 'cash'，应为以下之一：care_plan、coupon、deposit_discount"),
        (("rows", 0, "type"), [], "rows[0].type 现为 []，应为以下之一：care_plan"),
        (("rows", 0, "reasons"), [], "rows[0].reasons 现为 []，应为选项的列表，至少一项"),
        (
            ("rows", 0, "reasons", 0),
            "mistake",
            "rows[0].reasons[0] 现为 'mistake'，应为以下之一：price、logistics、stock",
        ),
        (("rows", 4, "reasons", 1), "logistics", "rows[4].reasons[1] 现为 'logistics'，应为每项只写一次"),
        (("rows", 6, "stages", 0), "in_transit", "rows[6].stages[0] 现为 'in_transit'，应为以下之一：delivered、after"),
        (("rows", 0, "kept"), 0, "rows[0].kept 现为 0，应为大于 0、不大于 1 的数"),
        (("rows", 0, "kept"), 1.5, "rows[0].kept 现为 1.5，应为0 到 1 的数"),
        (("rows", 0, "generic"), "yes", "rows[0].generic 现为 'yes'，应为true 或 false"),
        (("rows", 0, "standing"), "always", "catalog.yml：rows[0].standing 现为 'always'，应为true 或 false"),
        (("rows", 3, "standing"), 1, "catalog.yml：rows[3].standing 现为 1，应为true 或 false"),
        (("rows", 3, "standing"), None, "catalog.yml：rows[3].standing 没有写，应为true 或 false"),
        (("rows", 3, "standing"), MISSING, "catalog.yml：rows[3].standing 没有写，应为一个值"),
        (("rows", 0, "consent"), "never", "rows[0].consent 现为 'never'，应为以下之一：ask、auto"),
        (("rows", 0, "authority"), "root", "rows[0].authority 现为 'root'，应为以下之一：bot、associate、manager"),
        (("rows", 0, "expires_hours"), 0, "rows[0].expires_hours 现为 0，应为1 到 720 的整数"),
        (("rows", 0, "parameters", "min_drop"), 15, "rows[0].parameters.min_drop 现为 15，应为0 到 1 的数"),
        (("rows", 0, "parameters", "part", "min_percent"), 0, "rows[0].parameters.part.min_percent 现为 0"),
        (("rows", 0, "pitch"), "{fact}{name}", "应为只含这些空的文字：{amount}、{concern}、{fact}、{order}、{share}"),
        (("rows", 0, "pitch"), "{fact.words}", "rows[0].pitch 现为 '{fact.words}'，应为只含这些空的文字"),
        (("rows", 0, "pitch"), "{fact!r}", "应为只含这些空的文字"),
        (("rows", 0, "pitch"), "{fact", "应为成对的 { 和 }"),
        (("rows", 0, "why"), "  ", "rows[0].why 现为 '  '，应为文字"),
        (
            ("rows", 1, "id"),
            "price_protection",
            "rows[1].id 现为 'price_protection'，应为别的行没有用过的编号",
        ),
        (("rows", 1, "id"), "五元", "rows[1].id 现为 '五元'，应为编号"),
        (
            ("rows", 6, "audience"),
            {"rfm_above": 80, "rfm_max": 80},
            "rows[6].audience.rfm_above 现为 80，应为小于 rfm_max",
        ),
        (("rows", 6, "audience"), {"tiers": []}, "rows[6].audience.tiers 现为 []，应为会员等级的列表，至少一项"),
        (("rows",), [], "rows 现为 []，应为方案的列表，至少一项"),
        (("caps", "order_margin_share"), 1.1, "caps.order_margin_share 现为 1.1，应为0 到 1 的数"),
        (("caps", "customer", "cap_yuan"), None, "caps.customer.cap_yuan 没有写，应为0 到 100000000 的元数"),
        (("caps", "window_days"), 0, "caps.window_days 现为 0，应为1 到 366 的整数"),
        (("version",), 1, "version 现为 1，应为文字"),
        (("rules", 0, "id"), "high_value", "rules[1].id 现为 'high_value'，应为别的行没有用过的编号"),
        (("rules", 0, "then"), {}, "rules[0].then 现为 {}，应为至少一项：deny、only、cap_yuan"),
        (("rules", 0, "then"), {"deny": False}, "rules[0].then.deny 现为 False，应为true"),
        (
            ("rules", 0, "then"),
            {"only": ["gold"]},
            "rules[0].then.only 现为 ['gold']，应为本目录里的方案编号",
        ),
        (("rules", 0, "then"), {"pay": 5}, "rules[0].then.pay 现为 5，应为以下键之一：deny"),
        (
            ("rules", 0, "when"),
            {"weather": "rain"},
            "rules[0].when.weather 现为 'rain'，应为以下键之一：rfm_above",
        ),
        (("rules", 0, "when"), {"reasons": ["fun"]}, "rules[0].when.reasons[0] 现为 'fun'，应为以下之一：price"),
        (("rules", 0, "why"), MISSING, "rules[0].why 没有写，应为一个值"),
        (("rows", 0, "dates"), {"from": "11.11"}, "rows[0].dates.from 现为 '11.11'，应为日期，例如 2026-11-11"),
        (("rows", 0, "dates"), {"from": "2026-11-12", "until": "2026-11-11"}, "应为不早于 dates.from 的日期"),
        (
            ("rows", 0, "caps", "per_campaign_yuan"),
            9,
            "rows[0].caps.per_campaign_yuan 现为 9，应为有 dates.from 的方案才写的上限",
        ),
        (("rows", 0, "caps", "per_day_yuan"), -1, "rows[0].caps.per_day_yuan 现为 -1，应为0 到 100000000 的元数"),
        (("rows", CARE, "kept"), 0.5, f"rows[{CARE}].kept 现为 0.5，应为空着：consent 为 auto"),
        (("rows", CARE, "authority"), "manager", f"rows[{CARE}].authority 现为 'manager'，应为bot"),
        (("rows", CARE, "consent"), "ask", f"rows[{CARE}].reasons 没有写"),
        (("rows", GIFT, "budget", "cap_yuan"), 4001, f"rows[{GIFT}].budget.cap_yuan 现为 4001，应为至多 4000.00"),
        (("rows", LINK, "reasons", 0), "weather", f"rows[{LINK}].reasons[0] 现为 'weather'，应为以下之一：price"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_expected(
    path: tuple[str | int, ...], value: object, message: str
) -> None:
    assert message in refusal(changed(path, value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "整个文件 没有写，应为一组“键: 值”"),
        (b"version: [", "第 1 行第 11 列 现为"),
        (b"version: 1\nversion: 2", "第 2 行第 1 列 现为 'version 写了两次'"),
        (b"\xff\xfe\x00", "应为UTF-8 编码的 YAML"),
        (b"a: !!timestamp soon", "应为UTF-8 编码的 YAML"),
        (b"a: !!bool maybe", "应为UTF-8 编码的 YAML"),
        (b"a: 2025-99-99", "应为UTF-8 编码的 YAML"),
        (b"a: !!python/object/apply:os.getcwd []", "应为UTF-8 编码的 YAML"),
        (b"[" * 2000, "应为UTF-8 编码的 YAML"),
        (b"a: &a [*a]", "，应为以下键之一"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused(text: bytes, message: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read_catalog(text, file="catalog.yml")
    assert message in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no-such"):
        Engine.from_file(tmp_path / "no-such.yml")


def test_a_changed_file_has_another_version(tmp_path: Path) -> None:
    copied = tmp_path / "catalog.yml"
    copied.write_bytes(CATALOG.read_bytes())
    assert Engine.from_file(copied).version == ENGINE.version
    copied.write_bytes(CATALOG.read_bytes() + b"# tuned\n")
    assert Engine.from_file(copied).version != ENGINE.version
    assert ENGINE.version.startswith("2+")


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.binary(max_size=3)
)
GARBAGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


@UNTIMED
@given(garbage=GARBAGE)
def test_garbage_is_refused_and_never_breaks_the_reader(garbage: object) -> None:
    refusal(garbage)


@UNTIMED
@given(text=st.text(max_size=60) | st.text(alphabet="[]{}&*!:-\n ab0", max_size=60))
def test_any_text_is_refused_and_never_breaks_the_reader(text: str) -> None:
    with pytest.raises(CatalogError):
        read_catalog(text.encode("utf-8", "surrogatepass"), file="catalog.yml")


@UNTIMED
@given(path=st.sampled_from(list(places(SHIPPED))), value=GARBAGE | st.just(MISSING))
def test_one_wrong_value_anywhere_is_a_catalog_or_a_refusal(path: tuple[str | int, ...], value: object) -> None:
    with suppress(CatalogError):  # any other exception fails the test
        assert isinstance(parse_catalog(changed(path, value), file="catalog.yml", digest="d"), Catalog)


@pytest.mark.parametrize(
    ("fen", "said"),
    [(500, "5 元"), (1250, "12.5 元"), (1255, "12.55 元"), (9, "0.09 元"), (10000, "100 元"), (0, "0 元")],
)
def test_yuan_are_said_without_needless_zeros(fen: int, said: str) -> None:
    assert words.yuan(fen) == said


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(words) == (0, 3)
