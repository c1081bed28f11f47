"""One parcel or two: unshipped orders travel together, or what is in stock goes ahead of what is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan, PlanStep
from retention.moves.address import ADDRESS_PARTS, described_address
from retention.moves.lines import named_lines, words_of
from retention.order import Address, Line, Order
from retention.reply import PERSON, Button, Say
from retention.shelf import Missing, sold_out
from retention.visit import Answer, Visit, plain, say
from retention.words import calendar_day, day

MERGE_OPTIONS = {"确认合并": "affirm", "不合并了": "deny"}
SPLIT_OPTIONS = {"分开发": "affirm", "一起等": "deny"}
FIRST = re.compile(r"(.{2,20}?)(先发|先寄|先送)")


def merge(visit: Visit) -> Answer:
    """merge_orders: the shopper's unshipped orders as one parcel, at one address, after a yes."""
    if visit.customer is None:
        return Answer(
            says=(Say(key="sign_in", buttons=(PERSON,)),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("asked", "not_signed_in"),
        )
    orders = _mergeable(visit)
    if len(orders) < 2:
        return Answer(
            says=(Say(key="merge_too_few", buttons=(PERSON,)),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("refused", "merge_too_few", "没有两笔都还没发出的订单"),
        )
    into = next((order for order in orders if order.order_no == visit.memory.order_no), orders[0])
    others = [order for order in orders if order is not into]
    steps = [step for other in others for step in _steps(other, into)]
    moved = [other for other in others if other.address != into.address]
    return Answer(
        says=(
            Say(
                key="confirm_merge_moved" if moved else "confirm_merge",
                values={
                    "titles": "、".join(f"「{order.title}」" for order in (into, *others)),
                    "moved": "、".join(f"「{order.title}」" for order in moved),
                    "address": described_address(into, {}),
                    "wait": _wait(visit, orders),
                },
                buttons=tuple(Button(title=text, text=text) for text in MERGE_OPTIONS),
            ),
        ),
        memory=replace(
            visit.memory,
            order_no=into.order_no,
            goal="merge_orders",
            expecting=Expecting.CONFIRM,
            plan=Plan.of(steps),
            options=MERGE_OPTIONS,
        ),
        decision=plain("asked", "confirm_merge", "几笔订单合成一个包裹", order_no=into.order_no),
    )


def _mergeable(visit: Visit) -> Sequence[Order]:
    """Those that can and do not yet travel together, oldest first; of more than two, those named when two are."""
    open_orders = visit.open_orders()
    taken = {order.attributes.get("ship_with") for order in open_orders}
    orders = [
        order
        for order in reversed(open_orders)
        if visit.order_system.allows(order, ChangeKind.MERGE, now=visit.now)
        and "ship_with" not in order.attributes
        and (order.order_no not in taken or order.order_no == visit.memory.order_no)
    ]
    named = [order for order in orders if any(named_lines(order, visit.turn.text))]
    return named if len(orders) > 2 and len(named) > 1 else orders


def _steps(other: Order, into: Order) -> Sequence[PlanStep]:
    """First the same door, then the same parcel."""
    merged = PlanStep(kind=ChangeKind.MERGE.value, order_no=other.order_no, change={"into": into.order_no})
    if other.address == into.address:
        return [merged]
    change = {kind.value: _part(into.address, kind.value) for kind in ADDRESS_PARTS}
    return [PlanStep(kind=ChangeKind.AMEND_ADDRESS.value, order_no=other.order_no, change=change), merged]


def _part(address: Address, name: str) -> str:
    return str(getattr(address, name))


def _wait(visit: Visit, orders: Sequence[Order]) -> str:
    """One parcel leaves when the last of its goods is there."""
    missing = [each for order in orders for each in sold_out(visit.events(order), order)]
    if missing:
        return f"注意{words_of([each.line for each in missing])}缺货，合并后要等它{back_words(missing)}一起发。"
    latest = max((order.promised_ship_at for order in orders if order.promised_ship_at is not None), default=None)
    return f"按较晚的那单算，{day(latest)}前发出。" if latest is not None and latest > visit.now else ""


def back_words(missing: Sequence[Missing]) -> str:
    """到货（仓库报的是 11 月 25 日）, or 到货（仓库还没给日子)."""
    dates = [each.back_on for each in missing]
    known = [date for date in dates if date is not None]
    if len(known) < len(dates):
        return "到货（仓库还没给日子）"
    return f"到货（仓库报的是 {calendar_day(max(known))}）"


def ship_apart(visit: Visit, order: Order) -> Answer:
    """ship_apart: what is in stock is sent now, what is not follows; or the goods the shopper names go ahead."""
    if not visit.order_system.allows(order, ChangeKind.SPLIT, now=visit.now):
        key = "split_one" if len(order.lines) < 2 else "split_too_late"
        return Answer(
            says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
            memory=replace(visit.memory, expecting=None, options={}),
            decision=plain("refused", key, "订单系统在当前阶段不能分开发", order_no=order.order_no),
        )
    if order.attributes.get("ships_later"):
        return _plain(visit, order, "split_already")
    missing = sold_out(visit.events(order), order)
    later = [each.line for each in missing] or _others(order, visit.turn.text)
    now = [line for line in order.lines if line not in later]
    if not later:
        return _plain(visit, order, "split_all_there")
    if not now:
        return _plain(visit, order, "split_nothing_there")
    change = {"later": ",".join(line.sku for line in later)}
    return Answer(
        says=(
            Say(
                key="confirm_split",
                values={
                    "now": words_of(now),
                    "later": words_of(later),
                    "back": f"等{back_words(missing)}" if missing else "之后",
                },
                buttons=tuple(Button(title=text, text=text) for text in SPLIT_OPTIONS),
            ),
        ),
        memory=replace(
            visit.memory,
            goal="ship_apart",
            expecting=Expecting.CONFIRM,
            plan=Plan(kind=ChangeKind.SPLIT.value, order_no=order.order_no, change=change),
            options=SPLIT_OPTIONS,
        ),
        decision=plain("asked", "confirm_split", "有货的先发，缺货的后发", order_no=order.order_no),
    )


def _others(order: Order, text: str) -> list[Line]:
    """Named goods go ahead: 豆浆机先发."""
    found = FIRST.search(text)
    ahead = named_lines(order, found[1]) if found else ()
    return [line for line in order.lines if line not in ahead] if ahead else []


def _plain(visit: Visit, order: Order, key: str) -> Answer:
    return Answer(
        says=(say(key, title=order.title),),
        memory=replace(visit.memory, expecting=None, options={}),
        decision=plain("informed", key, order_no=order.order_no),
    )
