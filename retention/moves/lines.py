"""Which goods of an order with several? By their name, their place, their sizes; otherwise the shopper is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from retention.conversation import Expecting
from retention.hearing import EntityKind
from retention.order import Line, Order
from retention.reply import PERSON, Button, Say
from retention.shelf import variants
from retention.visit import Answer, Visit, plain

LineMove = Callable[[Visit, Order, Line], Answer]
PLACES = re.compile(r"(?:第\s?(?P<place>[一二三四五1-5])|(?P<last>最后一?)|(?P<first>头一))(?:件|个|样|款|双|条)")
DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5}
GOODS = "鞋裤裙衣帽袜包表杯锅灯床桌椅枕被"
"""Characters that name a kind of goods by themselves: 鞋子 is the shoes."""
PICKED = "line:"


def with_line(visit: Visit, order: Order, move: LineMove) -> Answer:
    """Run a move on the goods meant, or ask for them."""
    line = line_meant(visit, order)
    return which_line(visit, order) if line is None else move(visit.remembering(sku=line.sku), order, line)


def line_meant(visit: Visit, order: Order) -> Line | None:
    """The only goods, those picked or named now, or those talked of before."""
    if len(order.lines) == 1:
        return order.lines[0]
    picked = visit.memory.options.get(visit.turn.text.strip(), "")
    if picked.startswith(PICKED):
        return order.line(picked.removeprefix(PICKED))
    return named_line(visit, order) or (order.line(visit.memory.sku) if visit.memory.sku else None)


def named_line(visit: Visit, order: Order) -> Line | None:
    """The one line the message names; a tie is no answer."""
    text = visit.turn.text
    place = PLACES.search(text)
    if place is not None:
        index = _index(place, len(order.lines))
        return order.lines[index] if index is not None else None
    named = named_lines(order, text)
    if len(named) == 1:
        return named[0]
    return None if named else _by_size(visit, order)


def named_lines(order: Order, text: str) -> tuple[Line, ...]:
    """Every line of which the text says more than of the others: two characters of its title, or the kind of goods."""
    runs = {line.sku: _distinct_runs(line, order.lines) for line in order.lines}
    folded = text.lower()
    return tuple(line for line in order.lines if any(run in folded for run in runs[line.sku]))


def _distinct_runs(line: Line, lines: Sequence[Line]) -> frozenset[str]:
    """Pairs of characters and kinds of goods in this title that no other title of the order has."""
    others = "\n".join(other.title.lower() for other in lines if other is not line)
    title = line.title.lower()
    pairs = {title[at : at + 2] for at in range(len(title) - 1)}
    words = {pair for pair in pairs if re.fullmatch(r"[^\W\d_]{2}", pair)} | {kind for kind in GOODS if kind in title}
    return frozenset(word for word in words if word not in others)


def _index(place: re.Match[str], count: int) -> int | None:
    if place["last"] or place["first"]:
        return count - 1 if place["last"] else 0
    number = DIGITS.get(place["place"]) or int(place["place"])
    return number - 1 if number <= count else None


def _by_size(visit: Visit, order: Order) -> Line | None:
    """43 is the shoes and L the shirt, where the stock of both is known."""
    size = visit.hearing.first(EntityKind.SIZE)
    if size is None:
        return None
    events = visit.events(order)
    having = [
        line
        for line in order.lines
        if any(size in stock.variant.upper().replace("码", " ").split() for stock in variants(events, line.sku))
    ]
    return having[0] if len(having) == 1 else None


def which_line(visit: Visit, order: Order) -> Answer:
    buttons = tuple(Button(title=line.title, text=line.title) for line in order.lines)
    options = {line.title: f"{PICKED}{line.sku}" for line in order.lines}
    return Answer(
        says=(Say(key="which_line", values={"count": str(len(order.lines))}, buttons=(*buttons, PERSON)),),
        memory=replace(
            visit.memory, order_no=order.order_no, expecting=Expecting.LINE, options=options, plan=None, sku=None
        ),
        decision=plain("asked", "which_line", order_no=order.order_no),
    )


def with_words_before(visit: Visit) -> Visit:
    """The same visit, also hearing what the message before named: the goods were asked for, the size was said already."""
    if len(visit.course) < 2:
        return visit
    earlier = visit.course[-2].hearing.entities
    hearing = replace(visit.hearing, entities=(*visit.hearing.entities, *earlier))
    return replace(visit, turn=replace(visit.turn, hearing=hearing))


def words_of(lines: Sequence[Line]) -> str:
    """「豆浆机」和「坚果」"""
    return "、".join(f"「{line.title}」" for line in lines)
