"""The synthetic shop's customers. Names are put together at random; traits drive the process and are never written."""

from __future__ import annotations

from dataclasses import dataclass, replace

from retention.customer import Customer
from retention.order import Address
from twin.dice import Dice
from twin.places import PLACES, WEIGHTS, Place, address

SURNAMES = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
GIVEN = (
    *("子涵", "雨桐", "浩然", "思远", "佳怡", "梓萱", "宇轩", "欣悦", "俊杰", "诗琪", "文博", "晓彤", "嘉豪", "若曦"),
    *("明轩", "雅琴", "志强", "丽华", "建国", "秀英", "天佑", "可欣", "泽宇", "静怡", "海涛", "婉清", "立新", "春燕"),
    *("鹏飞", "语嫣", "国栋", "慧敏", "一诺", "书瑶", "景行", "念安", "大伟", "小雨", "亦凡", "清妍"),
)


@dataclass(frozen=True, kw_only=True)
class Person:
    """``temper`` 0..1 is how readily they cancel, ``activity`` how often they order."""

    customer: Customer
    place: Place
    address: Address
    temper: float
    activity: float


def people(dice: Dice, count: int) -> tuple[Person, ...]:
    return tuple(_person(dice, number) for number in range(1, count + 1))


def _person(dice: Dice, number: int) -> Person:
    name = dice.pick(SURNAMES) + dice.pick(GIVEN)
    place = dice.weighted(PLACES, WEIGHTS)
    temper = dice.unit() ** 4
    activity = dice.wait(1.0) + 0.15
    before = dice.count(min(12.0, 5 * activity)) if dice.chance(0.85) else 0
    cancelled = sum(dice.chance(0.04 + 0.5 * temper) for _ in range(before))
    returned = sum(dice.chance(0.03 + 0.2 * temper) for _ in range(before - cancelled))
    rfm = round(min(99.0, max(1.0, dice.normal(22 + 24 * activity**0.5 + 1.6 * before, 11))), 1)
    customer = Customer(
        customer_id=f"C{number:06d}",
        name=name,
        tier=tier(rfm, before),
        rfm=rfm,
        lifetime_orders=before,
        lifetime_spend_fen=before * dice.whole(8_000, 60_000),
        cancelled_orders=cancelled,
        returned_orders=returned,
        opted_out=dice.chance(0.01),
        attributes={"synthetic": True, "city": place.city},
    )
    return Person(customer=customer, place=place, address=address(dice, place, name), temper=temper, activity=activity)


def tier(rfm: float, lifetime_orders: int) -> str:
    if lifetime_orders == 0:
        return "new"
    if rfm > 80:
        return "gold"
    return "silver" if rfm > 62 else "regular"


def after(customer: Customer, *, orders: int, spend_fen: int, cancelled: int, returned: int) -> Customer:
    """The same customer after so many more orders."""
    total = customer.lifetime_orders + orders
    return replace(
        customer,
        tier=tier(customer.rfm, total),
        lifetime_orders=total,
        lifetime_spend_fen=customer.lifetime_spend_fen + spend_fen,
        cancelled_orders=customer.cancelled_orders + cancelled,
        returned_orders=customer.returned_orders + returned,
    )
