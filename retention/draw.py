"""Chance without dice: what is drawn of a text is the same for ever, in every process and after every restart."""

from __future__ import annotations

from hashlib import sha256


def draw(text: str) -> float:
    """A number in [0, 1), evenly spread over texts and always the same for one.

    >>> 0 <= draw("1/hold_out/c1") < 1
    True
    """
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") / 2**64
