"""The shop's staffing rows: when it is open, who should take what, and what a bad row is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.rows import PolicyError
from policies.staffing import load
from retention.presence import Presence, PresenceState
from retention.staffing import Assignment, Staffing
from retention.words import CHINA
from tests.unit.counter import NOW, ROOT, STAFFING

SHIPPED = ROOT / "policies" / "staffing.yml"
WEEKDAYS: dict[str, Any] = {
    "business_hours": [
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "12:00"},
        {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "14:00", "to": "21:00"},
    ],
    "holidays": [date(2026, 11, 23)],
}


def rows(folder: Path, **changes: object) -> Staffing:
    data = yaml.safe_load(SHIPPED.read_text(encoding="utf-8")) | changes
    file = folder / "staffing.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load(file)


def in_china(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


def test_as_shipped_the_shop_never_closes() -> None:
    assert all(STAFFING.is_open(NOW + timedelta(hours=hour)) for hour in range(24 * 7))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (in_china(20, 9), None),
        (in_china(20, 8, 59), in_china(20, 9)),
        (in_china(20, 12), in_china(20, 14)),
        (in_china(20, 20, 59), None),
        (in_china(20, 21), in_china(24, 9)),  # a Friday night, and Monday is a holiday
        (in_china(22, 10), in_china(24, 9)),
        (in_china(23, 10), in_china(24, 9)),
    ],
)
def test_a_shop_is_open_in_its_hours_and_knows_when_it_opens(
    tmp_path: Path, now: datetime, opens: datetime | None
) -> None:
    staffing = rows(tmp_path, **WEEKDAYS)
    assert staffing.is_open(now.astimezone(timezone.utc)) is (opens is None)
    assert staffing.opens_at(now.astimezone(timezone.utc)) == opens


def test_a_skill_is_wanted_by_rule_or_by_reason() -> None:
    assert STAFFING.skill_for("payment_dispute", ()) == "payment"
    assert STAFFING.skill_for("asked_for_person", ("price", "logistics")) == "logistics"
    assert STAFFING.skill_for("asked_for_person", ("price",)) is None


def test_who_was_not_heard_of_for_a_minute_is_away_whatever_they_said() -> None:
    presence = Presence(associate="a", state=PresenceState.BUSY, seen_at=NOW)
    assert STAFFING.state_of(presence, NOW + timedelta(seconds=59)) is PresenceState.BUSY
    assert STAFFING.state_of(presence, NOW + timedelta(seconds=60)) is PresenceState.AWAY
    assert STAFFING.state_of(None, NOW) is PresenceState.AWAY


def test_assignment_is_a_row(tmp_path: Path) -> None:
    assert rows(tmp_path, assignment="automatic").assignment is Assignment.AUTOMATIC


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"assigment": "manual"}, "assigment"),
        ({"assignment": "auto"}, "assignment"),
        ({"capacity": 0}, "capacity"),
        ({"heartbeat_s": 40}, "away_after_s"),
        ({"release_after_s": 30}, "release_after_s"),
        ({"business_hours": []}, "business_hours"),
        ({"business_hours": [{"days": ["mo"], "from": "09:00", "to": "21:00"}]}, "business_hours[0].days"),
        ({"business_hours": [{"days": ["mon"], "from": "09:00", "to": 1260}]}, "business_hours[0].to"),
        ({"business_hours": [{"days": ["mon"], "from": "9:00", "to": "21:00"}]}, "business_hours[0].from"),
        ({"business_hours": [{"days": ["mon"], "from": "21:00", "to": "02:00"}]}, "business_hours[0].to"),
        ({"holidays": ["tomorrow"]}, "holidays"),
        ({"skills": {"payment": {}}}, "skills.payment.rules"),
        ({"skills": {"payment": {"reasons": ["money"]}}}, "skills.payment.reasons[0]"),
        ({"sla": {"first_reply_s": 60}}, "sla.resolution_min"),
    ],
)
def test_a_bad_row_is_refused_with_its_path(tmp_path: Path, changes: dict[str, object], path: str) -> None:
    with pytest.raises(PolicyError) as refused:
        rows(tmp_path, **changes)
    assert refused.value.path == path


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "staffing.yml"
    file.write_text("a: [", encoding="utf-8")
    with pytest.raises(PolicyError, match="应为UTF-8 编码的 YAML"):
        load(file)
