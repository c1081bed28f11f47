"""What a message names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from language.entities import extract
from retention.hearing import EntityKind, Hearing


def heard(text: str) -> Hearing:
    return Hearing(intent="inform_order", confidence=1.0, entities=extract(text))


def named(text: str) -> dict[str, str]:
    """The first value of each kind."""
    values: dict[str, str] = {}
    for entity in extract(text):
        values.setdefault(entity.kind.value, entity.value)
    return values


@pytest.mark.parametrize(
    ("text", "order_no"),
    [
        ("订单TQ20241122001", "TQ20241122001"),
        ("单号是tq20241122001麻烦看下", "TQ20241122001"),
        ("我的单号是 ＴＱ２０２４１１２２００１", "TQ20241122001"),
        ("2024-1122-0333", "2024-1122-0333"),
        ("2024113022334", "2024113022334"),
    ],
)
def test_an_order_number_is_named_as_typed_in_upper_case(text: str, order_no: str) -> None:
    assert named(text) == {"order_no": order_no}


@pytest.mark.parametrize(
    "text",
    [
        "2024-11-22 买的",
        "尾号8871",
        "电话13812345678",
        "身份证110101199003074477",
        "满300减40那单",
        "卡号是 6222021234567890123",
    ],
)
def test_dates_phones_and_other_numbers_are_no_order_numbers(text: str) -> None:
    assert heard(text).first(EntityKind.ORDER_NO) is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("手机改成13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("座机 010-12345678", "01012345678"),
    ],
)
def test_a_phone_is_its_digits(text: str, phone: str) -> None:
    assert named(text) == {"phone": phone}


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("五十块", "5000"),
        ("1k5", "150000"),
        ("¥39.9", "3990"),
        ("￥ 200", "20000"),
        ("两百五", "25000"),
        ("一千二百块钱", "120000"),
        ("三毛", "30"),
        ("八块五毛", "850"),
        ("九块九包邮", "990"),
        ("两百块一套", "20000"),
        ("三百多块", "30000"),
        ("便宜20呗", "2000"),
        ("满300减40", "4000"),
        ("降了六十", "6000"),
        ("0.01元", "1"),
    ],
)
def test_an_amount_is_in_fen(text: str, fen: str) -> None:
    assert heard(text).first(EntityKind.AMOUNT) == fen


@pytest.mark.parametrize(
    "text", ["几十块钱", "一块砖头", "两块手表", "一块儿退", "少了二十多片", "降价50%", "退2件", "差3天"]
)
def test_what_only_looks_like_money_is_no_amount(text: str) -> None:
    assert heard(text).first(EntityKind.AMOUNT) is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("三天了", "72"),
        ("48小时", "48"),
        ("半个月", "360"),
        ("一周", "168"),
        ("等了一个半月", "1080"),
        ("两个半小时", "3"),
        ("十分钟了", "1"),
        ("两三天", "72"),
        ("2-3天", "72"),
        ("俩月", "1440"),
        ("半天", "12"),
        ("三個禮拜", "504"),
        ("第五天了", "120"),
    ],
)
def test_a_duration_is_in_hours_rounded_up(text: str, hours: str) -> None:
    assert named(text) == {"duration": hours}


@pytest.mark.parametrize("text", ["7天无理由", "3月5号", "2024年买的", "前一天", "第二天", "五年级", "天猫"])
def test_a_date_or_a_rule_is_no_duration(text: str) -> None:
    assert heard(text).first(EntityKind.DURATION) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("要 L 码", "L"),
        ("换2xl", "2XL"),
        ("42码", "42"),
        ("鞋子37.5", None),
        ("换37.5的鞋", "37.5"),
        ("160/84A", "160/84A"),
        ("75B那款", "75B"),
        ("130码", "130"),
        ("要大号的", "L"),
        ("换大一码", "+1"),
        ("换小一号", "-1"),
        ("再大两个号", "+2"),
        ("小半码", "-0.5"),
        ("买大了一码", "-1"),
        ("偏小一号", "+1"),
    ],
)
def test_a_size_is_upper_case_and_a_relative_one_is_signed(text: str, size: str | None) -> None:
    assert heard(text).first(EntityKind.SIZE) == size


@pytest.mark.parametrize(
    "text", ["it's ok", "I'm here", "改到24号发", "92号汽油", "35号楼", "5 m 长", "m(_ _)m", "45块", "42小时换货"]
)
def test_what_only_looks_like_a_size_is_none(text: str) -> None:
    assert heard(text).first(EntityKind.SIZE) is None


@pytest.mark.parametrize(
    ("text", "build"),
    [
        ("我一米七五 140斤穿什么码", ("175", "70")),
        ("175/70kg", ("175", "70")),
        ("175 140斤", ("175", "70")),
        ("1米75 65公斤", ("175", "65")),
        ("一米六二，体重52kg", ("162", "52")),
        ("净身高1.68m，111斤", ("168", "55.5")),
        ("一米八 一百六十斤", ("180", "80")),
        ("身高165体重110，看评论都说偏小", ("165", "55")),
        ("身高178 体重75", ("178", "75")),
        ("身高160 体重90", ("160", None)),
        ("体重120", (None, "60")),
        ("五常大米10斤少了", (None, None)),
        ("1米8的床", (None, None)),
        ("175/96A", (None, None)),
    ],
)
def test_a_build_is_centimetres_and_kilograms(text: str, build: tuple[str | None, str | None]) -> None:
    assert (heard(text).first(EntityKind.HEIGHT), heard(text).first(EntityKind.WEIGHT)) == build


@pytest.mark.parametrize(
    ("text", "usual"), [("平时穿L的，这件要选多大", "L"), ("我一般都买42码", "42"), ("拍了L，平时都是M", None)]
)
def test_a_usual_size_is_the_one_usually_worn(text: str, usual: str | None) -> None:
    assert heard(text).first(EntityKind.USUAL_SIZE) == usual


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("明天下午", "+1 14-18"),
        ("后天上午来取", "+2 9-12"),
        ("周六上午9点到12点", "w6 9-12"),
        ("下周三", "W3 ?"),
        ("11月28号下午两点", "11-28 14-15"),
        ("今晚8点以后", "+0 20-23"),
        ("下午三点到五点", "? 15-17"),
        ("28号发的", None),
        ("昨天买的", None),
        ("三天了", None),
    ],
)
def test_a_time_to_come_is_a_day_and_hours(text: str, slot: str | None) -> None:
    assert heard(text).first(EntityKind.SLOT) == slot


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("两单合并一起发吧", "merge_orders"),
        ("两个订单地址一样，能合并成一个包裹发吗", "merge_orders"),
        ("有货的先发，缺货的等补货再发", "ship_apart"),
        ("能不能分开发", "ship_apart"),
        ("帮我看看我该穿什么码", "advise_size"),
        ("这裤子偏大还是偏小", "advise_size"),
        ("衣服小了换成L，明天下午上门取件", "pick_up"),
        ("叫快递来取吧", "pick_up"),
        ("把坚果取消掉，豆浆机留着", "part_of_order"),
        ("除了豆浆机都取消", "part_of_order"),
        ("只退裤子，上衣留着", "part_of_order"),
        ("取消订单", None),
        ("不要取消，留着", None),
        ("这两单一起取消", None),
        ("不用上门取件", None),
        ("选什么快递", None),
        ("你们什么时候发货", None),
    ],
)
def test_a_fix_is_what_is_asked_for_in_so_many_words(text: str, fix: str | None) -> None:
    assert heard(text).first(EntityKind.FIX) == fix


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("要红色的", "红"),
        ("换成雾霾蓝", "雾霾蓝"),
        ("藏青色有吗", "藏青"),
        ("奶茶色那件", "奶茶"),
        ("給我藍色", "蓝"),
        ("粉的还有吗", "粉"),
    ],
)
def test_a_colour_is_named_without_its_suffix(text: str, colour: str) -> None:
    assert heard(text).first(EntityKind.COLOUR) == colour


@pytest.mark.parametrize(
    "text", ["红包", "黑心商家", "白等了三天", "蓝牙耳机", "奶茶三分糖", "螺蛳粉", "一米八", "金卡会员"]
)
def test_a_colour_inside_another_word_is_none(text: str) -> None:
    assert heard(text).first(EntityKind.COLOUR) is None


@pytest.mark.parametrize(
    ("text", "quantity"),
    [("两件", "2"), ("要3双", "3"), ("只要一件", "1"), ("就要3个", "3"), ("数量填成10了，改成1", "1"), ("40箱", "40")],
)
def test_a_quantity_is_a_number(text: str, quantity: str) -> None:
    assert heard(text).first(EntityKind.QUANTITY) == quantity


@pytest.mark.parametrize("text", ["换一个", "给个说法", "一个问题", "第三件", "两个包裹", "三个人"])
def test_a_counting_word_alone_is_no_quantity(text: str) -> None:
    assert heard(text).first(EntityKind.QUANTITY) is None


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("拍了M想要L", "L", "M"),
        ("把M换成L", "L", "M"),
        ("S码换m码", "M", "S"),
        ("要L不要XL", "L", "XL"),
        ("应该拍L的拍成M了", "L", "M"),
        ("41换42", "42", "41"),
        ("42小了一点，能给我换成43的吗", "43", "42"),
        ("M太小了，L码吧", "L", "M"),
    ],
)
def test_the_wanted_size_comes_first(text: str, wanted: str, unwanted: str) -> None:
    assert [entity.value for entity in extract(text) if entity.kind is EntityKind.SIZE] == [wanted, unwanted]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("不要黑的要白的", "白"),
        ("要黑不要白", "黑"),
        ("黑色拍成白色了", "黑"),
        ("把“烟灰”改“燕麦”", "燕麦"),
        ("请把红色的换成蓝色", "蓝"),
        ("我拍的是黑的，其实想要灰色", "灰"),
        ("黑→白", "白"),
        ("黑的不想要了，换成墨绿", "墨绿"),
        ("黑的不想要，发墨绿色", "墨绿"),
        ("黑色不喜欢了，换成墨绿", "墨绿"),
    ],
)
def test_the_wanted_colour_comes_first(text: str, wanted: str) -> None:
    assert heard(text).first(EntityKind.COLOUR) == wanted


@pytest.mark.parametrize("text", ["我拍成M了", "不要黑的", "黑的不想要了", "M码太小了"])
def test_what_is_only_to_be_rid_of_is_not_named(text: str) -> None:
    assert extract(text) == ()


def test_a_full_address_is_taken_apart() -> None:
    assert named("改成上海市浦东新区张江路88弄5号301 张三收 13812345678") == {
        "province": "上海市",
        "city": "上海市",
        "district": "浦东新区",
        "detail": "张江路88弄5号301",
        "receiver": "张三",
        "phone": "13812345678",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "寄到杭州西湖区文三路 90 号",
            {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路90号"},
        ),
        ("收件人改成李梅", {"receiver": "李梅"}),
        ("收件人改成我妈，她叫李桂兰，电话13800001234", {"receiver": "李桂兰", "phone": "13800001234"}),
        ("改成文三路90号3栋2单元501，谢谢", {"detail": "文三路90号3栋2单元501"}),
        ("寄到大连去", {"province": "辽宁省", "city": "大连市"}),
        ("吉林市船营区", {"province": "吉林省", "city": "吉林市", "district": "船营区"}),
        ("南京西路1266号", {"detail": "南京西路1266号"}),
        (
            "地址改到 廣州市天河區體育西路 12號 陳大文 收",
            {
                "province": "广东省",
                "city": "广州市",
                "district": "天河区",
                "detail": "體育西路12號",
                "receiver": "陳大文",
            },
        ),
        (
            "江苏省苏州市昆山市玉山镇前进路100号",
            {"province": "江苏省", "city": "苏州市", "district": "昆山市", "detail": "玉山镇前进路100号"},
        ),
        ("应该是朝阳区不是海淀区", {"district": "朝阳区"}),
        (
            "把上海的地址改成杭州西湖区",
            {"province": "浙江省", "city": "杭州市", "district": "西湖区"},
        ),
    ],
)
def test_looser_addresses_are_taken_apart_too(text: str, parts: dict[str, str]) -> None:
    assert named(text) == parts


@pytest.mark.parametrize(
    "text", ["三明治不好吃", "还没开封", "小区门口", "有什么区别", "送我到我家", "地址写错了能改吗"]
)
def test_words_that_hold_a_place_name_are_no_address(text: str) -> None:
    assert extract(text) == ()


def test_offsets_lead_back_to_the_original_text() -> None:
    text = "\u200b我要ＸＬ碼，電話１３８１２３４５６７８"
    assert {entity.text for entity in extract(text)} == {"ＸＬ", "１３８１２３４５６７８"}
    assert all(text[entity.start : entity.end] == entity.text for entity in extract(text))


PIECES = st.sampled_from(
    "一二两三十百半0123456789.-/块毛元天个月件号码改成换要不拍SMLxk黑白色的上海市浦东新区路弄收李电话13812345678 ，¥"
)


@given(st.one_of(st.text(alphabet=st.characters(), max_size=80), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_searched_and_offsets_hold(text: str) -> None:
    for entity in extract(text):
        assert 0 <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.text
        assert entity.value


@pytest.mark.parametrize("unit", ["一", "1", "1-", "¥", "半个", "改成", "杭州", "中文路", "区", "李"])
def test_endless_repetition_is_read_too(unit: str) -> None:
    extract(unit * 5000)
