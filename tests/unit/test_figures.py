"""What a supervisor looks at adds up, and says nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from retention.figures import IDLE, figures
from retention.handoff import Handoff, HandoffState
from retention.rating import Rating
from retention.staffing import Sla

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
SLA = Sla(first_reply=timedelta(seconds=60), resolution=timedelta(minutes=30))


def handoff(number: int, *, reply_s: float | None = None, ended_s: float | None = None, who: str = "小王") -> Handoff:
    """Opened an hour ago, claimed ten seconds later, and what came of it, in seconds from the claim."""
    opened = NOW - timedelta(hours=1)
    claimed = opened + timedelta(seconds=10)
    return Handoff(
        handoff_id=f"H{number}",
        conversation_id=f"K{number}",
        state=HandoffState.CLAIMED if ended_s is None else HandoffState.RESOLVED,
        reason="asked_for_person",
        summary="",
        priority=50,
        opened_at=opened,
        updated_at=opened,
        associate=who,
        claimed_at=claimed,
        first_reply_at=None if reply_s is None else claimed + timedelta(seconds=reply_s),
        first_reply_by=None if reply_s is None else who,
        first_reply_since=None if reply_s is None else claimed,
        closed_at=None if ended_s is None else claimed + timedelta(seconds=ended_s),
    )


def rating(number: int, score: int) -> Rating:
    return Rating(
        handoff_id=f"H{number}", conversation_id=f"K{number}", score=score, comment="", rated_at=NOW, updated_at=NOW
    )


def test_an_associates_times_run_from_the_claim() -> None:
    handled = [handoff(number, reply_s=number * 10, ended_s=number * 100) for number in range(1, 11)]
    work = figures(handled, {}, sla=SLA, now=NOW).work["小王"]
    assert (work.handled, work.first_reply_p50_s, work.first_reply_p90_s, work.resolution_p50_s) == (10, 50, 90, 500)


def test_what_is_not_over_counts_as_open_and_not_as_handled() -> None:
    work = figures([handoff(1, reply_s=5)], {}, sla=SLA, now=NOW).work["小王"]
    assert (work.handled, work.first_reply_p50_s, work.resolution_p50_s) == (0, 5, None)


def test_of_a_handoff_passed_on_the_first_reply_is_whose_it_was_and_the_resolution_whose_it_became() -> None:
    answered = handoff(1, reply_s=5)
    passed_on = replace(answered, associate="小李", claimed_at=NOW - timedelta(minutes=10), closed_at=NOW)
    work = figures([replace(passed_on, state=HandoffState.RESOLVED)], {"H1": rating(1, 4)}, sla=SLA, now=NOW).work
    first, last = work["小王"], work["小李"]
    assert (first.handled, first.first_reply_p50_s, first.resolution_p50_s, first.csat.n) == (0, 5, None, 0)
    assert (last.handled, last.first_reply_p50_s, last.resolution_p50_s, last.csat.n) == (1, None, 600, 1)


def test_who_answered_first_is_known_while_it_waits_in_the_queue_again() -> None:
    back = handoff(1, reply_s=5).released(at=NOW)
    assert figures([back], {}, sla=SLA, now=NOW).work["小王"].first_reply_p50_s == 5


def test_the_promise_runs_from_the_moment_a_person_was_called() -> None:
    kept, late = handoff(1, reply_s=50), handoff(2, reply_s=51)
    assert figures([kept, late], {}, sla=SLA, now=NOW).first_reply_kept == 0.5


def test_an_answer_that_never_came_breaks_the_promise_once_its_time_is_up() -> None:
    waiting = replace(handoff(1), state=HandoffState.WAITING, associate=None, claimed_at=None)
    assert figures([waiting], {}, sla=SLA, now=NOW).first_reply_kept == 0
    just_opened = replace(waiting, opened_at=NOW - timedelta(seconds=30))
    assert figures([just_opened], {}, sla=SLA, now=NOW).first_reply_kept is None


def test_a_shopper_who_left_breaks_no_promise() -> None:
    left = replace(handoff(1), state=HandoffState.CANCELLED, associate=None)
    counted = figures([left], {}, sla=SLA, now=NOW)
    assert (counted.first_reply_kept, counted.resolution_kept, counted.work) == (None, None, {})


def test_a_resolution_is_kept_within_its_time() -> None:
    counted = figures([handoff(1, ended_s=1790), handoff(2, ended_s=1791)], {}, sla=SLA, now=NOW)
    assert counted.resolution_kept == 0.5


def test_ratings_belong_to_who_was_rated() -> None:
    talks = [handoff(1, ended_s=1), handoff(2, ended_s=1), handoff(3, ended_s=1, who="小李")]
    counted = figures(talks, {"H1": rating(1, 5), "H2": rating(2, 2), "H9": rating(9, 1)}, sla=SLA, now=NOW)
    assert (counted.work["小王"].csat.mean, counted.work["小王"].csat.n) == (3.5, 2)
    assert (counted.work["小李"].csat.mean, counted.work["小李"].csat.n) == (None, 0)
    assert counted.csat.by_score == {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}


def test_causes_come_most_frequent_first_and_hours_are_those_of_china() -> None:
    furious = replace(handoff(3), reason="furious")
    counted = figures([furious, handoff(1), handoff(2)], {}, sla=SLA, now=NOW)
    assert list(counted.causes) == [("asked_for_person", 2), ("furious", 1)]
    assert [hour for hour, count in enumerate(counted.by_hour) if count] == [11]
    assert len(counted.by_hour) == 24


def test_nothing_is_known_of_a_day_without_handoffs() -> None:
    counted = figures([], {}, sla=SLA, now=NOW)
    assert (counted.first_reply_kept, counted.resolution_kept, counted.csat.mean) == (None, None, None)
    assert (IDLE.handled, IDLE.first_reply_p90_s, IDLE.csat.n) == (0, None, 0)
