"""The time a report is about."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.problems import ProblemError

LONGEST = timedelta(days=92)


def checked(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Raises ProblemError 422."""
    if not begin < end <= begin + LONGEST:
        raise ProblemError(422, "bad_period", f"结束时间要晚于开始时间，且最多看 {LONGEST.days} 天。")
    return begin, end
