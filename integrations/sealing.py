"""Values sealed with the shop's secret: alike can be told apart from unlike, and nobody can read them back."""

from __future__ import annotations

import hmac

from retention.kin import TieKind
from retention.kindred import Seal


def sealed_with(shop_secret: str) -> Seal:
    """HMAC-SHA256 under a key of its own, so that a digest opens nothing else the shop signs."""
    key = hmac.digest(shop_secret.encode(), b"tourniquet kinship", "sha256")

    def seal(kind: TieKind, value: str) -> str:
        return hmac.digest(key, f"{kind.value}:{value}".encode(), "sha256").hex()

    return seal


def draw_salt(shop_secret: str) -> str:
    """Makes the draws among offers the shop's own: who does not know it cannot foretell one."""
    return hmac.digest(shop_secret.encode(), b"tourniquet draws", "sha256").hex()
