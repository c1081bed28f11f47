"""Another size, colour or piece: amended before dispatch, exchanged after receipt, never paid for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan, PlanStep
from retention.hearing import EntityKind
from retention.moves import part, pick_up, size
from retention.moves.lines import line_meant, named_lines, with_line
from retention.order import UNSHIPPED, Line, Order
from retention.reply import PERSON, Button, Say
from retention.shelf import VariantStock, variants
from retention.visit import Answer, Visit, plain

SIZE_LADDER = ("XS", "S", "M", "L", "XL", "XXL", "XXXL", "XXXXL")
YES_NO = {"确认修改": "affirm", "不改了": "deny"}


def wanted_variant(visit: Visit, order: Order, line: Line, known: Sequence[VariantStock]) -> str | None:
    """The size, colour or number of pieces the shopper wants, as the shop writes it, from what was heard or picked."""
    text = visit.turn.text.strip()
    picked = visit.memory.options.get(text, "")
    if picked.startswith("variant:"):
        return picked.removeprefix("variant:")
    current = order.variant_of(line.sku) or ""
    bought = _tokens(current)
    fit, colour = _other_than(visit, EntityKind.SIZE, bought), _other_than(visit, EntityKind.COLOUR, bought)
    if fit in ("+1", "-1"):
        fit = stepped_size(current, int(fit))
    wanted = [word for word in (colour, fit) if word] or _named_in(visit.turn.text, known, bought)
    if not wanted:
        return None
    fitting = [stock.variant for stock in known if all(word.upper() in _tokens(stock.variant) for word in wanted)]
    return _nearest(fitting, current) or " ".join(wanted)


def _other_than(visit: Visit, kind: EntityKind, bought: frozenset[str]) -> str | None:
    """The first size or colour named that is not the one already bought: asking for that changes nothing."""
    named = (entity.value for entity in visit.hearing.entities if entity.kind is kind)
    return next((value for value in named if value.upper() not in bought), None)


def _named_in(text: str, known: Sequence[VariantStock], bought: frozenset[str]) -> list[str]:
    """A variant's own size or colour, standing alone in the text: 43, L, 墨绿."""
    tokens = sorted({token for stock in known for token in _tokens(stock.variant)} - bought, key=len, reverse=True)
    alone = (
        token for token in tokens if re.search(rf"(?<![0-9A-Za-z.]){re.escape(token)}(?![0-9A-Za-z.])", text.upper())
    )
    found = next(alone, None)
    return [found] if found else []


def names_variant(visit: Visit) -> bool:
    """Whether the message names a known variant of the order in focus by its own words."""
    order = visit.records.orders.find(visit.memory.order_no) if visit.memory.order_no else None
    line = line_meant(visit, order) if order is not None else None
    if order is None or line is None:
        return False
    bought = _tokens(order.variant_of(line.sku) or "")
    return bool(_named_in(visit.turn.text, variants(visit.events(order), line.sku), bought))


def _nearest(fitting: Sequence[str], current: str) -> str | None:
    """Of several that fit, the one most like what was bought: asked for 43, a black shoe stays black."""
    return max(fitting, key=lambda variant: len(_tokens(variant) & _tokens(current)), default=None)


def _tokens(variant: str) -> frozenset[str]:
    """The sizes and colours a shop's variant names: 黑色 XL -> {黑, 黑色, XL}."""
    words = {word.upper() for word in variant.replace("/", " ").replace(",", " ").replace("码", " ").split()}
    return frozenset(words | {word.removesuffix("色") for word in words})


def stepped_size(current: str, step: int) -> str | None:
    """One size up or down from the bought one; None when that is not known."""
    for word in current.upper().replace("码", " ").replace("/", " ").split():
        if word in SIZE_LADDER:
            index = SIZE_LADDER.index(word) + step
            return SIZE_LADDER[index] if 0 <= index < len(SIZE_LADDER) else None
        if word.isdigit():
            return str(int(word) + step)
    return None


def change_variant(visit: Visit, order: Order) -> Answer:
    """wrong_choice: another size, colour or fewer pieces before dispatch; after it, an exchange."""
    if not visit.order_system.allows(order, ChangeKind.AMEND_VARIANT, now=visit.now):
        return exchange(visit, order)
    fewer = part.part_meant(order, visit.turn.text)
    if fewer is not None and fewer.left:
        return part.leave_part(visit, order, fewer)
    return with_line(_staying(visit, order), order, partial(_swap, kind=ChangeKind.AMEND_VARIANT, goal="wrong_choice"))


def exchange(visit: Visit, order: Order) -> Answer:
    """exchange_item: before dispatch the order is amended, after receipt an exchange is opened."""
    for kind in (ChangeKind.AMEND_VARIANT, ChangeKind.EXCHANGE):
        if visit.order_system.allows(order, kind, now=visit.now):
            return with_line(_staying(visit, order), order, partial(_swap, kind=kind, goal="exchange_item"))
    key = "exchange_after_arrival" if order.delivered_at is None else "exchange_window_over"
    return Answer(
        says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}, plan=None),
        decision=plain("refused", key, "订单系统在当前阶段不允许换货", order_no=order.order_no),
    )


def _staying(visit: Visit, order: Order) -> Visit:
    """裤子换成L，坚果不要了: of the goods named, those to be swapped are those that stay."""
    out = part.part_meant(order, visit.turn.text)
    named = [line for line in named_lines(order, visit.turn.text) if out is not None and line not in out.lines]
    return visit.remembering(sku=named[0].sku) if len(named) == 1 else visit


