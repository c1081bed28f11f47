"""A CRM that follows the profiles sees each of them once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.ports import Store
from retention.profile import Profile
from tests.contract.samples import HOUR, NOW, PROFILE

BEGINNING = NOW - 1_000 * HOUR


def follow(store: Store, *, page: int) -> list[Profile]:
    seen: list[Profile] = []
    after, cursor = BEGINNING, None
    while True:
        with store.transaction() as records:
            profiles: Sequence[Profile] = records.profiles.updated_after(after, cursor=cursor, limit=page)
        if not profiles:
            return seen
        seen.extend(profiles)
        after, cursor = profiles[-1].updated_at, profiles[-1].conversation_id


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(0, 3), min_size=12, max_size=12), page=st.integers(1, 5))
def test_paging_never_skips_or_repeats_also_when_many_were_updated_at_once(
    store: Store, hours: list[int], page: int
) -> None:
    profiles = [
        replace(PROFILE, conversation_id=f"K{number:02}", updated_at=NOW + hour * HOUR)
        for number, hour in enumerate(hours)
    ]
    with store.transaction() as records:
        for profile in profiles:
            records.profiles.put(profile)
    assert follow(store, page=page) == sorted(profiles, key=lambda one: (one.updated_at, one.conversation_id))


def test_without_a_cursor_the_instant_itself_is_past(store: Store) -> None:
    with store.transaction() as records:
        records.profiles.put(PROFILE)
        assert list(records.profiles.updated_after(PROFILE.updated_at)) == []
        assert list(records.profiles.updated_after(PROFILE.updated_at, cursor="")) == [PROFILE]


def test_profiles_of_a_customer_are_newest_first(store: Store) -> None:
    newer = replace(PROFILE, conversation_id="K0", updated_at=NOW + 2 * HOUR)
    with store.transaction() as records:
        for profile in (PROFILE, newer, replace(PROFILE, conversation_id="K9", customer_id=None)):
            records.profiles.put(profile)
        assert list(records.profiles.of_customer("C1")) == [newer, PROFILE]
        assert list(records.profiles.of_customer("C1", limit=1)) == [newer]
