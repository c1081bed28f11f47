"""Scenarios: exactly one applies to an order, and whether two can meet is known exactly."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.condition import Condition
from policies.condition_words import in_words
from policies.interception import Interception, parse_interception
from policies.rows import PolicyError
from policies.scenario import Scenario
from retention.case import Case
from retention.customer import Customer
from retention.event import Event
from retention.hearing import Reason
from retention.order import Address, Line, Stage
from retention.risk import Intervention, Score
from retention.words import CHINA
from tests.unit.counter import NOW, POLICY, ROOT, order
from tests.unit.interception_cases import Row, or_complaint, rows, with_scenarios

STRENGTH = {intervention: rank for rank, intervention in enumerate(Intervention)}


def at(text: str) -> datetime:
    """A time in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA).astimezone(timezone.utc)


def lived(province: str, city: str) -> Address:
    return Address(province=province, city=city, district="", detail="", receiver="", phone="")


def goods(category: str, yuan: int = 100, qty: int = 1) -> Line:
    return Line(sku=category, title="", category=category, qty=qty, unit_price_fen=yuan * 100, unit_cost_fen=0)


def case(*, now: datetime = NOW, tier: str = "regular", **about: object) -> Case:
    return Case(now=now, order=order(**about), customer=Customer(customer_id="c-1", tier=tier))  # type: ignore[arg-type]


def fits(when: Row, about: Case) -> bool:
    return with_scenarios({"when": when}).scenario(about).id == "s0"


@pytest.mark.parametrize(
    ("when", "inside", "outside"),
    [
        ({"promotion": "any"}, case(promotion_id="x"), case(promotion_id=None)),
        ({"promotion": ["a", "b"]}, case(promotion_id="b"), case(promotion_id="c")),
        ({"categories": ["服饰"]}, case(lines=(goods("服饰/女装"),)), case(lines=(goods("服饰配件"),))),
        ({"categories": ["服饰/女装"]}, case(lines=(goods("服饰 > 女装 > 裙"),)), case(lines=(goods("服饰"),))),
        ({"categories": ["鞋"]}, case(lines=(goods("袜", 5), goods("鞋", 3, 2))), case(lines=(goods("袜", 5), goods("鞋", 2)))),
        ({"regions": ["浙江"]}, case(address=lived("浙江省", "杭州市")), case(address=lived("江苏省", "苏州市"))),
        ({"regions": ["浙江省/杭州"]}, case(address=lived("浙江", "杭州市")), case(address=lived("浙江", "宁波市"))),
        ({"regions": ["内蒙古自治区"]}, case(address=lived("内蒙古", "包头")), case(address=lived("火星", "内蒙古"))),
        ({"order_yuan": {"from": 200, "below": 500}}, case(paid_fen=20000), case(paid_fen=50000)),
        ({"order_yuan": {"from": 500}}, case(paid_fen=50000), case(paid_fen=49999)),
        ({"dates": {"until": date(2026, 11, 11)}}, case(now=at("2026-11-11T23:59")), case(now=at("2026-11-12T00:00"))),
        ({"dates": {"from": date(2026, 11, 1)}}, case(now=at("2026-11-01T00:00")), case(now=at("2026-10-31T23:59"))),
        ({"season": {"from": "12-20", "until": "01-10"}}, case(now=at("2031-01-10T12:00")), case(now=at("2031-01-11T12:00"))),
        ({"season": {"from": "12-20", "until": "01-10"}}, case(now=at("2031-12-20T00:00")), case(now=at("2031-12-19T23:00"))),
        ({"hours": {"from": 22, "until": 6}}, case(now=at("2026-11-01T22:00")), case(now=at("2026-11-01T06:00"))),
        ({"hours": {"from": 9, "until": 24}}, case(now=at("2026-11-01T23:59")), case(now=at("2026-11-01T00:00"))),
        ({"tiers": ["gold", "silver"]}, case(tier="gold"), case(tier="new")),
        ({"channels": ["live"]}, case(channel="live"), case(channel=None)),
        ({"stages": ["in_transit"]}, case(stage=Stage.IN_TRANSIT), case(stage=Stage.DELIVERED)),
        ({"promotion": "any", "order_yuan": {"from": 100}}, case(promotion_id="x", paid_fen=10000), case(paid_fen=10000)),
    ],
)  # fmt: skip
def test_a_condition_fits_what_it_says_and_nothing_else(when: Row, inside: Case, outside: Case) -> None:
    assert fits(when, inside)
    assert not fits(when, outside)