def _swap(visit: Visit, order: Order, line: Line, *, kind: ChangeKind, goal: str) -> Answer:
    known = variants(visit.events(order), line.sku)
    wanted = wanted_variant(visit, order, line, known)
    if wanted is None and size.tells_build(visit, order, line):
        return size.advise_line(visit, order, line)
    if wanted is None and visit.hearing.first(EntityKind.QUANTITY) is not None:
        return _other_quantity(visit, order, line)
    if wanted is None and kind is ChangeKind.EXCHANGE and _is_broken(visit):
        return _replace_same(visit, order, line)
    if wanted is None:
        return _ask_variant(visit, order, line, known, memory_goal=goal)
    stock = next((stock for stock in known if stock.variant == wanted), None)
    if known and (stock is None or not stock.available):
        return _out_of_stock(visit, order, line, known, wanted, goal=goal)
    step = PlanStep(kind=kind.value, order_no=order.order_no, change={"sku": line.sku, "variant": wanted})
    asked = _confirmation(visit, order, line, step)
    return replace(asked, memory=replace(asked.memory, goal=goal))


def _confirmation(visit: Visit, order: Order, line: Line, step: PlanStep) -> Answer:
    """One question for all that was asked in one breath: the swap, goods to be left out, the courier at the door."""
    key = "confirm_variant" if step.kind == ChangeKind.AMEND_VARIANT.value else "confirm_exchange"
    values, steps = {"title": line.title, "wanted": step.change["variant"]}, [step]
    fetched = pick_up.said_at_once(visit, order) if step.kind == ChangeKind.EXCHANGE.value else None
    out = part.part_meant(order, visit.turn.text) if order.stage in UNSHIPPED else None
    if fetched is not None:
        key, steps = "confirm_exchange_pick_up", [step, fetched]
        values |= pick_up.step_words(order, fetched)
    elif out is not None and line not in out.lines and part.can_go(visit, order):
        key, steps = "confirm_variant_part", [step, *part.steps_for(order, out)]
        values |= part.part_words(order, out)
    return Answer(
        says=(Say(key=key, values=values, buttons=tuple(Button(title=text, text=text) for text in YES_NO)),),
        memory=replace(
            visit.memory, order_no=order.order_no, expecting=Expecting.CONFIRM, plan=Plan.of(steps), options=YES_NO
        ),
        decision=plain("asked", "confirm_variant", order_no=order.order_no),
    )


def _is_broken(visit: Visit) -> bool:
    return visit.memory.goal == "product_defect" or "quality" in visit.memory.reasons


def _replace_same(visit: Visit, order: Order, line: Line) -> Answer:
    """Broken or wrong goods are replaced by the same, without a question of size."""
    change = {"sku": line.sku, "variant": order.variant_of(line.sku) or "同款"}
    step = PlanStep(kind=ChangeKind.EXCHANGE.value, order_no=order.order_no, change=change)
    fetched = pick_up.said_at_once(visit, order)
    options = {"确认换货": "affirm", "不换了": "deny"}
    spoken = Say(
        key="confirm_replacement" if fetched is None else "confirm_replacement_pick_up",
        values={"title": line.title, **(pick_up.step_words(order, fetched) if fetched else {})},
        buttons=tuple(Button(title=text, text=text) for text in options),
    )
    plan = Plan.of([step] if fetched is None else [step, fetched])
    return Answer(
        says=(spoken,),
        memory=replace(visit.memory, order_no=order.order_no, expecting=Expecting.CONFIRM, plan=plan, options=options),
        decision=plain("asked", "confirm_replacement", order_no=order.order_no),
    )


def _other_quantity(visit: Visit, order: Order, line: Line) -> Answer:
    """More pieces change what is owed: a person settles that, no sum is guessed here."""
    return Answer(
        says=(Say(key="other_quantity", values={"title": line.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}),
        decision=plain("informed", "other_quantity", order_no=order.order_no),
    )


def variant_buttons(
    order: Order, line: Line, known: Sequence[VariantStock]
) -> tuple[tuple[Button, ...], dict[str, str]]:
    """What can be had instead: there, and not what was bought."""
    there = [stock.variant for stock in known if stock.available and stock.variant != order.variant_of(line.sku)]
    return tuple(Button(title=name, text=name) for name in there), {name: f"variant:{name}" for name in there}


def _ask_variant(visit: Visit, order: Order, line: Line, known: Sequence[VariantStock], *, memory_goal: str) -> Answer:
    buttons, options = variant_buttons(order, line, known)
    key = "ask_variant" if order.stage in UNSHIPPED else "ask_variant_exchange"
    if visit.memory.goal in ("cancel_order", "request_refund"):
        buttons = (*buttons, Button(title="直接取消", text="直接取消"))
        options["直接取消"] = "leave_now"
    memory = replace(
        visit.memory,
        goal=visit.memory.goal if "直接取消" in options else memory_goal,
        order_no=order.order_no,
        expecting=Expecting.VARIANT,
        options=options,
    )
    return Answer(
        says=(Say(key=key, values={"title": line.title}, buttons=buttons),),
        memory=memory,
        decision=plain("asked", "ask_variant", order_no=order.order_no),
    )


def _out_of_stock(
    visit: Visit, order: Order, line: Line, known: Sequence[VariantStock], wanted: str, *, goal: str
) -> Answer:
    buttons, options = variant_buttons(order, line, known)
    return Answer(
        says=(Say(key="variant_out_of_stock", values={"wanted": wanted}, buttons=(*buttons, PERSON)),),
        memory=replace(visit.memory, goal=goal, order_no=order.order_no, expecting=Expecting.VARIANT, options=options),
        decision=plain("informed", "variant_out_of_stock", order_no=order.order_no),
    )
