"""A person who answers shoppers, as the shop's records know them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(str, Enum):
    AGENT = "agent"  # 客服
    SUPERVISOR = "supervisor"  # 主管: may also take a conversation over
    ADMIN = "admin"  # 管理员: may also change accounts


LEADS = frozenset({Role.SUPERVISOR, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Associate:
    """``name`` is the login, ``display`` what shoppers read. ``capacity`` is how many conversations at once."""

    name: str
    display: str
    role: Role
    skills: tuple[str, ...]
    capacity: int
    active: bool