def test_of_rows_that_fit_the_highest_priority_applies_wherever_it_stands() -> None:
    read = with_scenarios(
        {"id": "sale", "when": {"promotion": "any"}, "threshold": 0.5},
        {"id": "gold", "when": {"tiers": ["gold"]}, "threshold": 0.6, "priority": 2},
        {"id": "far", "when": {"regions": ["西藏"]}, "threshold": 0.4, "priority": 1},
    )
    both = case(promotion_id="x", tier="gold")
    choice = read.choose(both, Score(probability=0.55))
    assert (choice.scenario, choice.threshold, choice.intercept) == ("gold", 0.6, False)
    assert read.choose(case(promotion_id="x"), Score(probability=0.55)).scenario == "sale"
    assert read.choose(case(), Score(probability=0.55)).scenario == "everyday"


def test_a_scenario_says_what_to_do_about_an_order_in_danger_and_why() -> None:
    read = with_scenarios({"when": {"tiers": ["gold"]}, "intervention": "handoff", "why": "金卡交给人"})
    gold = case(tier="gold")
    choice = read.choose(gold, Score(probability=0.9))
    assert (choice.intervention, choice.why) == (Intervention.HANDOFF, "金卡交给人")
    assert read.choose(gold, Score(probability=0.1)).intervention is Intervention.INFORM


def test_an_unpaid_order_is_let_go_in_every_scenario() -> None:
    read = with_scenarios({"when": {"tiers": ["gold"]}, "intervention": "handoff"})
    unpaid = Case(
        now=NOW,
        order=order(stage=Stage.PENDING_PAYMENT),
        customer=Customer(customer_id="c-1", tier="gold"),
        goal="cancel_order",
    )
    assert read.choose(unpaid, Score(probability=0.99)).intervention is Intervention.RELEASE


def test_danger_never_gets_less_than_calm_would() -> None:
    read = with_scenarios({"when": {"tiers": ["gold"]}, "intervention": "soothe"})
    late = case(tier="gold", late_hours=5)
    choice = read.choose(late, Score(probability=0.9))
    assert (choice.intercept, choice.intervention, choice.rule) == (True, Intervention.EXPEDITE, "late")


MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: f"{day:%m-%d}")
NEAR = st.dates(date(2026, 10, 1), date(2028, 3, 10))


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


def span(low: str, high: str, values: st.SearchStrategy[int]) -> st.SearchStrategy[Row]:
    pairs = st.tuples(values, values).map(sorted).filter(lambda pair: pair[0] < pair[1])
    return pairs.map(lambda pair: {low: pair[0], high: pair[1]})


