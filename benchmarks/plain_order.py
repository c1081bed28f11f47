"""A shopper script's order, said in plain words, as the calls a shop's systems would make.

Fields: status (unpaid | paid_unshipped | shipped | out_for_delivery | delivered), item, amount_yuan, margin_pct, tier (new |
regular | silver | gold), lifetime_orders, delay_hours, and where they matter category, variant (the one bought), promised_hours,
can_ship_today, sizes_in_stock, alternatives_in_stock, stock_state, restock_days, competitor_price_yuan, price_drop_yuan,
address_editable, refund_request_days, correct_order_no, in_transit_city, lane_hours ([20, 52]: parcels take from that city),
pick_up (true: the courier fetches returns), size_chart ({L: [171, 179, 62, 74]}: cm and kg from and to), and also: more goods
in the same order, each with item, amount_yuan, category, variant, sizes_in_stock, restock_days.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

STAGES = {
    "unpaid": "pending_payment",
    "paid_unshipped": "pending_shipment",
    "shipped": "in_transit",
    "out_for_delivery": "out_for_delivery",
    "delivered": "delivered",
}
RFM = {"new": 20.0, "regular": 50.0, "silver": 65.0, "gold": 88.0}
OUT_OF_STOCK = {"out", "out_of_stock", "none", "sold_out", "缺货", "preorder", "restocking"}


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The bodies of PUT /v1/customers, PUT /v1/orders and POST /v1/events."""

    customer: dict[str, Any]
    order: dict[str, Any]
    events: list[dict[str, Any]]


def calls(script_id: str, plain: dict[str, Any], now: datetime) -> Calls:
    """``script_id`` names the customer and, without correct_order_no, the order. Raises ValueError for an unknown status."""
    customer_id = f"play-{script_id}"
    number = int(sha256(script_id.encode()).hexdigest(), 16)
    order_no = str(plain.get("correct_order_no") or f"26{number % 10**12:012d}")
    sku = f"sku-{script_id}"
    status = str(plain.get("status", "paid_unshipped"))
    if status not in STAGES:
        raise ValueError(f"{script_id}: order.status is {status!r}; expected one of {', '.join(STAGES)}")
    goods = [plain, *plain.get("also", ())]
    skus = [sku, *(f"{sku}-{place}" for place in range(2, len(goods) + 1))]
    amount_fen = round(float(plain.get("amount_yuan", 100)) * 100)
    order = {
        "order_no": order_no,
        "customer_id": customer_id,
        "stage": STAGES[status],
        "paid_fen": sum(round(float(each.get("amount_yuan", 100)) * 100) for each in goods),
        "shipping_fen": 0,
        "lines": [
            _line(each, sku, margin_pct=float(plain.get("margin_pct", 30)))
            for sku, each in zip(skus, goods, strict=True)
        ],
        "address": {
            "province": "浙江省",
            "city": "杭州市",
            "district": "西湖区",
            "detail": f"文三路 {number % 10**5} 号",  # everybody lives somewhere else, or they were one household
            "receiver": "林一",
            "phone": f"100{number % 10**8:08d}",
        },
        **_times(plain, now),
        "attributes": _attributes(plain, dict(zip(skus, goods, strict=True))),
    }
    customer = {
        "customer_id": customer_id,
        "name": "林一",
        "tier": str(plain.get("tier", "regular")),
        "rfm": RFM.get(str(plain.get("tier", "regular")), 50.0),
        "lifetime_orders": int(plain.get("lifetime_orders", 3)),
    }
    events = _events(plain, now, order_no=order_no, sku=sku, amount_fen=amount_fen)
    for more_sku, more in zip(skus[1:], goods[1:], strict=True):
        events += _events(more, now, order_no=more_sku, sku=more_sku, amount_fen=0)
    return Calls(customer=customer, order=order, events=events)


def _line(plain: dict[str, Any], sku: str, *, margin_pct: float) -> dict[str, Any]:
    amount_fen = round(float(plain.get("amount_yuan", 100)) * 100)
    return {
        "sku": sku,
        "title": str(plain.get("item", "商品")),
        "category": str(plain.get("category", "日用")),
        "qty": 1,
        "unit_price_fen": amount_fen,
        "unit_cost_fen": round(amount_fen * (1 - margin_pct / 100)),
    }


