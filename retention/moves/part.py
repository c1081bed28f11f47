"""Out of a part of the order: some goods or some pieces go, the rest is sent as it was. After an explicit yes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retention.change import ChangeKind
from retention.conversation import Expecting, Plan, PlanStep
from retention.moves.lines import line_meant, named_lines, which_line, words_of
from retention.moves.offers import withdraw
from retention.offer import GIVEN, GrantState
from retention.order import MOVING, UNSHIPPED, Line, Order
from retention.reply import PERSON, Button, Say
from retention.visit import Answer, Visit, plain
from retention.words import yuan

CLAUSE = re.compile(r"[,，.。;；!！?？\s]+|但是?|然后|不过|而")
GO = re.compile(
    r"(?<![不别没])(?<!不用)(?<!不要)(取消|退|去掉|删掉|砍掉|撤掉)|不(想)?要(?!取消|退|动|撤|删)|不买|别发|不用发"
)
STAY = re.compile(r"留|保留|照发|照常|照旧|继续|正常|[不别](用)?动|就要|只要|还要|不(用)?(退|取消)|给我发|先发")
ONLY_STAY = re.compile(r"(只|就)(要|留|保留|想要)")
REST = re.compile(r"其[他它余]|别的|剩下|另外|另(一)?(件|个|双|条)")
EXCEPT = re.compile(r"除(了|开|去)?|除外|以外|之外")
ALL = re.compile(r"整单|全部|全都|全取|都(给我)?(取消|退|不要)|一起(取消|退)")
NUMBER = r"(?P<number>[一二两三四五六七八九\d]{1,3})"
PIECE = r"(?:件|双|条|个|瓶|盒|箱|袋|本|套|只|份|台|包)"
FEWER = re.compile(rf"(?:取消|退|减|少|去|去掉|多拍了?|多买了?)(?:掉|了|要)?{NUMBER}{PIECE}")
LEFT = re.compile(rf"(?:只要|就要|只留|留|改成|改为|减到|减成|只需要|应该是){NUMBER}{PIECE}?(?!\d*[码号元块])")
DIGITS = {digit: place for place, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
CONFIRM = {"确认": "affirm", "不改了": "deny", "整单都不要了": "let_go"}
PARTS = frozenset({ChangeKind.CANCEL_LINE.value, ChangeKind.REFUND_LINE.value})
THE_ORDER = re.compile(r"(这|那|整|哪)(一)?(个)?(单|笔|订单)(?!里|中|的|上)")
"""豆浆机那单 names the order by its goods and means all of it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What goes: whole lines, or of one line all pieces but ``left``."""

    lines: tuple[Line, ...]
    left: int = 0

    def money_fen(self, order: Order) -> int:
        return sum((line.qty - self.left) * order.paid_piece_fen(line) for line in self.lines)


def part_meant(order: Order, text: str) -> Part | None:
    """The part of the order the text wants to be rid of; None when it names none, or all of it."""
    pieces = _pieces(order, text)
    if pieces is not None:
        return pieces
    if len(order.lines) < 2 or THE_ORDER.search(text) or (ALL.search(text) and not EXCEPT.search(text)):
        return None
    go = _going(order, text)
    return Part(lines=go) if go and len(go) < len(order.lines) else None


def _pieces(order: Order, text: str) -> Part | None:
    """拍了两件，退一件: of goods there are several pieces of, where it is clear which."""
    named = named_lines(order, text)
    candidates = [line for line in named or order.lines if line.qty > 1]
    if len(candidates) != 1:
        return None
    line = candidates[0]
    fewer, left = FEWER.search(text), LEFT.search(text)
    stays = _number(left) if left else (line.qty - _number(fewer) if fewer else 0)
    return Part(lines=(line,), left=stays) if 0 < stays < line.qty else None


def _number(found: re.Match[str]) -> int:
    written = found["number"]
    return int(written) if written.isdecimal() else DIGITS.get(written, 0)


def _going(order: Order, text: str) -> tuple[Line, ...]:
    """Clause by clause: what is named with a word of leaving goes, what is named with a word of keeping stays."""
    go: set[str] = set()
    stay: set[str] = set()
    rest_goes = False
    waiting: set[str] = set()
    for clause in filter(None, CLAUSE.split(text)):
        named = {line.sku for line in named_lines(order, clause)}
        leaves, keeps, rest = GO.search(clause), STAY.search(clause), REST.search(clause)
        if EXCEPT.search(clause) and named:
            stay |= named
            rest_goes = rest_goes or bool(leaves) or bool(GO.search(text))
            continue
        if ONLY_STAY.search(clause) and named and not leaves:
            stay |= named
            continue
        if rest and leaves:
            rest_goes = True
        if not leaves and not keeps:
            waiting |= named
            continue
        (go if leaves else stay).update(named or (set() if rest else waiting))
        waiting = set()
    if rest_goes:
        go = {line.sku for line in order.lines} - stay
    return tuple(line for line in order.lines if line.sku in go - stay)


def some_of_it(visit: Visit, order: Order) -> Answer:
    """part_of_order: one of several goods goes; which one is asked when it was not said."""
    meant = part_meant(order, visit.turn.text)
    if meant is not None:
        return leave_part(visit, order, meant)
    if len(order.lines) == 1:
        return _for_a_person(visit, order, "part_refused", "这单只有一件，没有可以单独退的部分")
    line = line_meant(visit, order)
    if line is None:
        return which_line(visit.remembering(goal="part_of_order"), order)
    return leave_part(visit, order, Part(lines=(line,)))


def leave_part(visit: Visit, order: Order, part: Part) -> Answer:
    """Ask for the yes: what goes, what stays, what is paid back as far as it is known."""
    kind = _kind(order)
    if order.stage in MOVING:
        return _for_a_person(visit, order, "part_moving", "路上的包裹拆不开")
    if not visit.order_system.allows(order, kind, now=visit.now) or (kind is ChangeKind.REFUND_LINE and part.left):
        return _for_a_person(visit, order, "part_refused", "订单系统在当前阶段不允许只退一部分")
    if not can_go(visit, order):
        return after_grant(visit, order)
    withdraw(visit, GrantState.DECLINED)
    return Answer(
        says=(
            Say(
                key="confirm_part" if kind is ChangeKind.CANCEL_LINE else "confirm_part_refund",
                values=part_words(order, part),
                buttons=tuple(Button(title=text, text=text) for text in CONFIRM),
            ),
        ),
        memory=replace(
            visit.memory,
            order_no=order.order_no,
            plan=Plan.of(steps_for(order, part)),
            expecting=Expecting.CONFIRM,
            options=CONFIRM,
            grant_id=None,
        ),
        decision=plain("asked", "confirm_part", "只取消一部分，其余照常", order_no=order.order_no),
    )


def _kind(order: Order) -> ChangeKind:
    return ChangeKind.CANCEL_LINE if order.stage in UNSHIPPED else ChangeKind.REFUND_LINE


def can_go(visit: Visit, order: Order) -> bool:
    """Money given for keeping the order was measured by the whole of it."""
    if not visit.order_system.allows(order, _kind(order), now=visit.now):
        return False
    return not is_paid_for(visit, order)


def is_paid_for(visit: Visit, order: Order) -> bool:
    """Whether money was given for keeping the whole of it."""
    grants = visit.records.ledger.of_order(order.order_no)
    return any(grant.state in GIVEN and grant.reserve_fen for grant in grants)


def part_words(order: Order, part: Part) -> dict[str, str]:
    return {"goods": _goods(part), "rest": _rest(order, part), "money": _money(order, part)}


def steps_for(order: Order, part: Part) -> Sequence[PlanStep]:
    kind = _kind(order)
    left = {"left": str(part.left)} if part.left else {}
    return [PlanStep(kind=kind.value, order_no=order.order_no, change={"sku": line.sku, **left}) for line in part.lines]


def _goods(part: Part) -> str:
    words = words_of(part.lines)
    return f"{words}里的 {part.lines[0].qty - part.left} 件" if part.left else words


def _rest(order: Order, part: Part) -> str:
    if part.left:
        others = [line for line in order.lines if line not in part.lines]
        kept = f"留下的 {part.left} 件"
        return f"{kept}和{words_of(others)}" if others else kept
    return words_of([line for line in order.lines if line not in part.lines])


def _money(order: Order, part: Part) -> str:
    """A sale's threshold may be missed by what is left: then the sum is the shop's to work out."""
    if order.paid_at is None:
        return "这单还没付款，不产生退款"
    if order.promotion_id is not None:
        return "这单参加了活动，退多少以活动规则核算为准"
    return f"按实付分摊退 {yuan(part.money_fen(order))}，原路退回"


def after_grant(visit: Visit, order: Order) -> Answer:
    return _for_a_person(visit, order, "part_after_grant", "这单已经补偿过，退一部分要重新核算")


def _for_a_person(visit: Visit, order: Order, key: str, why: str) -> Answer:
    return Answer(
        says=(Say(key=key, values={"title": order.title}, buttons=(PERSON,)),),
        memory=replace(visit.memory, order_no=order.order_no, expecting=None, options={}, plan=None),
        decision=plain("refused", key, why, order_no=order.order_no),
    )
