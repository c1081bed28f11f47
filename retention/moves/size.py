"""The size adviser: asks for what it lacks, says how sure it is and on what grounds, and swaps on a yes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from retention.change import ChangeKind
from retention.conversation import Expecting
from retention.event import Event
from retention.hearing import EntityKind
from retention.moves.lines import with_line
from retention.order import Line, Order
from retention.reply import PERSON, Button, Say
from retention.shelf import VariantStock, variants
from retention.sizing import Advice, Build, Goods, Sureness, advise, goods_of, runs
from retention.visit import Answer, Visit, plain

CHART_DAYS = 400
KEYS = {
    (Sureness.SURE, False): "size_sure",
    (Sureness.SURE, True): "size_sure_bought",
    (Sureness.LIKELY, False): "size_likely",
    (Sureness.LIKELY, True): "size_likely_bought",
    (Sureness.UNSURE, False): "size_unsure",
    (Sureness.UNSURE, True): "size_unsure_bought",
}
"""How sure, and whether it is the size that was bought."""
SIZE = re.compile(r"XX+S|[2-6]?X*[SML]L?|[2-6]XL|\d{2,3}(\.5)?|\d{3}/\d{2,3}[A-Z]?")


def size_advice(visit: Visit, order: Order) -> Answer:
    """advise_size, and every answer to the question for height and weight."""
    return with_line(visit, order, advise_line)


def build_heard(visit: Visit) -> Build:
    """What was said of the build in this conversation, the last word first."""

    def last(kind: EntityKind) -> str | None:
        said = (value for hearing in reversed(visit.hearings) if (value := hearing.first(kind)) is not None)
        return next(said, None)

    height, weight = last(EntityKind.HEIGHT), last(EntityKind.WEIGHT)
    return Build(
        height_cm=float(height) if height else None,
        weight_kg=float(weight) if weight else None,
        usual=last(EntityKind.USUAL_SIZE),
    )


def tells_build(visit: Visit, order: Order, line: Line) -> bool:
    """Somebody who says how tall they are wants the size told, where it can be told."""
    said = any(visit.hearing.first(kind) for kind in (EntityKind.HEIGHT, EntityKind.WEIGHT))
    return said and bool(goods_of(_about_fit(visit, order), line.sku))


def advise_line(visit: Visit, order: Order, line: Line) -> Answer:
    events = _about_fit(visit, order)
    goods, known = goods_of(events, line.sku), variants(visit.events(order), line.sku)
    if not goods:
        return _unknown(visit, order, line, "size_no_data")
    build, sizes = build_heard(visit), _sizes(order, line, known, goods)
    advice = advise(goods, build, sizes)
    if advice is not None and (build.measures is not None or visit.memory.expecting is Expecting.BUILD):
        return _told(visit, order, line, known, advice, goods)
    if build.measures is None and visit.memory.expecting is not Expecting.BUILD:
        return _ask(visit, order, line, build)
    if advice is not None:
        return _told(visit, order, line, known, advice, goods)
    if build.measures is None:
        return (
            _ask(visit, order, line, build) if _said_something(visit) else _unknown(visit, order, line, "size_unsaid")
        )
    return _unknown(visit, order, line, "size_out_of_chart")


def _said_something(visit: Visit) -> bool:
    return any(visit.hearing.first(kind) for kind in (EntityKind.HEIGHT, EntityKind.WEIGHT))


def _about_fit(visit: Visit, order: Order) -> tuple[Event, ...]:
    """A size chart is older than the news of an order."""
    return tuple(visit.records.events.about(order, since=visit.now - timedelta(days=CHART_DAYS)))


def _sizes(order: Order, line: Line, known: tuple[VariantStock, ...], goods: Goods) -> list[str]:
    """Every size the goods come in, smallest first where the chart says so."""
    listed = [row.size for row in goods.chart] or [row.size for row in goods.history]
    sold = [size for stock in known if (size := size_in(stock.variant)) is not None]
    own = size_in(order.variant_of(line.sku) or "")
    return list(dict.fromkeys([*listed, *sold, *([own] if own else [])]))


def size_in(variant: str) -> str | None:
    """
    >>> size_in("深蓝色 M"), size_in("黑色/42码"), size_in("茶轴")
    ('M', '42', None)
    """
    for part in variant.upper().replace("/", " ").replace(",", " ").replace("码", " ").split():
        if SIZE.fullmatch(part):
            return part
    return None


def _ask(visit: Visit, order: Order, line: Line, build: Build) -> Answer:
    lacks = {(True, True): "身高和体重", (True, False): "身高", (False, True): "体重"}
    missing = lacks[build.height_cm is None, build.weight_kg is None]
    return Answer(
        says=(Say(key="ask_build", values={"title": line.title, "missing": missing}),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=Expecting.BUILD, options={}, plan=None),
        decision=plain("asked", "ask_build", order_no=order.order_no),
    )


def _told(
    visit: Visit, order: Order, line: Line, known: tuple[VariantStock, ...], advice: Advice, goods: Goods
) -> Answer:
    bought = size_in(order.variant_of(line.sku) or "")
    key = KEYS[advice.sureness, bought == advice.size]
    values = {
        "title": line.title,
        "size": advice.size,
        "grounds": _grounds(advice, goods),
        "also": f"在 {advice.size} 和 {advice.also} 之间，" if advice.also else "",
    }
    if bought == advice.size:
        return Answer(
            says=(Say(key=key, values=values),),
            memory=replace(visit.memory, order_no=order.order_no, goal=None, expecting=None, options={}),
            decision=plain("informed", "size_advice", "按尺码表和相近身材买家的留退", order_no=order.order_no),
        )
    target = _same_colour(order, line, known, advice.size)
    if target is None or not _can_swap(visit, order):
        return Answer(
            says=(Say(key=key, values=values, buttons=(PERSON,)),),
            memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}),
            decision=plain("informed", "size_advice", "按尺码表和相近身材买家的留退", order_no=order.order_no),
        )
    swap, keep = Button(title=f"换成 {target}", text=f"换成 {target}"), Button(title="不换了", text="不换了")
    return Answer(
        says=(Say(key=key, values=values, buttons=(swap, keep)),),
        memory=replace(
            visit.memory,
            order_no=order.order_no,
            goal="wrong_choice",
            expecting=Expecting.VARIANT,
            options={swap.text: f"variant:{target}", keep.text: "keep_order"},
        ),
        decision=plain("informed", "size_advice", "按尺码表和相近身材买家的留退", order_no=order.order_no),
    )


def _can_swap(visit: Visit, order: Order) -> bool:
    return any(
        visit.order_system.allows(order, kind, now=visit.now)
        for kind in (ChangeKind.AMEND_VARIANT, ChangeKind.EXCHANGE)
    )


def _same_colour(order: Order, line: Line, known: tuple[VariantStock, ...], size: str) -> str | None:
    """The variant of that size that is there, most like what was bought."""
    bought = set((order.variant_of(line.sku) or "").split())
    there = [stock.variant for stock in known if stock.available and size_in(stock.variant) == size]
    return max(there, key=lambda variant: len(bought & set(variant.split())), default=None)


def _grounds(advice: Advice, goods: Goods) -> str:
    """What it rests on, in numbers the shop has."""
    parts = []
    if advice.by_chart:
        parts.append("尺码表对得上" if advice.sureness is not Sureness.UNSURE else "尺码表上两边都沾")
    if advice.buyers:
        parts.append(f"身材相近、买 {advice.size} 的 {advice.buyers} 位里有 {advice.kept} 位留下了")
    way = runs(goods)
    if way is not None:
        parts.append("这款退回来的多数说偏小" if way == "small" else "这款退回来的多数说偏大")
    return "，".join(parts)


def _unknown(visit: Visit, order: Order, line: Line, key: str) -> Answer:
    """An honest don't-know beats a size that comes back."""
    return Answer(
        says=(Say(key=key, values={"title": line.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}),
        decision=plain("informed", key, "没有足够的尺码数据", order_no=order.order_no),
    )
