"""A short answer to a closed question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.yes_no import yes_or_no


@pytest.mark.parametrize(
    "text",
    ["对", "没错，改吧", "好的呀", "行", "可以", "嗯嗯", "OK", "確認", "不错，就这样", "那就这样吧", "麻烦了", "得"],
)
def test_a_yes_is_heard(text: str) -> None:
    assert yes_or_no(text) is True


@pytest.mark.parametrize(
    "text", ["不", "不了", "算了", "不用了谢谢", "先别", "别改了", "不行", "不可以", "等等", "錯了"]
)
def test_a_no_is_heard(text: str) -> None:
    assert yes_or_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "到哪了",
        "好吗？",
        "是不是今天发",
        "可是我没收到",
        "好像不对",
        "可以吗",
        "我要退货，你们这个质量太差了不想要了",
    ],
)
def test_anything_else_is_neither(text: str) -> None:
    assert yes_or_no(text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    assert yes_or_no(text) in (True, False, None)
