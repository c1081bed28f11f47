"""Another size, colour or piece: amended before dispatch, exchanged after receipt, never paid for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Memory, Plan
from retention.hearing import EntityKind
from retention.order import UNSHIPPED, Order
from retention.reply import PERSON, Button, Say
from retention.shelf import VariantStock, variants
from retention.visit import Answer, Visit, plain

SIZE_LADDER = ("XS", "S", "M", "L", "XL", "XXL", "XXXL", "XXXXL")
YES_NO = {"确认修改": "affirm", "不改了": "deny"}


def wanted_variant(visit: Visit, order: Order, known: Sequence[VariantStock]) -> str | None:
    """The size, colour or number of pieces the shopper wants, as the shop writes it, from what was heard or picked."""
    text = visit.turn.text.strip()
    picked = visit.memory.options.get(text, "")
    if picked.startswith("variant:"):
        return picked.removeprefix("variant:")
    current = order.attributes.get("variant")
    bought = _tokens(current) if isinstance(current, str) else frozenset()
    size, colour = _other_than(visit, EntityKind.SIZE, bought), _other_than(visit, EntityKind.COLOUR, bought)
    if size in ("+1", "-1"):
        size = stepped_size(current if isinstance(current, str) else "", int(size))
    wanted = [part for part in (colour, size) if part] or _named_in(visit.turn.text, known, bought)
    if not wanted:
        return None
    fitting = [stock.variant for stock in known if all(part.upper() in _tokens(stock.variant) for part in wanted)]
    return _nearest(fitting, current if isinstance(current, str) else "") or " ".join(wanted)


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
    if order is None:
        return False
    current = order.attributes.get("variant")
    bought = _tokens(current) if isinstance(current, str) else frozenset()
    return bool(_named_in(visit.turn.text, variants(visit.events(order), order.lines[0].sku), bought))


def _nearest(fitting: Sequence[str], current: str) -> str | None:
    """Of several that fit, the one most like what was bought: asked for 43, a black shoe stays black."""
    return max(fitting, key=lambda variant: len(_tokens(variant) & _tokens(current)), default=None)


def _tokens(variant: str) -> frozenset[str]:
    """The sizes and colours a shop's variant names: 黑色 XL -> {黑, 黑色, XL}."""
    parts = {part.upper() for part in variant.replace("/", " ").replace(",", " ").replace("码", " ").split()}
    return frozenset(parts | {part.removesuffix("色") for part in parts})


def stepped_size(current: str, step: int) -> str | None:
    """One size up or down from the bought one; None when that is not known."""
    for part in current.upper().replace("码", " ").replace("/", " ").split():
        if part in SIZE_LADDER:
            index = SIZE_LADDER.index(part) + step
            return SIZE_LADDER[index] if 0 <= index < len(SIZE_LADDER) else None
        if part.isdigit():
            return str(int(part) + step)
    return None


def change_variant(visit: Visit, order: Order) -> Answer:
    """wrong_choice: another size, colour or quantity before dispatch; after it, an exchange."""
    if not visit.order_system.allows(order, ChangeKind.AMEND_VARIANT, now=visit.now):
        return exchange(visit, order)
    return _swap(visit, order, ChangeKind.AMEND_VARIANT, goal="wrong_choice")


def exchange(visit: Visit, order: Order) -> Answer:
    """exchange_item: before dispatch the order is amended, after receipt an exchange is opened."""
    if visit.order_system.allows(order, ChangeKind.AMEND_VARIANT, now=visit.now):
        return _swap(visit, order, ChangeKind.AMEND_VARIANT, goal="exchange_item")
    if visit.order_system.allows(order, ChangeKind.EXCHANGE, now=visit.now):
        return _swap(visit, order, ChangeKind.EXCHANGE, goal="exchange_item")
    key = "exchange_after_arrival" if order.delivered_at is None else "exchange_window_over"
    return Answer(
        says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, expecting=None, options={}, plan=None),
        decision=plain("refused", key, "订单系统在当前阶段不允许换货", order_no=order.order_no),
    )