WHENS = st.fixed_dictionaries(
    {},
    optional={
        "promotion": st.just("any") | some("a", "b", "c"),
        "categories": some("服饰", "服饰/女装", "服饰/女装/裙", "服饰/男装", "鞋"),
        "regions": some("浙江", "浙江/杭州", "浙江/宁波", "江苏", "新疆"),
        "order_yuan": span("from", "below", st.integers(0, 6)),
        "dates": st.tuples(NEAR, NEAR).map(sorted).map(lambda pair: {"from": pair[0], "until": pair[1]}),
        "season": st.fixed_dictionaries({"from": MONTH_DAYS, "until": MONTH_DAYS}),
        "hours": st.tuples(st.integers(0, 23), st.integers(1, 24))
        .filter(lambda pair: pair[0] != pair[1])
        .map(lambda pair: {"from": pair[0], "until": pair[1]}),
        "tiers": some("new", "gold"),
        "channels": some("app", "live"),
        "stages": some("in_transit", "delivered"),
    },
).filter(bool)
CASES = st.builds(
    lambda promotion, category, place, yuan, day, hour, tier, channel, stage: case(
        promotion_id=promotion,
        lines=(goods(category),),
        address=lived(*place),
        paid_fen=yuan * 100,
        now=datetime(day.year, day.month, day.day, hour, tzinfo=CHINA),
        tier=tier,
        channel=channel,
        stage=stage,
    ),
    st.sampled_from([None, "a", "b", "c", "d"]),
    st.sampled_from(["服饰", "服饰/女装", "服饰/女装/裙", "服饰/男装", "鞋", "袜"]),
    st.sampled_from([("浙江省", "杭州市"), ("浙江省", "宁波市"), ("江苏省", "苏州市"), ("新疆维吾尔自治区", "喀什市")]),
    st.integers(0, 6),
    NEAR,
    st.integers(0, 23),
    st.sampled_from(["new", "gold", "other"]),
    st.sampled_from([None, "app", "live"]),
    st.sampled_from([Stage.IN_TRANSIT, Stage.DELIVERED]),
)


def condition(when: Row) -> Condition:
    return possible({"when": when}).scenarios[0].when


def possible(*scenarios: Row) -> Interception:
    """Seasons that lie outside their dates are tried elsewhere."""
    read = or_complaint(*scenarios)
    assume(not isinstance(read, PolicyError))
    assert isinstance(read, Interception)
    return read


def witness(both: Condition) -> Case:
    """Some order that a condition fits, picked from the condition alone."""
    promotions = both.promotions or {"none"}
    region = min(both.regions or {("浙江", "杭州")})
    days = both.days
    day = next(
        date.fromordinal(number)
        for number in range(max(days.first.toordinal() if days else 1, date(2026, 1, 1).toordinal()), 10**6)
        if days is None or days.include(date.fromordinal(number))
    )
    hour = min(both.hours or {12})
    return case(
        promotion_id=min(promotions) if both.promotions else None,
        lines=(goods("/".join(min(both.categories or {("鞋",)}))),),
        address=lived(region[0], region[1] if len(region) > 1 else ""),
        paid_fen=both.paid_fen.start if both.paid_fen else 100,
        now=datetime(day.year, day.month, day.day, hour, tzinfo=CHINA),
        tier=min(both.tiers or {"regular"}),
        channel=min(both.channels or {"app"}),
        stage=min(both.stages or {Stage.IN_TRANSIT}),
    )


@given(one=WHENS, other=WHENS, about=CASES)
def test_two_conditions_meet_exactly_when_an_order_can_fit_both(one: Row, other: Row, about: Case) -> None:
    first, second = condition(one), condition(other)
    both = first.common(second)
    if both is None:
        assert not (first.fits(about) and second.fits(about))
        return
    assert both.fits(about) is (first.fits(about) and second.fits(about))
    found = witness(both)
    assert first.fits(found), in_words(first)
    assert second.fits(found), in_words(second)


@given(one=WHENS, other=WHENS)
def test_rows_of_one_priority_load_exactly_when_they_cannot_meet(one: Row, other: Row) -> None:
    meet = condition(one).common(condition(other)) is not None
    read = or_complaint({"when": one}, {"when": other})
    assert isinstance(read, PolicyError) is meet
    with_scenarios({"when": one}, {"when": other, "priority": 1})


TABLES = st.lists(st.tuples(WHENS, st.floats(0, 1), st.sampled_from([None, *Intervention])), max_size=4)


