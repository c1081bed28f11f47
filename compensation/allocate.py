"""Many customers, few budgets: at most one offer each, so that all together gain the most and no budget is passed.

The budgets' prices (Lagrange multipliers) make every customer's choice a choice of their own: the offer whose gain is
the most above its price. One budget's price is found by bisection; a customer whose choice is the same at both ends of
the bracket is settled, so the passes shrink. Several budgets take turns. What the prices leave over or pass by, whole
offers being indivisible, a repair in whole fen settles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int8]
Flags = NDArray[np.bool_]

NOTHING = -1
SAMPLE = 4000
"""So many customers give the prices to start from."""
TURNS = 12
NEAR = 1e-3
REPAIRS = 1000
"""So many of the nearest misses of an offer are tried with what is left, and so many changes made."""
CHANGES = 200


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """``choice`` holds each customer's offer, or NOTHING; ``prices`` and ``spent_fen`` each budget's.

    ``bound_fen``: no allocation gains more, not even one that may split offers.
    """

    choice: Places
    prices: Floats
    spent_fen: Ints
    gain_fen: int
    bound_fen: float


@dataclass(frozen=True, kw_only=True)
class Market:
    """``gains`` and ``costs``: a row an offer, a column a customer; ``budget_of`` each offer's budget, ``caps`` theirs."""

    gains: Floats
    costs: Floats
    budget_of: Sequence[int]
    caps: Floats

    @property
    def customers(self) -> int:
        return int(self.gains.shape[1])

    def rows_of(self, budget: int) -> list[int]:
        return [row for row, own in enumerate(self.budget_of) if own == budget]

    def best(self, prices: Floats, rows: Sequence[int] | None = None) -> tuple[Floats, Places]:
        """Each customer's gain above price of the best offer of ``rows``, and which; 0 and NOTHING where none pays."""
        most = np.zeros(self.customers)
        place = np.full(self.customers, NOTHING, np.int8)
        for row in range(len(self.budget_of)) if rows is None else rows:
            net = self.gains[row] - prices[self.budget_of[row]] * self.costs[row]
            better = net > most
            np.copyto(most, net, where=better)
            np.copyto(place, np.int8(row), where=better)
        return most, place

    def sample(self, step: int) -> Market:
        share = len(range(0, self.customers, step)) / self.customers
        return Market(
            gains=np.ascontiguousarray(self.gains[:, ::step]),
            costs=np.ascontiguousarray(self.costs[:, ::step]),
            budget_of=self.budget_of,
            caps=self.caps * share,
        )


def allocate(gain_fen: Ints, cost_fen: Ints, budget_of: Sequence[int], caps_fen: Sequence[int]) -> Allocation:
    """``gain_fen`` and ``cost_fen`` (what is reserved): a row an offer, a column a customer.

    An offer that a customer may not have, by rule or by cap, has no gain there. Raises ValueError for negative costs
    or caps.
    """
    if (cost_fen.size and cost_fen.min() < 0) or min(caps_fen, default=0) < 0:
        raise ValueError("a negative cost or cap; expected whole fen from 0 on")
    market = Market(
        gains=gain_fen.astype(float),
        costs=cost_fen.astype(float),
        budget_of=budget_of,
        caps=np.array(caps_fen, float),
    )
    prices = _prices(market)
    most, place = market.best(prices)
    bound_fen = float(most.sum() + prices @ market.caps)
    repair = _Repair(market, gain_fen, cost_fen, list(caps_fen), prices, place)
    return Allocation(
        choice=place,
        prices=prices,
        spent_fen=np.array(caps_fen, np.int64) - repair.settle(most),
        gain_fen=_taken(gain_fen, place),
        bound_fen=bound_fen,
    )


