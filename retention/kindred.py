"""Finding the accounts that seem to be one household: by what their orders and devices share, sealed before it is kept.

Ties are written when an account asks for a decision about its order, so of shoppers who never do nothing is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retention.kin import Kin, Relative, Tie, TieKind
from retention.order import Address, Order
from retention.ports import Records

Seal = Callable[[TieKind, str], str]
"""A value as a digest that only this shop can make."""

LEAVING = frozenset({"cancel_order", "request_refund"})
FRESH = timedelta(days=1)
"""A tie seen this lately is not written again."""
NEAREST = 20
"""Relatives whose grants are read, those seen last first: more would say no more."""
VISITS = 50
SHORTEST_PHONE, SHORTEST_DETAIL = 7, 4


@dataclass(frozen=True, kw_only=True)
class Kindred:
    """``window`` says how far back anything counts now. A value shared by more accounts than its ``crowd`` joins nobody: a
    dormitory, an office, a pick-up point.
    """

    seal: Seal
    window: Callable[[], timedelta]
    crowd: Callable[[], Mapping[TieKind, int]]

    def see_device(self, records: Records, customer_id: str, device_id: str, *, at: datetime) -> None:
        digest = self.seal(TieKind.DEVICE, device_id)
        records.kinship.see([Tie(kind=TieKind.DEVICE, digest=digest, customer_id=customer_id, seen_at=at)])

    def see_order(self, records: Records, order: Order, *, at: datetime) -> None:
        """Remember what the order may share with those of other accounts. Of erased people nothing is kept again."""
        if not order.customer_id:
            return
        known = {
            (tie.kind, tie.digest)
            for tie in records.kinship.around(order.customer_id, since=at - FRESH)
            if tie.customer_id == order.customer_id
        }
        fresh = [tie for tie in self._ties(order, at) if (tie.kind, tie.digest) not in known]
        if fresh:
            records.kinship.see(fresh)

    def of(self, records: Records, customer_id: str, *, now: datetime, but: str | None = None) -> Kin:
        """``but`` is the conversation that asks. Erased people share an empty id, and are nobody's kin."""
        if not customer_id:
            return Kin()
        since = now - self.window()
        shared = self._shared(records.kinship.around(customer_id, since=since), customer_id)
        near = list(shared)[:NEAREST]
        grants = {each: tuple(records.ledger.of_customer(each, since=since)) for each in near}
        attempts = sorted(
            profile.started_at
            for profile in records.profiles.of_customer(customer_id, limit=VISITS)
            if profile.conversation_id != but
            and profile.started_at >= since
            and profile.offers
            and not LEAVING.isdisjoint(profile.intents)
        )
        return Kin(
            relatives=tuple(
                Relative(ties=frozenset(ties), grants=grants.get(other, ())) for other, ties in shared.items()
            ),
            attempts=tuple(attempts),
        )

    def _shared(self, ties: Sequence[Tie], customer_id: str) -> Mapping[str, set[TieKind]]:
        """By other account, the one seen last first, what it shares."""
        holders: dict[tuple[TieKind, str], list[str]] = defaultdict(list)
        for tie in ties:
            if tie.customer_id != customer_id:
                holders[tie.kind, tie.digest].append(tie.customer_id)
        crowd = self.crowd()
        crowded = {key for key, others in holders.items() if len(others) > crowd.get(key[0], len(others))}
        shared: dict[str, set[TieKind]] = {}
        for tie in ties:
            if tie.customer_id != customer_id and (tie.kind, tie.digest) not in crowded:
                shared.setdefault(tie.customer_id, set()).add(tie.kind)
        return shared

    def _ties(self, order: Order, at: datetime) -> Sequence[Tie]:
        values = {TieKind.PHONE: phone_key(order.address.phone), TieKind.ADDRESS: address_key(order.address)}
        return [
            Tie(kind=kind, digest=self.seal(kind, value), customer_id=order.customer_id, seen_at=at)
            for kind, value in values.items()
            if value is not None
        ]


def phone_key(phone: str) -> str | None:
    """The digits that matter; None for a masked or too short number. A platform's privacy number is told apart by its
    extension, for many shoppers share it.

    >>> phone_key("+86 138-1234-5678"), phone_key("138****5678"), phone_key("17000001111转2345")
    ('13812345678', None, '170000011112345')
    """
    if "*" in phone:
        return None
    digits = "".join(re.findall(r"\d", unicodedata.normalize("NFKC", phone)))
    digits = re.sub(r"^(0086|86)(?=1\d{10})", "", digits)
    return digits if len(digits) >= SHORTEST_PHONE else None


def address_key(address: Address) -> str | None:
    """The address without blanks, punctuation and letter case; None for one that is masked or not exact.

    >>> place = Address(province="浙江省", city="杭州市", district="西湖区", detail="文三路 90 号，2-301", receiver="", phone="")
    >>> address_key(place)
    '浙江省杭州市西湖区文三路90号2 301'
    """
    detail = _bare(address.detail)
    if "*" in address.detail or len(detail) < SHORTEST_DETAIL:
        return None
    return _bare(address.province + address.city + address.district) + detail


def _bare(text: str) -> str:
    """Letters and digits; a blank only between digits, for 2-301 is not 23-01."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    spaced = "".join(char if unicodedata.category(char)[0] in "LN" else " " for char in plain)
    return re.sub(r"(?<!\d) +| +(?!\d)", "", spaced).strip()
