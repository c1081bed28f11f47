"""What is said fits the platforms, and a number means the button it stands before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.channels.wire import MENU_LINES, fits_a_menu, menu_id, numbered, of_menu_id, picked, pieces, texts
from retention.reply import Bubble, Button

BUTTONS = tuple(Button(title=f"第 {number} 个", text=f"选 {number}") for number in range(1, 13))


@given(text=st.text(), most=st.integers(4, 60))
def test_pieces_fit_and_together_they_are_the_text(text: str, most: int) -> None:
    cut = list(pieces(text, most))
    assert "".join(cut) == text
    assert all(len(piece.encode()) <= most for piece in cut)
    assert all(cut[:-1])


def test_a_long_text_is_cut_after_a_sentence() -> None:
    assert list(pieces("第一句。第二句很长很长", 24)) == ["第一句。", "第二句很长很长"]


@pytest.mark.parametrize("text", ["2", "２", "②", " 2. ", "2、", "2。"])
def test_a_number_however_it_is_typed_picks_its_button(text: str) -> None:
    assert picked(text, BUTTONS) == BUTTONS[1]


@pytest.mark.parametrize("text", ["0", "13", "99999", "-1", "1.5", "2个", "选2", "", "二", "²x", "12345678901"])
def test_what_is_not_the_number_of_a_button_picks_none(text: str) -> None:
    assert picked(text, BUTTONS) is None


def test_every_button_stands_in_the_words_with_its_number() -> None:
    lines = numbered(Bubble(text="要哪个？", buttons=BUTTONS)).splitlines()
    assert [line for line in lines if line[:1].isdigit()] == [f"{n}. 第 {n} 个" for n in range(1, 13)]


@pytest.mark.parametrize("given_id", ["", "-", "1-", "-1", "1-x", "１-２", "1-2-3", "9" * 30 + "-1"])
def test_a_menu_id_that_is_not_ours_means_nothing(given_id: str) -> None:
    assert of_menu_id(given_id) is None
    assert of_menu_id(menu_id(12, 3)) == (12, 3)


def test_what_is_too_much_for_a_menu_is_said_in_words() -> None:
    assert fits_a_menu(Bubble(text="好", buttons=BUTTONS[:MENU_LINES]))
    assert not fits_a_menu(Bubble(text="好", buttons=BUTTONS))
    assert not fits_a_menu(Bubble(text="好"))
    assert not fits_a_menu(Bubble(text="好" * 400, buttons=BUTTONS[:1]))
    assert not fits_a_menu(Bubble(text="好", buttons=(Button(title="长" * 50, text="x"),)))
    assert texts(Bubble(text="好"))[0] == {"msgtype": "text", "text": {"content": "好"}}