def _prices(market: Market) -> Floats:
    budgets = len(market.caps)
    prices = np.zeros(budgets)
    if market.customers > 2 * SAMPLE:
        prices = _prices(market.sample(market.customers // SAMPLE))
    for _ in range(TURNS if budgets > 1 else 1):
        before = prices.copy()
        for budget in range(budgets):
            prices[budget] = _price(market, prices, budget)
        if np.all(np.abs(prices - before) <= NEAR * (prices + before)):
            break
    return prices


def _price(market: Market, prices: Floats, budget: int) -> float:
    """The lowest price of one budget, the others' given, at which what is chosen fits its cap."""
    own = market.rows_of(budget)
    cap = float(market.caps[budget])
    rest = [row for row in range(len(market.budget_of)) if row not in own]
    floor, _ = market.best(prices, rest) if rest else (np.zeros(market.customers), None)
    lines = _Lines(floor=floor, gains=market.gains[own], costs=market.costs[own])
    low, high = 0.95 * prices[budget], 1.05 * prices[budget]
    at_low = lines.choose(low)
    while low > 0 and lines.spent(at_low) <= cap:
        low, high = (0.8 * low if low > 1e-9 else 0.0), low
        at_low = lines.choose(low)
    if lines.spent(at_low) <= cap:
        return 0.0
    at_high = lines.choose(high)
    while lines.spent(at_high) > cap:
        low, at_low = high, at_high
        high = max(2 * high, 1e-3)
        at_high = lines.choose(high)
    while high - low > 1e-11 * high:
        open_to = at_low != at_high
        cap -= lines.spent(np.where(open_to, NOTHING, at_high))
        lines, at_low, at_high = lines.only(open_to), at_low[open_to], at_high[open_to]
        middle = (low + high) / 2
        at_middle = lines.choose(middle)
        if lines.spent(at_middle) > cap:
            low, at_low = middle, at_middle
        else:
            high, at_high = middle, at_middle
    return float(high)


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """One budget's offers as lines that fall with its price, above the ``floor`` of what else a customer could have."""

    floor: Floats
    gains: Floats
    costs: Floats

    def choose(self, price: float) -> Places:
        most = self.floor.copy()
        place = np.full(len(most), NOTHING, np.int8)
        for row, (gains, costs) in enumerate(zip(self.gains, self.costs, strict=True)):
            net = gains - price * costs
            better = net > most
            np.copyto(most, net, where=better)
            np.copyto(place, np.int8(row), where=better)
        return place

    def spent(self, place: Places) -> float:
        return float(sum(costs[place == row].sum() for row, costs in enumerate(self.costs)))

    def only(self, those: Flags) -> _Lines:
        return _Lines(floor=self.floor[those], gains=self.gains[:, those], costs=self.costs[:, those])


class _Repair:
    """Whole offers and whole fen: first inside every cap, then the nearest misses with what is left."""

    def __init__(
        self, market: Market, gain_fen: Ints, cost_fen: Ints, caps_fen: list[int], prices: Floats, place: Places
    ) -> None:
        self._market = market
        self._gain_fen = gain_fen
        self._cost_fen = cost_fen
        self._prices = prices
        self._place = place
        self._left = [cap - _taken(cost_fen, place, market.rows_of(budget)) for budget, cap in enumerate(caps_fen)]

    def settle(self, most: Floats) -> Ints:
        """What is left of every budget."""
        for budget in range(len(self._left)):
            self._withdraw(budget, most)
        if self._gain_fen.size:
            self._upgrade(most)
        return np.array(self._left, np.int64)

    def _withdraw(self, budget: int, most: Floats) -> None:
        """From those whose offer is the least above its price, until the cap holds."""
        over = -self._left[budget]
        if over <= 0:
            return
        have = np.flatnonzero(np.isin(self._place, self._market.rows_of(budget)))
        costs = self._cost_fen[self._place[have], have]
        order = np.argsort(most[have] / np.maximum(costs, 1), kind="stable")
        freed = np.cumsum(costs[order])
        gone = order[: int(np.searchsorted(freed, over)) + 1]
        self._left[budget] += int(costs[gone].sum())
        self._place[have[gone]] = NOTHING

    def _upgrade(self, most: Floats) -> None:
        """The change that gains the most of those that fit, again and again."""
        rows, customers = self._near(most)
        budgets = np.array([*self._market.budget_of, NOTHING])
        for _ in range(CHANGES if len(rows) else 0):
            now = self._place[customers]
            had = now != NOTHING
            freed = np.where(had, self._cost_fen[now, customers], 0)
            gained = self._gain_fen[rows, customers] - np.where(had, self._gain_fen[now, customers], 0)
            needed = self._cost_fen[rows, customers] - np.where(budgets[now] == budgets[rows], freed, 0)
            gained[needed > np.array(self._left)[budgets[rows]]] = 0
            best = int(np.argmax(gained))
            if gained[best] <= 0:
                return
            if had[best]:
                self._left[budgets[now[best]]] += int(freed[best])
            self._left[budgets[rows[best]]] -= int(self._cost_fen[rows[best], customers[best]])
            self._place[customers[best]] = rows[best]

    def _near(self, most: Floats) -> tuple[Ints, Ints]:
        """Of every offer those who do not have it and are the least below what they have: offers, customers."""
        count = min(REPAIRS, self._market.customers)
        rows, customers = [], []
        for row, budget in enumerate(self._market.budget_of):
            short = most - self._market.gains[row] + self._prices[budget] * self._market.costs[row]
            short[(self._gain_fen[row] <= 0) | (self._place == row)] = np.inf
            nearest = np.argpartition(short, count - 1)[:count]
            customers.append(nearest[np.isfinite(short[nearest])])
            rows.append(np.full(len(customers[-1]), row))
        return np.concatenate(rows), np.concatenate(customers)


def _taken(amounts: Ints, place: Places, rows: Sequence[int] | None = None) -> int:
    return sum(int(amounts[row][place == row].sum()) for row in (range(len(amounts)) if rows is None else rows))
