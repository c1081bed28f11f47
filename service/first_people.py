"""Who there is before anybody was added."""

from __future__ import annotations

from dataclasses import replace

from retention.associate import Associate, Role

NAME = r"^\w[\w.@-]{0,31}$"
"""What somebody may log in with."""
CAPACITY = 5
"""Conversations at once, unless the account says otherwise."""

ADMIN = Associate(name="admin", display="管理员", role=Role.ADMIN, skills=(), capacity=CAPACITY, active=True)
_AGENT = replace(ADMIN, name="小林", display="小林", role=Role.AGENT)
DEMO = (
    _AGENT,
    replace(_AGENT, name="小周", display="小周"),
    replace(_AGENT, name="老陈", display="老陈", role=Role.SUPERVISOR),
)
"""The people of the demo shop's console."""


def first_people(*, demo: bool) -> tuple[Associate, ...]:
    return (ADMIN, *DEMO) if demo else (ADMIN,)
