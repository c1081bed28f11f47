"""Reading the interception rows: whatever is wrong is refused with its path, what is expected and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies.interception import load, read_interception
from policies.rows import PolicyError
from tests.unit.interception_cases import RULES, SHIPPED, Row, dumped, rows, with_scenarios

Place = tuple[str | int, ...]


def refused(change: dict[Place, object]) -> PolicyError:
    data = rows()
    for place, value in change.items():
        put(data, place, value)
    with pytest.raises(PolicyError) as error:
        read_interception(dumped(data), file="interception.yml")
    return error.value


def put(data: Any, place: Place, value: object) -> None:
    for key in place[:-1]:
        data = data[key]
    data[place[-1]] = value


@pytest.mark.parametrize(
    ("place", "value", "path", "expected"),
    [
        (("scenarios", 0, "threshold"), 1.7, "scenarios[0].threshold", "0 到 1 的数"),
        (("scenarios", 0, "threshold"), "0.7", "scenarios[0].threshold", "0 到 1 的数"),
        (("scenarios", 1, "tresh"), 0.7, "scenarios[1].tresh", "以下键之一"),
        (("scenarios", 1, "id"), "everyday", "scenarios[1].id", "别的行没有用过的编号"),
        (("scenarios", 1, "id"), "促销", "scenarios[1].id", "编号"),
        (("scenarios", 1, "intervention"), "bribe", "scenarios[1].intervention", "以下之一"),
        (("scenarios", 1, "priority"), -1, "scenarios[1].priority", "0 到 1000 的整数"),
        (("scenarios", 0, "priority"), 3, "scenarios[0].priority", "不写"),
        (("scenarios", 1, "when"), {}, "scenarios[1].when", "至少一个条件"),
        (("scenarios", 1, "when", "region"), ["浙江省"], "scenarios[1].when.region", "以下键之一"),
        (("scenarios", 1, "when", "promotion"), "double11", "scenarios[1].when.promotion", "列表"),
        (("scenarios", 1, "when", "promotion"), [618], "scenarios[1].when.promotion[0]", "文字"),
        (("scenarios", 1, "when", "promotion"), [], "scenarios[1].when.promotion", "至少一项"),
        (("scenarios", 1, "when", "regions"), ["折江省"], "scenarios[1].when.regions[0]", "省"),
        (("scenarios", 1, "when", "regions"), ["杭州市"], "scenarios[1].when.regions[0]", "省"),
        (("scenarios", 1, "when", "regions"), ["浙江省/杭州市/西湖区"], "scenarios[1].when.regions[0]", "省/市"),
        (("scenarios", 1, "when", "categories"), [" / "], "scenarios[1].when.categories[0]", "品类"),
        (("scenarios", 1, "when", "tiers"), ["glod"], "scenarios[1].when.tiers[0]", "以下之一"),
        (("scenarios", 1, "when", "channels"), ["fax"], "scenarios[1].when.channels[0]", "以下之一"),
        (("scenarios", 1, "when", "stages"), ["shipped"], "scenarios[1].when.stages[0]", "以下之一"),
        (("scenarios", 1, "when", "order_yuan"), {"from": 500, "below": 500}, "scenarios[1].when.order_yuan.below", "大于"),
        (("scenarios", 1, "when", "order_yuan"), {"from": 0.001}, "scenarios[1].when.order_yuan.from", "两位小数"),
        (("scenarios", 1, "when", "order_yuan"), {}, "scenarios[1].when.order_yuan.from", "元数"),
        (("scenarios", 1, "when", "hours"), {"from": 8, "until": 8}, "scenarios[1].when.hours.until", "不同的整点"),
        (("scenarios", 1, "when", "hours"), {"from": 8, "until": 25}, "scenarios[1].when.hours.until", "1 到 24"),
        (("scenarios", 1, "when", "season"), {"from": "02-30", "until": "03-01"}, "scenarios[1].when.season.from", "日历"),
        (("scenarios", 1, "when", "season"), {"from": "11-01"}, "scenarios[1].when.season.until", "每年的一天"),
        (("behaviour", 0, "count"), "three", "behaviour[0].count", "1 到 100 的整数"),
        (("behaviour", 0, "event"), "address changed", "behaviour[0].event", "事件种类"),
        (("behaviour", 0, "within_hours"), 24 * 90, "behaviour[0].within_hours", "0.1 到 1440 的数"),
        (("behaviour", 1, "id"), "address_switching", "behaviour[1].id", "别的行没有用过的编号"),
        (("interventions", 1, "then"), "bribe", "interventions[1].then", "以下之一"),
        (("interventions", 1, "id"), "leaving", "interventions[3].id", "别的行没有用过的编号"),
        (("interventions", 0, "when", "stages"), ["lost"], "interventions[0].when.stages[0]", "以下之一"),
        (("person", "words", 0, "patterns"), ["("], "person.words[0].patterns", "正则表达式"),
        (("route", "understood"), 7, "route.understood", "0 到 1 的数"),
        (("bands", "medium"), 0.9, "bands.medium", "medium ≤ high ≤ critical"),
        (("known", "tiers"), [], "known.tiers", "至少一项"),
        (("offer_rounds",), 3, "offer_rounds", "0 到 2 的整数"),
        (("thresholds",), {"default": 0.7}, "thresholds", "以下键之一"),
        (("scenarios",), [], "scenarios", "恰好一行不写 when"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_its_path_and_what_is_expected(
    place: Place, value: object, path: str, expected: str
) -> None:
    error = refused({place: value})
    assert (error.file, error.path) == ("interception.yml", path)
    assert expected in error.expected
    assert str(error).startswith(f"interception.yml：{path} ")


@pytest.mark.parametrize(
    ("place", "value", "remedy"),
    [
        (("scenarios", 0, "treshold"), 0.7, "是不是想写 threshold？"),
        (("scenarios", 1, "when", "regions"), ["浙江杭州"], "是不是想写 浙江省？"),
        (("scenarios", 1, "when", "regions"), ["杭州市"], "例如 浙江省/杭州市"),
        (("scenarios", 1, "when", "tiers"), ["glod"], "是不是想写 gold？"),
        (("scenarios", 1, "when", "tiers"), ["钻石"], "把它加进 known.tiers"),
        (("scenarios", 1, "when", "stages"), ["pending_shipmnt"], "是不是想写 pending_shipment？"),
        (("scenarios", 1, "when", "promotion"), [618], "数字和日期也要加引号"),
        (("interventions", 1, "then"), "compensat", "是不是想写 compensate？"),
    ],
)
def test_a_complaint_says_what_to_do(place: Place, value: object, remedy: str) -> None:
    error = refused({place: value})
    assert remedy in error.remedy
    assert error.remedy in str(error)


def test_two_everyday_rows_are_named() -> None:
    error = refused({("scenarios",): [{"id": name, "why": "试", "threshold": 0.5} for name in ("a", "b")]})
    assert (error.path, "scenarios[0]、scenarios[1]" in error.remedy) == ("scenarios", True)


def test_overlapping_rows_are_refused_with_both_ids_what_they_share_and_what_to_do() -> None:
    with pytest.raises(PolicyError) as refusal:
        with_scenarios(
            {"id": "coats", "when": {"categories": ["服饰"], "season": {"from": "11-01", "until": "02-01"}}},
            {"id": "women", "when": {"categories": ["服饰/女装", "鞋"], "order_yuan": {"from": 500}}},
        )
    error = refusal.value
    assert error.path == "scenarios[1].when"
    assert (
        "coats 和 women 都管得到：品类 服饰/女装，订单金额 500 元起，日期 每年 11 月 1 日到 2 月 1 日。" in error.remedy
    )
    assert "priority: 1" in error.remedy


def test_overlapping_rows_of_different_priorities_are_in_order() -> None:
    read = with_scenarios(
        {"id": "coats", "when": {"categories": ["服饰"]}},
        {"id": "women", "when": {"categories": ["服饰/女装"]}, "priority": 1},
    )
    assert [scenario.id for scenario in read.scenarios] == ["women", "coats", "everyday"]


def test_a_file_that_is_gone_is_a_complaint_like_any_other(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="打不开") as error:
        load(tmp_path / "interception.yml")
    assert str(tmp_path) in error.value.file


@pytest.mark.parametrize(
    "odd", ["0x" + "f" * 5000, "[" * 5000, "2026-13-45", "&a [*a]", ".nan", "!!python/object:os.system {}"]
)
def test_what_yaml_itself_stumbles_over_is_a_complaint(odd: str) -> None:
    with pytest.raises(PolicyError) as error:
        read_interception(SHIPPED.replace("threshold: 0.70", f"threshold: {odd}").encode(), file="interception.yml")
    assert len(str(error.value)) < 500


def test_a_key_that_stands_twice_is_refused_with_its_line() -> None:
    twice = SHIPPED.replace("offer_rounds: 1\n", "offer_rounds: 1\noffer_rounds: 2\n")
    with pytest.raises(PolicyError, match="offer_rounds 写了两次") as error:
        read_interception(twice.encode(), file="interception.yml")
    assert error.value.path.startswith("第 ")


def places(data: object, above: Place = ()) -> list[Place]:
    """Every place of some YAML data, the top among them."""
    inner: list[tuple[str | int, object]] = []
    if isinstance(data, dict):
        inner = list(data.items())
    elif isinstance(data, list):
        inner = list(enumerate(data))
    return [above, *(place for key, value in inner for place in places(value, (*above, key)))]


FULL: Row = {
    **rows(),
    "scenarios": [
        {"id": "everyday", "threshold": 0.7, "why": "平日"},
        {
            "id": "all_of_it", "threshold": 0.5, "why": "都写", "intervention": "handoff", "priority": 2,
            "when": {
                "promotion": ["double11"], "categories": ["服饰/女装"], "regions": ["浙江省/杭州市", "新疆"],
                "order_yuan": {"from": 100, "below": 999.5}, "dates": {"from": yaml.safe_load("2026-11-01")},
                "season": {"from": "12-20", "until": "01-10"}, "hours": {"from": 22, "until": 6},
                "tiers": ["gold"], "channels": ["live"], "stages": ["in_transit"],
            },
        },
        {"id": "promotion", "threshold": 0.5, "why": "促销", "when": {"promotion": "any"}},
    ],
}  # fmt: skip
PLACES = places(FULL)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=8,
)


@given(place=st.sampled_from(PLACES), junk=JUNK, how=st.sampled_from(["put", "beside", "gone"]))
def test_whatever_is_written_anywhere_loads_or_is_a_complaint_with_its_place(place: Place, junk: Any, how: str) -> None:
    data: Any = yaml.safe_load(yaml.safe_dump(FULL))
    if not place:
        data = junk
    elif how == "put":
        put(data, place, junk)
    else:
        holder = data
        for key in place[:-1]:
            holder = holder[key]
        if how == "gone":
            del holder[place[-1]]
        elif isinstance(holder, dict):
            holder[junk if isinstance(junk, (str, int, float)) else "odd"] = junk
        else:
            holder.insert(int(place[-1]), junk)
    loads_or_complains(dumped(data))


@given(content=st.binary(max_size=40) | st.text("[]{}:-,&*!|>\"'%@#?\n ab1", max_size=40).map(str.encode))
def test_no_text_at_all_does_more_than_complain(content: bytes) -> None:
    loads_or_complains(content)


@given(at=st.integers(0, len(SHIPPED)), more=st.text("[]{}:-,&*!|>\"'%@#?\n 0a", min_size=1, max_size=3))
def test_a_slip_of_the_keyboard_anywhere_loads_or_is_a_complaint(at: int, more: str) -> None:
    loads_or_complains((SHIPPED[:at] + more + SHIPPED[at:]).encode())


def loads_or_complains(content: bytes) -> None:
    try:
        read = read_interception(content, file="interception.yml")
    except PolicyError as error:
        complaint = error
    else:
        assert [scenario.is_everyday for scenario in read.scenarios].index(True) == len(read.scenarios) - 1
        return
    assert str(complaint).startswith("interception.yml：")
    assert complaint.expected


def test_the_shipped_rows_are_the_sources_figures() -> None:
    assert {scenario.id: scenario.threshold for scenario in load(RULES).scenarios} == {
        "everyday": 0.7,
        "promotion": 0.5,
    }
