"""Whom the next conversation goes to, and how long it will honestly take."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from retention.assignment import Seat, assign
from retention.associate import Associate, Role
from retention.handoff import Handoff, HandoffState
from retention.place import expected_wait_s
from retention.presence import PresenceState
from tests.unit.counter import NOW

MINUTE = timedelta(minutes=1)


def seat(name: str, *, held: int = 0, capacity: int = 2, skills: tuple[str, ...] = (), **how: object) -> Seat:
    associate = Associate(
        name=name, display=name, role=Role.AGENT, skills=skills, capacity=capacity, active=bool(how.get("active", True))
    )
    state = how.get("state", PresenceState.ONLINE)
    assert isinstance(state, PresenceState)
    return Seat(associate=associate, state=state, held=held)


def handoff(number: int, *, skill: str | None = None, since: timedelta = timedelta(0)) -> Handoff:
    return Handoff(
        handoff_id=f"h{number}",
        conversation_id=f"k{number}",
        state=HandoffState.WAITING,
        reason="asked_for_person",
        summary="",
        priority=30,
        opened_at=NOW - since,
        updated_at=NOW - since,
        skill=skill,
    )


def given(waiting: list[Handoff], seats: list[Seat], lost: dict[str, frozenset[str]] | None = None) -> list[str]:
    return [name for _, name in assign(waiting, seats, lost or {})]


def test_the_least_loaded_gets_the_next_one_and_nobody_more_than_fits() -> None:
    seats = [seat("a", held=1), seat("b", capacity=4, held=1), seat("c", capacity=1, held=1)]
    assert given([handoff(number) for number in range(6)], seats) == ["b", "a", "b", "b"]


def test_only_who_is_online_and_active_is_given_anything() -> None:
    seats = [seat("a", state=PresenceState.BUSY), seat("b", state=PresenceState.AWAY), seat("c", active=False)]
    assert given([handoff(1)], seats) == []


def test_a_wanted_skill_comes_before_a_free_desk_and_is_waited_for_while_somebody_has_it() -> None:
    skilled, free = seat("s", held=1, capacity=2, skills=("payment",)), seat("f", capacity=9)
    assert given([handoff(1, skill="payment"), handoff(2, skill="payment")], [skilled, free]) == ["s"]


def test_when_nobody_online_has_the_skill_anybody_will_do() -> None:
    skilled, free = seat("s", state=PresenceState.AWAY, skills=("payment",)), seat("f")
    assert given([handoff(1, skill="payment")], [skilled, free]) == ["f"]


def test_nobody_is_given_again_what_went_back_from_them() -> None:
    assert given([handoff(1)], [seat("a"), seat("b", held=1)], {"h1": frozenset({"a"})}) == ["b"]


def test_two_claims_say_nothing_about_the_third() -> None:
    claims = [handoff(1, since=MINUTE).claimed("a", at=NOW)] * 2
    assert expected_wait_s(1, claims, [handoff(9)], NOW) is None


def test_the_wait_is_the_pace_of_the_last_claims_times_the_place() -> None:
    claims = [
        replace(handoff(number), opened_at=NOW - (number + 2) * 2 * MINUTE).claimed(
            "a", at=NOW - (number + 1) * 2 * MINUTE
        )
        for number in range(5)
    ]
    waiting = [handoff(9)]
    assert expected_wait_s(1, claims, waiting, NOW) == 120
    assert expected_wait_s(3, claims, waiting, NOW) == 360


def test_an_hour_in_which_nobody_waited_does_not_slow_the_pace_down() -> None:
    claims = [
        replace(handoff(number), opened_at=NOW - number * 15 * MINUTE - MINUTE).claimed(
            "a", at=NOW - number * 15 * MINUTE
        )
        for number in range(1, 4)
    ]
    assert expected_wait_s(1, claims, [handoff(9)], NOW) == 60


def test_a_queue_nobody_takes_from_makes_the_wait_longer_by_the_minute() -> None:
    claims = [handoff(number, since=50 * MINUTE).claimed("a", at=NOW - 49 * MINUTE) for number in range(3)]
    short = expected_wait_s(1, claims, [handoff(9, since=2 * MINUTE)], NOW)
    long = expected_wait_s(1, claims, [handoff(9, since=20 * MINUTE)], NOW)
    assert short is not None
    assert long is not None
    assert short < long
