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
        (("rows", 3, "budget", "cap_yuan"), -5, "catalog.yml: rows[3].budget.cap_yuan is -5; expected yuan from 0 to"),
        (("rows", 3, "budget", "cap_yuan"), 0.005, "rows[3].budget.cap_yuan is 0.005; expected yuan"),
        (("rows", 3, "budget", "cap_yuan"), True, "rows[3].budget.cap_yuan is True; expected yuan"),
        (("rows", 3, "budget", "cap_yuan"), "20", "rows[3].budget.cap_yuan is '20'; expected yuan"),
        (("rows", 3, "budget", "cap_yuan"), float("nan"), "rows[3].budget.cap_yuan is nan; expected yuan"),
        pytest.param(
            *(("rows", 3, "budget", "cap_yuan"), 16**9999, "rows[3].budget.cap_yuan is a number too long to show"),
            id="huge",
        ),
        (("rows", 3, "budget", "cap_yuan"), 7, "rows[3].budget.cap_yuan is 7; expected the cap that budget logistics"),
        (("rows", 0, "budget", "cap_yuan"), MISSING, "rows[0].budget.cap_yuan is missing; expected a value"),
        (("rows", 0, "price"), 1, "rows[0].price is not a known key; expected one of id, type"),
        (("rows", 0, 7), 1, "rows[0].7 is not a known key"),
        (("rows", 0, "type"), "cash", "rows[0].type is 'cash'; expected one of care_plan, coupon, deposit_discount"),
        (("rows", 0, "type"), [], "rows[0].type is []; expected one of care_plan"),
        (("rows", 0, "reasons"), [], "rows[0].reasons is []; expected a list of reason values, not empty"),
        (
            ("rows", 0, "reasons", 0),
            "mistake",
            "rows[0].reasons[0] is 'mistake'; expected one of price, logistics, stock",
        ),
        (("rows", 4, "reasons", 1), "logistics", "rows[4].reasons[1] is 'logistics'; expected each value once"),
        (("rows", 6, "stages", 0), "in_transit", "rows[6].stages[0] is 'in_transit'; expected one of delivered, after"),
        (("rows", 0, "kept"), 0, "rows[0].kept is 0; expected a number above 0"),
        (("rows", 0, "kept"), 1.5, "rows[0].kept is 1.5; expected a number from 0 to 1"),
        (("rows", 0, "generic"), "yes", "rows[0].generic is 'yes'; expected true or false"),
        (("rows", 0, "standing"), "always", "catalog.yml: rows[0].standing is 'always'; expected true or false"),
        (("rows", 3, "standing"), 1, "catalog.yml: rows[3].standing is 1; expected true or false"),
        (("rows", 3, "standing"), None, "catalog.yml: rows[3].standing is None; expected true or false"),
        (("rows", 3, "standing"), MISSING, "catalog.yml: rows[3].standing is missing; expected a value"),
        (("rows", 0, "consent"), "never", "rows[0].consent is 'never'; expected one of ask, auto"),
        (("rows", 0, "authority"), "root", "rows[0].authority is 'root'; expected one of bot, associate, manager"),
        (("rows", 0, "expires_hours"), 0, "rows[0].expires_hours is 0; expected a whole number from 1 to 720"),
        (("rows", 0, "parameters", "min_drop"), 15, "rows[0].parameters.min_drop is 15; expected a number from 0 to 1"),
        (("rows", 0, "parameters", "part", "min_percent"), 0, "rows[0].parameters.part.min_percent is 0"),
        (("rows", 0, "pitch"), "{fact}{name}", "expected no holes but {amount}, {concern}, {fact}, {order}, {share}"),
        (("rows", 0, "pitch"), "{fact.words}", "rows[0].pitch is '{fact.words}'; expected no holes but"),
        (("rows", 0, "pitch"), "{fact!r}", "expected no holes but"),
        (("rows", 0, "pitch"), "{fact", "expected a text in which every { has its }"),
        (("rows", 0, "why"), "  ", "rows[0].why is '  '; expected a text, not empty"),
        (
            ("rows", 1, "id"),
            "price_protection",
            "rows[1].id is 'price_protection'; expected an id that no other row has",
        ),
        (("rows", 1, "id"), "五元", "rows[1].id is '五元'; expected an id"),
        (("rows", 6, "audience"), {"rfm_above": 80, "rfm_max": 80}, "rows[6].audience.rfm_above is 80; expected"),
        (("rows", 6, "audience"), {"tiers": []}, "rows[6].audience.tiers is []; expected a list of tiers"),
        (("rows",), [], "rows is []; expected a list of rows, not empty"),
        (("caps", "order_margin_share"), 1.1, "caps.order_margin_share is 1.1; expected a number from 0 to 1"),
        (("caps", "customer", "cap_yuan"), None, "caps.customer.cap_yuan is None; expected yuan"),
        (("caps", "window_days"), 0, "caps.window_days is 0; expected a whole number from 1 to 366"),
        (("version",), 1, "version is 1; expected a text, not empty"),
        (("rules", 0, "id"), "high_value", "rules[1].id is 'high_value'; expected an id that no other row has"),
        (("rules", 0, "then"), {}, "rules[0].then is {}; expected at least one of deny, only, cap_yuan"),
        (("rules", 0, "then"), {"deny": False}, "rules[0].then.deny is False; expected true"),
        (
            ("rules", 0, "then"),
            {"only": ["gold"]},
            "rules[0].then.only is ['gold']; expected ids of rows of this catalog",
        ),
        (("rules", 0, "then"), {"pay": 5}, "rules[0].then.pay is not a known key; expected one of deny"),
        (
            ("rules", 0, "when"),
            {"weather": "rain"},
            "rules[0].when.weather is not a known key; expected one of rfm_above",
        ),
        (("rules", 0, "when"), {"reasons": ["fun"]}, "rules[0].when.reasons[0] is 'fun'; expected one of price"),
        (("rules", 0, "why"), MISSING, "rules[0].why is missing; expected a value"),
        (("rows", 0, "dates"), {"from": "11.11"}, "rows[0].dates.from is '11.11'; expected a day such as 2026-11-11"),
        (("rows", 0, "dates"), {"from": "2026-11-12", "until": "2026-11-11"}, "expected a day not before dates.from"),
        (
            ("rows", 0, "caps", "per_campaign_yuan"),
            9,
            "rows[0].caps.per_campaign_yuan is 9; expected a row with dates.from",
        ),
        (("rows", 0, "caps", "per_day_yuan"), -1, "rows[0].caps.per_day_yuan is -1; expected yuan"),
        (("rows", CARE, "kept"), 0.5, f"rows[{CARE}].kept is 0.5; expected no such key in a row with consent auto"),
        (("rows", CARE, "authority"), "manager", f"rows[{CARE}].authority is 'manager'; expected bot"),
        (("rows", CARE, "consent"), "ask", f"rows[{CARE}].reasons is missing"),
        (("rows", GIFT, "budget", "cap_yuan"), 4001, f"rows[{GIFT}].budget.cap_yuan is 4001; expected at most 4000.00"),
        (("rows", LINK, "reasons", 0), "weather", f"rows[{LINK}].reasons[0] is 'weather'; expected one of price"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_expected(
    path: tuple[str | int, ...], value: object, message: str
) -> None:
    assert message in refusal(changed(path, value))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the whole file is None; expected a mapping"),
        (b"version: [", "line 1, column 11 cannot be read"),
        (b"version: 1\nversion: 2", "line 2, column 1 cannot be read (key 'version' stands twice)"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"a: !!timestamp soon", "cannot be read"),
        (b"a: !!bool maybe", "cannot be read"),
        (b"a: 2025-99-99", "cannot be read"),
        (b"a: !!python/object/apply:os.getcwd []", "cannot be read"),
        (b"[" * 2000, "cannot be read"),
        (b"a: &a [*a]", "a is not a known key"),
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