def _swap(visit: Visit, order: Order, kind: ChangeKind, *, goal: str) -> Answer:
    line = order.lines[0]
    known = variants(visit.events(order), line.sku)
    memory = replace(visit.memory, goal=goal, order_no=order.order_no)
    wanted = wanted_variant(visit, order, known)
    if wanted is None and visit.hearing.first(EntityKind.QUANTITY) is not None:
        return _other_quantity(visit, order)
    if wanted is None and kind is ChangeKind.EXCHANGE and _is_broken(visit):
        return _replace_same(visit, order, memory)
    if wanted is None:
        return _ask_variant(visit, order, known, memory_goal=goal)
    stock = next((stock for stock in known if stock.variant == wanted), None)
    if known and (stock is None or not stock.available):
        return _out_of_stock(visit, order, known, wanted, goal=goal)
    spoken = Say(
        key="confirm_variant" if kind is ChangeKind.AMEND_VARIANT else "confirm_exchange",
        values={"title": line.title, "wanted": wanted},
        buttons=(Button(title="确认修改", text="确认修改"), Button(title="不改了", text="不改了")),
    )
    plan = Plan(kind=kind.value, order_no=order.order_no, change={"sku": line.sku, "variant": wanted})
    return Answer(
        says=(spoken,),
        memory=replace(memory, expecting=Expecting.CONFIRM, plan=plan, options=YES_NO),
        decision=plain("asked", "confirm_variant", order_no=order.order_no),
    )


def _is_broken(visit: Visit) -> bool:
    return visit.memory.goal == "product_defect" or "quality" in visit.memory.reasons


def _replace_same(visit: Visit, order: Order, memory: Memory) -> Answer:
    """Broken or wrong goods are replaced by the same, without a question of size."""
    change = {"sku": order.lines[0].sku, "variant": str(order.attributes.get("variant") or "同款")}
    spoken = Say(
        key="confirm_replacement",
        values={"title": order.lines[0].title},
        buttons=(Button(title="确认换货", text="确认换货"), Button(title="不换了", text="不换了")),
    )
    plan = Plan(kind=ChangeKind.EXCHANGE.value, order_no=order.order_no, change=change)
    options = {"确认换货": "affirm", "不换了": "deny"}
    return Answer(
        says=(spoken,),
        memory=replace(memory, expecting=Expecting.CONFIRM, plan=plan, options=options),
        decision=plain("asked", "confirm_replacement", order_no=order.order_no),
    )


def _other_quantity(visit: Visit, order: Order) -> Answer:
    """More or fewer pieces change what was paid: a person settles that, no sum is guessed here."""
    return Answer(
        says=(Say(key="other_quantity", values={"title": order.lines[0].title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}),
        decision=plain("informed", "other_quantity", order_no=order.order_no),
    )


def _variant_buttons(order: Order, known: Sequence[VariantStock]) -> tuple[tuple[Button, ...], dict[str, str]]:
    """What can be had instead: there, and not what was bought."""
    there = [stock.variant for stock in known if stock.available and stock.variant != order.attributes.get("variant")]
    return tuple(Button(title=name, text=name) for name in there), {name: f"variant:{name}" for name in there}


def _ask_variant(visit: Visit, order: Order, known: Sequence[VariantStock], *, memory_goal: str) -> Answer:
    buttons, options = _variant_buttons(order, known)
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
        says=(Say(key=key, values={"title": order.lines[0].title}, buttons=buttons),),
        memory=memory,
        decision=plain("asked", "ask_variant", order_no=order.order_no),
    )


def _out_of_stock(visit: Visit, order: Order, known: Sequence[VariantStock], wanted: str, *, goal: str) -> Answer:
    buttons, options = _variant_buttons(order, known)
    return Answer(
        says=(Say(key="variant_out_of_stock", values={"wanted": wanted}, buttons=(*buttons, PERSON)),),
        memory=replace(visit.memory, goal=goal, order_no=order.order_no, expecting=Expecting.VARIANT, options=options),
        decision=plain("informed", "variant_out_of_stock", order_no=order.order_no),
    )
