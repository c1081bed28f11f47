"""How an order would go if nobody cancelled it, and the moment somebody asks how likely its loss is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retention.order import Stage
from twin.dice import Dice
from twin.places import CARRIER_WEIGHTS, CARRIERS, CENTRE, Place

SLOW_WAREHOUSE = CENTRE
SLOW_CARRIER = "百里快运"
SLOW_CARRIER_PROVINCE = "广东省"
SLOW_CARRIER_DAYS = 45
"""Planted: the carrier has been late in that province for so many days before the history's end."""


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@dataclass(frozen=True, kw_only=True)
class Life:
    """All the times an order is bound for, ``moment`` among them; ``stage`` is where it stands at the moment."""

    placed_at: datetime
    paid_at: datetime
    promised_ship_at: datetime
    promised_delivery_at: datetime
    shipped_at: datetime
    delivered_at: datetime
    carrier: str
    scans: tuple[datetime, ...]
    moment: datetime
    stage: Stage
    announced: tuple[datetime, int] | None = None  # when a delay was told, and how many hours

    @property
    def ends_at(self) -> datetime:
        return max(self.delivered_at, self.moment)


def live(dice: Dice, *, placed_at: datetime, place: Place, stock_until: datetime | None, now: datetime) -> Life:
    """``stock_until`` holds the dispatch back; ``now`` is the end of the history, for what is planted by date."""
    paid_at = placed_at + hours(dice.between(0.01, 0.4))
    promised_ship = paid_at + hours(dice.pick((24, 48)))
    shipped_at = max(
        paid_at + hours(_dispatch_hours(dice, place)), (stock_until or placed_at) + hours(dice.between(2, 12))
    )
    carrier = dice.weighted(CARRIERS, CARRIER_WEIGHTS)
    delay = _delay_hours(dice, place, carrier, days_ago=(now - placed_at).days)
    delivered_at = shipped_at + hours(24 * place.days * dice.between(0.6, 1.0) + delay + 6)
    life = Life(
        placed_at=placed_at,
        paid_at=paid_at,
        promised_ship_at=promised_ship,
        promised_delivery_at=promised_ship + hours(24 * place.days + 12),
        shipped_at=shipped_at,
        delivered_at=delivered_at,
        carrier=carrier,
        scans=_scans(dice, shipped_at, delivered_at, delay),
        moment=placed_at,
        stage=Stage.PENDING_PAYMENT,
        announced=_announced(dice, shipped_at, delay),
    )
    return _at_some_moment(dice, life)


def _dispatch_hours(dice: Dice, place: Place) -> float:
    slow = 0.35 if place.warehouse == SLOW_WAREHOUSE else 0.08
    return dice.between(3, 22) + (dice.wait(36) if dice.chance(slow) else 0.0)


def _delay_hours(dice: Dice, place: Place, carrier: str, *, days_ago: int) -> float:
    late = 0.13
    if carrier == SLOW_CARRIER and place.province == SLOW_CARRIER_PROVINCE and days_ago <= SLOW_CARRIER_DAYS:
        late = 0.7
    elif carrier == SLOW_CARRIER:
        late = 0.2
    return 12 + dice.wait(48) if dice.chance(late) else 0.0


def _scans(dice: Dice, shipped_at: datetime, delivered_at: datetime, delay: float) -> tuple[datetime, ...]:
    """Where the parcel is read on its way. A delayed one is read twice early and then stays silent."""
    way = delivered_at - shipped_at
    shares = (0.05, 0.2) if delay else (0.05, 0.35, 0.65, 0.9)
    return tuple(shipped_at + way * (share + dice.between(-0.03, 0.05)) for share in shares)


def _announced(dice: Dice, shipped_at: datetime, delay: float) -> tuple[datetime, int] | None:
    if delay < 12 or not dice.chance(0.5):
        return None
    return shipped_at + hours(dice.between(6, 24)), round(delay * dice.between(0.6, 1.1))


def _at_some_moment(dice: Dice, life: Life) -> Life:
    """Somebody asks while the order is unpaid, unshipped, moving or delivered; the later in a phase, the likelier."""
    late = life.delivered_at > life.promised_delivery_at or life.shipped_at > life.promised_ship_at
    phase = dice.weighted(("unpaid", "unshipped", "moving", "delivered"), (8, 30, 60 if late else 35, 26))
    if phase == "unpaid":
        moment = life.placed_at + hours(dice.between(0.2, 20))
        shift = moment + hours(dice.between(0.1, 3)) - life.paid_at
        return replace(_shifted(life, shift), moment=moment, stage=Stage.PENDING_PAYMENT)
    share = dice.unit() ** 0.5
    if phase == "unshipped":
        return replace(
            life, moment=life.paid_at + (life.shipped_at - life.paid_at) * share, stage=Stage.PENDING_SHIPMENT
        )
    if phase == "moving":
        moment = life.shipped_at + (life.delivered_at - life.shipped_at) * share
        near = life.delivered_at - moment < hours(6)
        return replace(life, moment=moment, stage=Stage.OUT_FOR_DELIVERY if near else Stage.IN_TRANSIT)
    moment = life.delivered_at + timedelta(days=20 * dice.unit() ** 1.5)
    return replace(life, moment=moment, stage=Stage.DELIVERED)


def _shifted(life: Life, by: timedelta) -> Life:
    """The same life, paid later."""
    return replace(
        life,
        paid_at=life.paid_at + by,
        promised_ship_at=life.promised_ship_at + by,
        promised_delivery_at=life.promised_delivery_at + by,
        shipped_at=life.shipped_at + by,
        delivered_at=life.delivered_at + by,
        scans=tuple(scan + by for scan in life.scans),
        announced=(life.announced[0] + by, life.announced[1]) if life.announced else None,
    )
