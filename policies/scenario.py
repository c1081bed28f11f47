"""A scenario: some of the orders, and from which risk on the shop steps in there. Exactly one applies to a case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from policies.condition import ANY, ANY_PROMOTION, ENDLESS_FEN, Condition, Path, category_path
from policies.condition_words import in_words
from policies.days import read_days, read_hours
from policies.regions import read_regions
from policies.rows import PolicyError, Row, unique
from retention.case import Case
from retention.order import Stage
from retention.risk import Intervention

EVERYWHERE = Condition()
"""That of the everyday scenario, which applies where no other does."""
MOST_YUAN = 100_000_000
_WHEN = (
    *("promotion", "categories", "regions", "order_yuan", "dates", "season", "hours", "tiers", "channels", "stages"),
)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Intercept when the probability is above ``threshold``. ``intervention`` replaces the one that the rows of
    ``interventions`` have for an order in danger; None leaves it to them. Of those that fit, the highest ``priority`` applies.
    """

    id: str
    why: str
    threshold: float
    intervention: Intervention | None = None
    priority: int = 0
    when: Condition = EVERYWHERE

    @property
    def is_everyday(self) -> bool:
        return self.when == EVERYWHERE


def applying(scenarios: Sequence[Scenario], case: Case) -> Scenario:
    """The one that applies, of scenarios as ``read_scenarios`` gives them."""
    return next(scenario for scenario in scenarios if scenario.when.fits(case))


def read_scenarios(top: Row, *, known: Mapping[str, Sequence[str]]) -> tuple[Scenario, ...]:
    """In the order in which they apply, the everyday one last. ``known`` are the shop's words for ``tiers`` and ``channels``.

    Raises PolicyError, also where two rows fit one order and neither comes before the other.
    """
    rows = top.rows("scenarios")
    scenarios = [_scenario(row, known) for row in rows]
    unique(rows, [scenario.id for scenario in scenarios])
    everyday = [row for row, scenario in zip(rows, scenarios, strict=True) if scenario.is_everyday]
    if len(everyday) != 1:
        names = "、".join(row.path for row in everyday) or "一行也没有"
        remedy = f"没有 when 的行管其余所有订单，现在：{names}"
        raise PolicyError(top.file, "scenarios", f"{len(scenarios)} 行", "恰好一行不写 when", remedy)
    for (_, one), (row, other) in combinations(zip(rows, scenarios, strict=True), 2):
        _refuse_overlap(row, one, other)
    return tuple(sorted(scenarios, key=lambda scenario: (scenario.is_everyday, -scenario.priority)))


def _refuse_overlap(row: Row, one: Scenario, other: Scenario) -> None:
    if one.is_everyday or other.is_everyday or one.priority != other.priority:
        return
    both = one.when.common(other.when)
    if both is not None:
        expected = f"与 {one.id} 没有共同订单的条件，或不同的 priority"
        remedy = (
            f"{one.id} 和 {other.id} 都管得到：{in_words(both)}。"
            f"想让 {other.id} 优先就写 priority: {one.priority + 1}，想让 {one.id} 优先就给它写，或改窄其中一个 when"
        )
        raise PolicyError(row.file, f"{row.path}.when", in_words(other.when), expected, remedy)


def _scenario(row: Row, known: Mapping[str, Sequence[str]]) -> Scenario:
    row.only("id", "why", "when", "threshold", "intervention", "priority")
    if "priority" in row and "when" not in row:
        raise row.error("priority", "不写：没有 when 的行总在最后", "去掉 priority，或写上 when")
    return Scenario(
        id=row.identifier("id"),
        why=row.text("why"),
        threshold=row.number("threshold", 0, 1),
        intervention=row.choice("intervention", Intervention) if "intervention" in row else None,
        priority=row.whole("priority", 0, 1000) if "priority" in row else 0,
        when=_condition(row, known) if "when" in row else EVERYWHERE,
    )


def _condition(parent: Row, known: Mapping[str, Sequence[str]]) -> Condition:
    row = parent.row("when")
    row.only(*_WHEN)
    if row.is_empty:
        raise parent.error("when", f"至少一个条件：{'、'.join(_WHEN)}", "管其余所有订单的那一行不写 when")
    return Condition(
        promotions=_promotions(row) if "promotion" in row else None,
        categories=frozenset(_categories(row)) if "categories" in row else None,
        regions=read_regions(row, "regions") if "regions" in row else None,
        paid_fen=_amounts(row.row("order_yuan")) if "order_yuan" in row else None,
        days=read_days(row),
        hours=read_hours(row.row("hours")) if "hours" in row else None,
        tiers=row.among("tiers", known["tiers"], _ADD.format("tiers")) if "tiers" in row else None,
        channels=row.among("channels", known["channels"], _ADD.format("channels")) if "channels" in row else None,
        stages=frozenset(row.choices("stages", Stage)) if "stages" in row else None,
    )


_ADD = "系统里真有这个写法，就把它加进 known.{}"


def _promotions(row: Row) -> frozenset[str]:
    """``any``, or a list of ids."""
    if row.says("promotion", ANY):
        return ANY_PROMOTION
    ids = frozenset(row.texts("promotion"))
    if ANY in ids:
        raise row.error("promotion", "活动编号的列表，或单写 any")
    return ids


def _categories(row: Row) -> Iterator[Path]:
    for index, text in enumerate(row.texts("categories")):
        path = category_path(text)
        if not path:
            raise row.error_in("categories", index, "品类，例如 服饰 或 服饰/女装")
        yield path


def _amounts(row: Row) -> range:
    row.only("from", "below")
    if row.is_empty:
        raise row.error("from", "元数", "from 和 below 至少写一个；不限金额就不写 order_yuan")
    start = row.fen("from", MOST_YUAN) if "from" in row else 0
    stop = row.fen("below", MOST_YUAN) if "below" in row else ENDLESS_FEN
    if start >= stop:
        raise row.error("below", "大于 from 的元数", "把 from 和 below 对调")
    return range(start, stop)
