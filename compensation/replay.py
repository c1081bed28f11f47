"""What a changed catalog would have been worth in the decisions that were logged, before it goes live."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from compensation.cohort import net_fen
from compensation.lift import Amounts, student
from compensation.lift_report import FEWEST, Verdict, verdict
from compensation.off_policy import FEW_ROWS, Estimated, Logged, Value, evaluate
from retention.case import Case, DecideOffer
from retention.draw import draw
from retention.exposure import NOTHING, Exposure
from retention.offer import Offer
from retention.profile import Outcome
from retention.risk import Score

FEW_EFFECTIVE = 30.0
MOST_UNSEEN = 0.1
LEVEL = 0.95
PRIOR_ORDERS = 20.0


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A settled exposure and the case it was made in."""

    exposure: Exposure
    case: Case


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why nothing is said, Chinese."""

    rule: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Net margin a decision, fen: the doubly robust difference of two choices on the same decisions."""

    difference: Estimated
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Net margin a decision, fen, of the changed catalog, of the one in force, and of no offer to anybody.

    ``changed`` is the share of decisions that the changed catalog would make differently; ``unseen`` the share whose
    answer, with these terms, nobody was ever given.
    """

    decisions: int
    held_out: int
    synthetic: int
    since: datetime
    until: datetime
    changed: float
    unseen: float
    new: Value
    now: Value
    nothing: Value
    against_now: Compared
    against_nothing: Compared


Actions = Sequence[Mapping[str, float]]


def replay(decisions: Sequence[Decision], *, new: DecideOffer, now: DecideOffer) -> Evaluation | Refusal:
    """Only decisions in which the catalog of the time would have offered something are logged: an offer that the changed
    catalog makes where there was none is not judged here. Refuses where the log says too little about the new choice.
    """
    held_out = sum(each.exposure.action == NOTHING for each in decisions)
    if len(decisions) < FEW_ROWS or held_out < FEWEST:
        return _too_few(len(decisions), held_out)
    predicted = _predicted(decisions)
    targets = [_target(each, new) for each in decisions]
    present = [_target(each, now) for each in decisions]
    unseen = _unseen(decisions, targets)
    if unseen > MOST_UNSEEN:
        why = f"新目录有 {unseen:.0%} 的决定是从没给过的方案或条件，日志里没有依据；先用 challenger 小比例试行"
        return Refusal(rule="unseen", why=why)
    rows = {
        name: _logged(decisions, actions, predicted)
        for name, actions in (("new", targets), ("now", present), ("nothing", [{NOTHING: 1.0}] * len(decisions)))
    }
    values = {name: evaluate(logged, LEVEL) for name, logged in rows.items()}
    for name, catalog in (("new", "新目录"), ("now", "现在的目录")):
        if values[name].effective_n < FEW_EFFECTIVE:
            told = f"{len(decisions)} 条记录只顶得上 {values[name].effective_n:.0f} 条"
            return Refusal(rule="overlap", why=f"{catalog}和当时的做法重合太少：{told}，说不准")
    return Evaluation(
        decisions=len(decisions),
        held_out=held_out,
        synthetic=sum(each.exposure.synthetic for each in decisions),
        since=min(each.exposure.at for each in decisions),
        until=max(each.exposure.at for each in decisions),
        changed=sum(one != other for one, other in zip(targets, present, strict=True)) / len(decisions),
        unseen=unseen,
        new=values["new"],
        now=values["now"],
        nothing=values["nothing"],
        against_now=_compared(rows["new"], rows["now"]),
        against_nothing=_compared(rows["new"], rows["nothing"]),
    )


def _too_few(decisions: int, held_out: int) -> Refusal:
    why = (
        f"已结算、可重放的决定只有 {decisions} 条（至少要 {FEW_ROWS} 条），"
        f"其中没给方案的 {held_out} 条（至少要 {FEWEST} 条），还不能下结论"
    )
    return Refusal(rule="too_few", why=why)


def _target(decision: Decision, decide: DecideOffer) -> Mapping[str, float]:
    """What a catalog would do in the case. An offer with other terms than the one that was logged is another action."""
    exposure = decision.exposure
    decided = decide(decision.case, Score(probability=exposure.probability, model_version=exposure.model_version))
    if decided.chances:
        shares = {_action(exposure, each.offer_id, each.terms): each.probability for each in decided.chances}
        return {**shares, NOTHING: max(0.0, 1.0 - sum(shares.values()))}
    return {_action(exposure, decided.offer_id, decided.terms) if isinstance(decided, Offer) else NOTHING: 1.0}


def _action(exposure: Exposure, offer_id: str, terms: Mapping[str, object]) -> str:
    """What the log calls this offer; one that could only be made with other terms has a name of its own."""
    made = [(action, held) for action, held in exposure.terms.items() if action.partition("@")[0] == offer_id]
    same = next((action for action, held in made if dict(held) == dict(terms)), None)
    return same or (f"{offer_id}:changed" if made else offer_id)


def _unseen(decisions: Sequence[Decision], targets: Actions) -> float:
    """The part of the new choice that the old one never made in that case."""
    unseen = (
        share
        for decision, target in zip(decisions, targets, strict=True)
        for action, share in target.items()
        if action not in decision.exposure.chances
    )
    return math.fsum(unseen) / len(decisions)


def _logged(decisions: Sequence[Decision], targets: Actions, predicted: Actions) -> list[Logged]:
    return [
        Logged(
            action=decision.exposure.action,
            propensity=decision.exposure.propensity,
            reward=net_fen(decision.exposure),
            target=target,
            predicted=expected,
        )
        for decision, target, expected in zip(decisions, targets, predicted, strict=True)
    ]


def _predicted(decisions: Sequence[Decision]) -> Actions:
    """Each decision's rewards by the other half's averages: what judges an order has not seen it."""
    halves: tuple[list[Decision], list[Decision]] = ([], [])
    sides = [int(draw(f"half/{each.exposure.unit}") < 0.5) for each in decisions]
    for side, decision in zip(sides, decisions, strict=True):
        halves[side].append(decision)
    models = [_averages(halves[1]), _averages(halves[0])]
    return [models[side](decision) for side, decision in zip(sides, decisions, strict=True)]


def _averages(decisions: Sequence[Decision]) -> Callable[[Decision], Mapping[str, float]]:
    """Kept share and cost of each action; an action seldom taken leans on the average of all."""
    by_action: dict[str, list[Exposure]] = defaultdict(list)
    for decision in decisions:
        by_action[decision.exposure.action].append(decision.exposure)
    overall = _kept([one for group in by_action.values() for one in group], 0.5)
    shares = {action: _kept(group, overall) for action, group in by_action.items()}
    costs = {action: sum(one.spent_fen for one in group) / len(group) for action, group in by_action.items()}

    def predict(decision: Decision) -> Mapping[str, float]:
        margin_fen = decision.exposure.margin_fen
        return {action: shares[action] * margin_fen - costs[action] for action in shares}

    return predict


def _kept(exposures: Sequence[Exposure], prior: float) -> float:
    kept = sum(one.outcome is Outcome.RETAINED for one in exposures)
    return (kept + PRIOR_ORDERS * prior) / (len(exposures) + PRIOR_ORDERS)


def _compared(one: Sequence[Logged], other: Sequence[Logged]) -> Compared:
    """On the same decisions, so that what both have in common cancels out."""
    differences = Amounts.of([_robust(a) - _robust(b) for a, b in zip(one, other, strict=True)])
    reach = student(differences.n - 1, LEVEL) * math.sqrt(differences.variance / differences.n)
    found = Estimated(value=differences.mean, low=differences.mean - reach, high=differences.mean + reach)
    return Compared(difference=found, verdict=verdict(found))


def _robust(row: Logged) -> float:
    return row.expected + row.weight * (row.reward - row.predicted.get(row.action, 0.0))
