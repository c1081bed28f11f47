"""What the shopper looks for after the order: other goods, other prices, coupons, and what becomes of the cart."""

from __future__ import annotations

from risk.evidence import Evidence
from risk.feature import Dimension, Direction, feature

TRACKING_PAGES = frozenset({"order", "logistics"})


@feature(
    node="browsing.searches_again",
    dimension=Dimension.BROWSING,
    direction=Direction.RAISES,
    says="下单后又搜了 {whole} 次",
    otherwise="下单后没再搜索",
)
def searches(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.searched"))


@feature(
    node="browsing.compares_prices",
    dimension=Dimension.BROWSING,
    direction=Direction.RAISES,
    says="下单后比价 {whole} 次",
    otherwise="下单后没有比价",
)
def price_comparisons(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.price_compared"))


@feature(
    node="browsing.reads_reviews",
    dimension=Dimension.BROWSING,
    direction=Direction.RAISES,
    says="下单后又看了 {whole} 次评价",
    otherwise="下单后没再看评价",
)
def review_pages(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("behaviour.viewed") if event.text("page") == "reviews"])


@feature(
    node="browsing.watches_parcel",
    dimension=Dimension.BROWSING,
    direction=Direction.EITHER,
    says="查了 {whole} 次订单或物流",
    otherwise="没有查过订单和物流",
)
def tracking_pages(evidence: Evidence) -> float:
    return len([event for event in evidence.since_order("behaviour.viewed") if event.text("page") in TRACKING_PAGES])


@feature(
    node="browsing.likes_goods",
    dimension=Dimension.BROWSING,
    direction=Direction.LOWERS,
    says="下单后收藏了 {whole} 次商品",
    otherwise="下单后没有收藏商品",
)
def favourites(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.favourited"))


@feature(
    node="cart.removes_after_order",
    dimension=Dimension.CART,
    direction=Direction.RAISES,
    says="下单后从购物车移出 {whole} 次",
    otherwise="下单后没有移出购物车",
)
def cart_removals(evidence: Evidence) -> float:
    return len(evidence.since_order("behaviour.cart_removed"))


@feature(
    node="promotion.claims_coupons",
    dimension=Dimension.PROMOTION,
    direction=Direction.RAISES,
    says="下单后又领了 {whole} 张券",
    otherwise="下单后没有再领券",
)
def coupon_claims(evidence: Evidence) -> float:
    """A coupon claimed after the order is one it did not get."""
    return len(evidence.since_order("behaviour.coupon_claimed"))


@feature(
    node="channel.second_device",
    dimension=Dimension.DEVICE,
    direction=Direction.RAISES,
    says="除常用设备外，还在 {whole} 台设备上登录",
    otherwise="没有换设备登录",
)
def second_devices(evidence: Evidence) -> float:
    devices = {event.text("device") for event in evidence.all("behaviour.logged_in")} - {""}
    return len(devices) - 1


@feature(
    node="address.other_city",
    dimension=Dimension.ADDRESS,
    direction=Direction.EITHER,
    says="曾把收货地改到另外 {whole} 个城市",
    otherwise="没有改到别的城市",
)
def other_cities(evidence: Evidence) -> float:
    cities = {event.text("city") for event in evidence.since_order("behaviour.address_changed")}
    return len(cities - {"", evidence.case.order.address.city})
