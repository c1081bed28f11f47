"""What is kept for training names nobody, and says what the shopper said."""

from __future__ import annotations

import doctest

import pytest

from service import training_text as module
from service.training_text import training_text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("打 13812345678", "打 138****5678"),
        ("打 138 1234 5678 或者 139-8765-4321", "打 138****5678 或者 139****4321"),
        ("手机１３８１２３４５６７８", "手机138****5678"),
        ("1\u200b38123\u200b45678", "138****5678"),
        ("电话幺三八一二三四五六七八", "电话***"),
        ("固话 0571-88888888", "固话 057****8888"),
        ("订单号 2026112190000002", "订单号 ***"),
        ("TQ20261116001到哪了", "***到哪了"),
        ("验证码 482913", "验证码 ***"),
        ("卡号 6222 0212 3456 7890 123", "卡号 ***"),
        ("身份证11010519491231002X", "身份证******************"),
        ("收件人李明，杭州市西湖区文三路90号", "收件人***，杭州市西湖区***"),
        ("微信是wx_abc12345", "微信是***"),
        ("发到 li.ming@example.com 吧", "发到 *** 吧"),
    ],
)
def test_what_identifies_a_person_is_masked(written: str, kept: str) -> None:
    assert training_text(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "退了吧 😡👨‍👩‍👧 太贵了!!!",
        "<b>粗</b> **不要** &amp; \\n",
        "再不处理我打12315",
        "我 299 买的，别家 199.9，满300减50",
        "早知道199就能买，太坑了，我要退款",
        "iPhone15ProMax 256G，2026-11-20 买的",
        "  Ｆｕｌｌ　ｗｉｄｔｈ  ",
    ],
)
def test_the_rest_stays_as_typed(written: str) -> None:
    assert training_text(written) == written


def test_what_the_records_know_of_the_person_is_masked_wherever_it_stands() -> None:
    assert training_text("我朋友李小明说李小明不要了", ["李小明", "", "明"]) == "我朋友***说***不要了"


def test_a_longer_known_value_goes_before_a_part_of_it() -> None:
    assert training_text("寄给欧阳小满", ["欧阳", "欧阳小满"]) == "寄给***"


def test_the_example_holds() -> None:
    assert doctest.testmod(module) == (0, 1)