def _times(plain: dict[str, Any], now: datetime) -> dict[str, str]:
    """Late orders have passed their promise by delay_hours; others are inside promised_hours (two days by default)."""
    status = plain.get("status", "paid_unshipped")
    delay = float(plain.get("delay_hours", 0) or 0)
    ahead = float(plain.get("promised_hours", 48) or 48)
    promised = now - timedelta(hours=delay) if delay > 0 else now + timedelta(hours=ahead)
    placed = min(now, promised) - timedelta(days=3)
    if status == "unpaid":
        return {"placed_at": (now - timedelta(minutes=20)).isoformat()}
    times = {"placed_at": placed, "paid_at": placed}
    if status == "paid_unshipped":
        times["promised_ship_at"] = promised
    if status in ("shipped", "out_for_delivery"):
        times["shipped_at"] = placed + timedelta(days=1)
        times["promised_delivery_at"] = promised
    if status == "delivered":
        received = now - timedelta(days=float(plain.get("refund_request_days", 1) or 0))
        placed = received - timedelta(days=4)
        times = {
            "placed_at": placed,
            "paid_at": placed,
            "shipped_at": placed + timedelta(days=1),
            "delivered_at": received,
        }
    return {name: at.isoformat() for name, at in times.items()}


def _attributes(plain: dict[str, Any], goods: dict[str, dict[str, Any]]) -> dict[str, Any]:
    kept = {name: plain[name] for name in ("address_editable", "can_ship_today") if isinstance(plain.get(name), bool)}
    if plain.get("in_transit_city"):
        kept["location"] = str(plain["in_transit_city"])
    bought = {sku: str(each["variant"]) for sku, each in goods.items() if each.get("variant")}
    if len(goods) > 1 and bought:
        kept["variants"] = bought
    elif plain.get("variant"):
        kept["variant"] = str(plain["variant"])
    if plain.get("pick_up"):
        kept["pick_up"] = {"hours": ["9-12", "14-18"], "days": 3}
    return kept


def _events(plain: dict[str, Any], now: datetime, *, order_no: str, sku: str, amount_fen: int) -> list[dict[str, Any]]:
    facts: list[tuple[str, dict[str, Any]]] = []
    if plain.get("price_drop_yuan"):
        fallen = amount_fen - round(float(plain["price_drop_yuan"]) * 100)
        facts.append(("price.changed", {"price_fen": max(1, fallen), "source": "own"}))
    if plain.get("competitor_price_yuan"):
        facts.append(
            ("price.changed", {"price_fen": round(float(plain["competitor_price_yuan"]) * 100), "source": "competitor"})
        )
    there = _listed(plain.get("sizes_in_stock")) + _listed(plain.get("alternatives_in_stock"))
    facts.extend(("stock.changed", {"variant": variant, "available": True, "quantity": 5}) for variant in there)
    if plain.get("restock_days") is not None or str(plain.get("stock_state", "")).lower() in OUT_OF_STOCK:
        gone: dict[str, Any] = {"available": False}
        if plain.get("restock_days") is not None:
            gone["restock_days"] = int(plain["restock_days"])
        facts.append(("stock.changed", gone))
    if float(plain.get("delay_hours", 0) or 0) > 0 and plain.get("status") != "delivered":
        facts.append(("fulfilment.delayed", {"hours": float(plain["delay_hours"])}))
    if plain.get("in_transit_city"):
        facts.append(("fulfilment.scanned", {"place": str(plain["in_transit_city"])}))
    if plain.get("lane_hours"):
        low, high = plain["lane_hours"]
        lane = {"place": str(plain.get("in_transit_city")), "hours_low": low, "hours_high": high, "parcels": 240}
        facts.append(("fulfilment.lane", lane))
    if plain.get("size_chart"):
        rows = [
            {"size": size, "height": span[:2], "weight": span[2:]} for size, span in dict(plain["size_chart"]).items()
        ]
        facts.append(("size.chart", {"rows": rows}))
    return [
        {
            "event_id": f"{order_no}-{index}",
            "kind": kind,
            "at": (now - timedelta(hours=2)).isoformat(),
            "order_no": order_no if kind.startswith("fulfilment") else None,
            "sku": sku if not kind.startswith("fulfilment") else None,
            "data": data,
        }
        for index, (kind, data) in enumerate(facts)
    ]


def _listed(value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [part for part in re.split(r"[,、/ ]+", value) if part]
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]
