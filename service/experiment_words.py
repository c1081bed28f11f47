"""How the experiment is told to whoever runs the shop: no rate without its control, no estimate without its interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compensation.lift_report import FEWEST, By, LiftReport, LiftRow, Verdict
from compensation.off_policy import Estimated, Value
from compensation.replay import Compared, Evaluation
from retention.moves.person import REASONS
from retention.words import day
from service.glossary import TIERS

GROUPINGS = {By.OFFER: "方案", By.REASON: "原因", By.TIER: "会员等级", By.VARIANT: "目录版本"}
KEPT = {Verdict.MORE: "多留住 ", Verdict.LESS: "反而少留住 ", Verdict.UNCLEAR: "看不出差别："}
BETTER = {Verdict.MORE: "更好", Verdict.LESS: "更差", Verdict.UNCLEAR: "看不出差别"}


def lift_lines(found: LiftReport, titles: Mapping[str, str]) -> Iterator[str]:
    """``titles`` names offers in Chinese."""
    until = f"，最新到 {day(found.until)}" if found.until else ""
    yield f"补偿带来的变化，按{GROUPINGS[found.by]}（只算已过退货期的 {found.customers} 位顾客，每位只算第一次{until}）"
    if found.by is not By.VARIANT:
        yield f"全部：{row_words(found.by, found.total)}"
    for row in found.rows:
        yield f"{name_of(found.by, row.key, titles)}：{row_words(found.by, row)}"
    if found.by is By.VARIANT and not found.rows:
        yield "没有试行中的目录：在 catalog.yml 的 experiment.challenger 里写上名称、文件和比例。"
    yield from caveats(found)


def row_words(by: By, row: LiftRow) -> str:
    """Counts always; shares and differences only against a control that is large enough."""
    control = "现用目录" if by is By.VARIANT else "没给"
    counted = f"给了 {row.treated_n} 位，{control} {row.control_n} 位"
    if row.verdict is Verdict.NO_CONTROL:
        return f"{counted}。没有对照，不知道其中多少是补偿留住的"
    if row.kept is None or row.margin is None:
        return f"{counted}。两边都要满 {FEWEST} 位才比得出来，现在不下结论"
    shares = f"留住 {row.treated_kept / row.treated_n:.1%} 对 {row.control_kept / row.control_n:.1%}"
    return f"{counted}，{shares}。{_lift(row.verdict, row.kept)}；每单净毛利 {_yuan(row.margin, ' 元')}"


def name_of(by: By, key: str, titles: Mapping[str, str]) -> str:
    if by is By.OFFER:
        return titles.get(key, key)
    if by is By.TIER:
        return TIERS.get(key, key)
    return REASONS.get(key, "没说原因" if key == "general" else key) if by is By.REASON else key


def caveats(found: LiftReport) -> Iterator[str]:
    """What is not in the figures, and whether they are of a real shop."""
    yield f"没有计入：{found.waiting} 位还没过退货期，{found.undecided} 位结果说不清。"
    yield from _synthetic(found.synthetic, found.customers)


def evaluation_lines(found: Evaluation) -> Iterator[str]:
    yield (
        f"用 {day(found.since)}到 {day(found.until)}的 {found.decisions} 条已结算决定重放"
        f"（其中 {found.held_out} 条没给方案），新目录会改变 {found.changed:.0%} 的决定"
    )
    yield "每次决定的净毛利，元（95% 区间）"
    for name, value in (("新目录", found.new), ("现目录", found.now), ("都不给", found.nothing)):
        yield f"  {name}  {_value(value)}"
    yield f"新目录比现目录：{_compared(found.against_now)}"
    yield f"新目录比都不给：{_compared(found.against_nothing)}"
    for caution in found.new.warnings:
        yield f"注意：{caution.why}"
    if found.unseen:
        yield f"注意：新目录有 {found.unseen:.0%} 的决定没有先例，这部分按没有收益算"
    yield "只重放了当时本来就会给方案的决定；当时不给、新目录要给的，这里看不到。"
    yield from _synthetic(found.synthetic, found.decisions)


def _lift(verdict: Verdict, kept: Estimated) -> str:
    sign = -1 if verdict is Verdict.LESS else 1
    low, high = sorted((sign * kept.low, sign * kept.high))
    return f"{KEPT[verdict]}{sign * kept.value * 100:.1f} 个百分点（95% 区间 {low * 100:.1f} 到 {high * 100:.1f}）"


def _value(value: Value) -> str:
    return (
        f"DR {_yuan(value.dr)}  SNIPS {_yuan(value.snips)}  IPS {_yuan(value.ips)}  相当于 {value.effective_n:.0f} 条"
    )


def _compared(found: Compared) -> str:
    return f"{_yuan(found.difference, ' 元')}，{BETTER[found.verdict]}"


def _yuan(found: Estimated, unit: str = "") -> str:
    return f"{found.value / 100:+.2f}{unit}（{found.low / 100:+.2f} 到 {found.high / 100:+.2f}）"


def _synthetic(made_up: int, of: int) -> Iterator[str]:
    if made_up == of > 0:
        yield "注意：全部来自演示店铺，是合成数据，不是真实效果。"
    elif made_up:
        yield f"注意：{of} 位里有 {made_up} 位来自演示店铺，是合成数据，不是真实效果。"
