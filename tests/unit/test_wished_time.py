"""A call-back's time in a shopper's words: never earlier than now, and never read into what is about something else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.wished_time import wished_at
from retention.words import CHINA

FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "wished"),
    [
        ("明天下午三点打给我", at(21, 15)),
        ("明天下午3点半打给我吧", at(21, 15, 30)),
        ("你们后天上午十点一刻再联系我", at(22, 10, 15)),
        ("今晚八点二十给我回电", at(20, 20, 20)),
        ("13900002222，明早九点", at(21, 9)),
        ("明天 15:30 方便", at(21, 15, 30)),
        ("明天15：30打", at(21, 15, 30)),
        ("大后天打我电话", at(23, 9)),
        ("下午", at(20, 13)),
        ("下午三点打", at(20, 15)),
        ("三点打给我", at(20, 15)),
        ("九点打给我", at(20, 21)),
        ("上午十点打给我", at(21, 10)),
        ("晚上十二点打给我", at(21, 0)),
        ("下午一点有空", at(20, 13)),
        ("中午十二点半再打", at(20, 12, 30)),
        ("中午1点打给我", at(20, 13)),
        ("周日再打给我", at(22, 9)),
        ("下周一上午打给我", at(23, 9)),
        ("星期五上午打给我", at(27, 9)),
        ("二十点打给我", at(20, 20)),
        ("包裹没到，明天下午打给我说清楚", at(21, 13)),
        ("明天早一点打给我", at(21, 9)),
        ("明天下午三点前打给我", at(21, 13)),
    ],
)
def test_the_time_of_the_wish_is_read(text: str, wished: datetime) -> None:
    assert wished_at(text, FRIDAY_NOON) == wished


@pytest.mark.parametrize(
    "text",
    [
        "请人工回电",
        "快一点打给我",
        "便宜一点",
        "说好今天下午到的",
        "昨天下午三点打过电话没人接",
        "明天别打给我",
        "明天下午不方便",
        "今天上午打给我",  # over
        "今天下午的快递到哪了",
        "退我 200 元",
        "48小时没动静",
        "明天下午二十五点打给我",
        "明白了，打给我",
        "",
    ],
)
def test_what_names_no_time_to_come_asks_for_a_call_as_soon_as_possible(text: str) -> None:
    assert wished_at(text, FRIDAY_NOON) is None


def test_this_afternoon_in_the_afternoon_is_now() -> None:
    assert wished_at("下午打给我", at(20, 14)) is None
    assert wished_at("今天下午打给我", at(20, 14)) is None
    assert wished_at("下午打给我", at(20, 19)) == at(21, 13)


WORDS = st.lists(
    st.sampled_from(
        [*"今明后天早晚上中下午点半刻分周一二三十两:：前打给我，吧", "大后天", "星期", "12", "30", "99", "打"]
    ),
    max_size=12,
).map("".join)


@given(text=WORDS, minutes=st.integers(0, 60 * 24 * 14))
def test_a_wish_is_never_for_the_past_and_never_for_a_time_far_away(text: str, minutes: int) -> None:
    now = FRIDAY_NOON + timedelta(minutes=minutes)
    wished = wished_at(text, now)
    assert wished is None or now < wished <= now + timedelta(days=15)


@given(text=st.text())
def test_any_text_can_be_read(text: str) -> None:
    wished_at(text, FRIDAY_NOON)