def table(scenarios: list[tuple[Row, float, Intervention | None]]) -> Interception:
    named = [
        {
            "when": when,
            "threshold": threshold,
            "priority": number,
            **({"intervention": then.value} if then else {}),
        }
        for number, (when, threshold, then) in enumerate(scenarios)
    ]
    return possible(*named)


def fitting(read: Interception, about: Case) -> list[Scenario]:
    return [scenario for scenario in read.scenarios if scenario.when.fits(about)]


@given(scenarios=TABLES, about=CASES)
def test_every_case_has_exactly_one_scenario_and_it_outranks_the_others(
    scenarios: list[tuple[Row, float, Intervention | None]], about: Case
) -> None:
    read = table(scenarios)
    chosen, *rest = fitting(read, about)
    assert read.scenario(about) == chosen
    assert all(other.is_everyday or other.priority < chosen.priority for other in rest)
    assert read.choose(about, Score(probability=0.5)).scenario == chosen.id


@given(
    scenarios=TABLES,
    about=CASES,
    goal=st.sampled_from([None, "cancel_order", "request_refund", "delivery_delay"]),
    reasons=st.lists(st.sampled_from(Reason), max_size=2),
    low=st.floats(0, 1),
    high=st.floats(0, 1),
)
def test_in_any_table_more_risk_never_weakens_the_intervention(
    scenarios: list[tuple[Row, float, Intervention | None]],
    about: Case,
    goal: str | None,
    reasons: list[Reason],
    low: float,
    high: float,
) -> None:
    low, high = sorted((low, high))
    read = table(scenarios)
    talked = Case(now=about.now, order=about.order, customer=about.customer, goal=goal, reasons=tuple(reasons))
    calm, tense = read.choose(talked, Score(probability=low)), read.choose(talked, Score(probability=high))
    assert STRENGTH[calm.intervention] <= STRENGTH[tense.intervention]
    assert calm.intercept <= tense.intercept


@given(
    scenarios=TABLES.filter(bool),
    lowered=st.floats(0, 1),
    about=st.lists(st.tuples(CASES, st.floats(0, 1)), max_size=6),
)
def test_lowering_a_threshold_never_intercepts_fewer(
    scenarios: list[tuple[Row, float, Intervention | None]],
    lowered: float,
    about: list[tuple[Case, float]],
) -> None:
    (when, threshold, then), *rest = scenarios
    before = table(scenarios)
    after = table([(when, min(threshold, lowered), then), *rest])
    for each, probability in about:
        score = Score(probability=probability)
        assert before.choose(each, score).intercept <= after.choose(each, score).intercept


def test_a_behaviour_intercepts_in_every_scenario() -> None:
    changes = tuple(
        Event(event_id=str(hour), kind="behaviour.address_changed", at=NOW - timedelta(hours=hour)) for hour in range(3)
    )
    about = Case(now=NOW, order=order(promotion_id="x"), customer=Customer(customer_id="c-1"), events=changes)
    choice = POLICY.choose(about, Score(probability=0.1))
    assert (choice.intercept, choice.scenario, choice.rule) == (True, "promotion", "danger_in_talk+address_switching")


def test_the_example_of_the_manual_loads_as_it_says() -> None:
    text = (ROOT / "docs" / "interception.md").read_text(encoding="utf-8")
    example = yaml.safe_load(text.split("```yaml\n")[1].split("```")[0])
    read = parse_interception({**rows(), **example}, file="interception.md", digest="doc")
    assert [scenario.id for scenario in read.scenarios] == [
        "dear_gold",
        "far_in_winter",
        "double11",
        "promotion",
        "everyday",
    ]


def test_the_complaint_of_the_manual_is_the_one_that_is_made() -> None:
    complaint = or_complaint(
        {"id": "promotion", "when": {"promotion": "any"}}, {"id": "gold", "when": {"tiers": ["gold"]}}
    )
    text = (ROOT / "docs" / "interception.md").read_text(encoding="utf-8")
    assert str(complaint) in text.replace("\n> ", "")
