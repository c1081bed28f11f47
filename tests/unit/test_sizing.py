"""Which size fits: never invented, as sure as its evidence, and asked for what it lacks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retention.event import Event
from retention.hearing import EntityKind, Reason
from retention.order import Stage
from retention.sizing import Advice, Bought, Build, ChartRow, Goods, Sureness, advise, goods_of
from tests.unit.counter import HOUR, NOW, Counter, entity, order, stock

SIZES = ("S", "M", "L", "XL")
CHART = (
    ChartRow(size="S", height=(155, 164), weight=(45, 54)),
    ChartRow(size="M", height=(163, 172), weight=(53, 63)),
    ChartRow(size="L", height=(171, 179), weight=(62, 74)),
    ChartRow(size="XL", height=(178, 186), weight=(73, 86)),
)


def bought(size: str, kept: int, *, small: int = 0, large: int = 0, at: tuple[float, float] = (175, 70)) -> Bought:
    return Bought(size=size, height_cm=at[0], weight_kg=at[1], kept=kept, small=small, large=large)


TALL = Build(height_cm=175, weight_kg=70)


def test_chart_and_many_buyers_of_that_build_make_it_sure() -> None:
    goods = Goods(chart=CHART, history=(bought("L", 41, small=3), bought("M", 4, small=9)))
    assert advise(goods, TALL, SIZES) == Advice(
        size="L", sureness=Sureness.SURE, buyers=44, kept=41, by_chart=True, also=None
    )


def test_the_chart_alone_makes_it_likely() -> None:
    advice = advise(Goods(chart=CHART), TALL, SIZES)
    assert advice is not None
    assert (advice.size, advice.sureness, advice.buyers) == ("L", Sureness.LIKELY, 0)


def test_buyers_who_sent_the_charts_size_back_make_it_unsure() -> None:
    goods = Goods(chart=CHART, history=(bought("L", 6, small=30), bought("XL", 34, large=3)))
    advice = advise(goods, TALL, SIZES)
    assert advice is not None
    assert (advice.size, advice.sureness, advice.also) == ("XL", Sureness.UNSURE, "L")


def test_without_a_chart_many_buyers_are_enough() -> None:
    advice = advise(Goods(history=(bought("L", 30, small=2),)), TALL, SIZES)
    assert advice is not None
    assert (advice.size, advice.sureness, advice.by_chart) == ("L", Sureness.LIKELY, False)


def test_between_two_sizes_both_are_named() -> None:
    advice = advise(Goods(chart=CHART), Build(height_cm=179, weight_kg=74), SIZES)
    assert advice is not None
    assert advice.sureness is Sureness.UNSURE
    assert {advice.size, advice.also} == {"L", "XL"}


def test_a_height_and_a_weight_that_say_two_sizes_are_unsure() -> None:
    advice = advise(Goods(chart=CHART), Build(height_cm=160, weight_kg=70), SIZES)
    assert advice is not None
    assert (advice.size, advice.also, advice.sureness) == ("L", "S", Sureness.UNSURE)


def test_nothing_known_is_no_advice() -> None:
    assert advise(Goods(chart=CHART), Build(height_cm=210, weight_kg=120), SIZES) is None
    assert advise(Goods(history=(bought("L", 3),)), TALL, SIZES) is None
    assert advise(Goods(chart=CHART), Build(height_cm=175), SIZES) is None


def test_a_usual_size_counts_where_its_buyers_kept_it() -> None:
    goods = Goods(history=(bought("L", 40, small=3, large=2),))
    advice = advise(goods, Build(usual="L"), SIZES)
    assert advice is not None
    assert (advice.size, advice.sureness) == ("L", Sureness.LIKELY)


def test_goods_that_run_small_name_the_next_size_beside_the_usual_one() -> None:
    goods = Goods(history=(bought("L", 30, small=20, large=1), bought("M", 20, small=9)))
    advice = advise(goods, Build(usual="L"), SIZES)
    assert advice is not None
    assert (advice.also, advice.sureness) == ("XL", Sureness.UNSURE)


ROW = st.builds(
    Bought,
    size=st.sampled_from(SIZES),
    height_cm=st.floats(140, 210),
    weight_kg=st.floats(35, 130),
    kept=st.integers(0, 200),
    small=st.integers(0, 50),
    large=st.integers(0, 50),
)
MEASURE = st.none() | st.floats(100, 250)


@given(
    chart=st.sets(st.sampled_from(CHART)),
    history=st.lists(ROW, max_size=12),
    height=MEASURE,
    weight=MEASURE,
    usual=st.none() | st.sampled_from(SIZES),
)
def test_whatever_is_known_the_size_is_sold_and_the_count_is_real(
    chart: set[ChartRow], history: list[Bought], height: float | None, weight: float | None, usual: str | None
) -> None:
    goods = Goods(chart=tuple(chart), history=tuple(history))
    advice = advise(goods, Build(height_cm=height, weight_kg=weight, usual=usual), SIZES)
    if advice is None:
        return
    assert advice.size in SIZES
    assert 0 <= advice.kept <= advice.buyers <= sum(row.kept + row.small + row.large for row in history)
    assert advice.sureness is not Sureness.SURE or (advice.by_chart and advice.buyers >= 25)
    assert goods, "advice out of nothing"


def test_rows_that_make_no_sense_are_left_out() -> None:
    rows = [{"size": "L", "height": [171, 179], "weight": [62, 74]}, {"size": "M"}, "L", {"size": 3, "height": [1, 2]}]
    event = Event(event_id="c", kind="size.chart", at=NOW, sku="sku-1", data={"rows": rows})
    assert [row.size for row in goods_of([event], "sku-1").chart] == ["L"]


# --- at the desk ---------------------------------------------------------------------------------------------------


def fits() -> tuple[Event, ...]:
    chart = [{"size": row.size, "height": list(row.height), "weight": list(row.weight)} for row in CHART]
    kept = [
        {"size": "L", "height": 175, "weight": 70, "kept": 41, "small": 3, "large": 2},
        {"size": "M", "height": 172, "weight": 66, "kept": 5, "small": 9, "large": 0},
    ]
    return (
        Event(event_id="chart", kind="size.chart", at=NOW - 2000 * HOUR, sku="sku-1", data={"rows": chart}),
        Event(event_id="kept", kind="size.kept", at=NOW - 30 * HOUR, sku="sku-1", data={"rows": kept}),
        stock("深蓝色 M"),
        stock("深蓝色 L"),
        stock("浅蓝色 L"),
    )


def jeans() -> Counter:
    return Counter(order(attributes={"variant": "深蓝色 M"})).events(*fits())


ADVISE = entity(EntityKind.FIX, "advise_size")
HEIGHT, WEIGHT = entity(EntityKind.HEIGHT, "175"), entity(EntityKind.WEIGHT, "70")


def test_what_is_missing_is_asked_for_and_the_advice_swaps_on_a_yes() -> None:
    counter = jeans()
    reply = counter.say("帮我看看穿什么码", "track_order", entities=(ADVISE,))
    assert "身高和体重" in reply.bubbles[0].text
    reply = counter.say("一米七五", "out_of_scope", entities=(HEIGHT,))
    assert "体重" in reply.bubbles[0].text
    assert "身高和体重" not in reply.bubbles[0].text
    reply = counter.say("140斤", "out_of_scope", entities=(WEIGHT,))
    assert "建议 L" in reply.bubbles[0].text
    assert "46 位里有 41 位" in reply.bubbles[0].text
    counter.say("换成 深蓝色 L", "exchange_item")
    assert counter.order().attributes["variant"] == "深蓝色 M", "advice is no order"
    counter.say("确认修改", "affirm")
    assert counter.order().attributes["variant"] == "深蓝色 L"


def test_all_in_one_message_is_answered_at_once() -> None:
    reply = jeans().say("175/70kg选什么码", "wrong_choice", Reason.SIZE, entities=(ADVISE, HEIGHT, WEIGHT))
    assert "建议 L" in reply.bubbles[0].text


def test_a_build_told_with_a_wish_for_another_size_is_advised() -> None:
    reply = jeans().say("身高175体重140，能升一个码吗", "wrong_choice", Reason.SIZE, entities=(HEIGHT, WEIGHT))
    assert "建议 L" in reply.bubbles[0].text


def test_a_usual_size_is_no_wish_when_advice_is_asked_for() -> None:
    counter = jeans()
    usual = (ADVISE, entity(EntityKind.SIZE, "L"), entity(EntityKind.USUAL_SIZE, "L"))
    counter.say("平时穿L，这件选多大", "wrong_choice", Reason.SIZE, entities=usual)
    assert counter.decision().rule == "ask_build"


def test_goods_nobody_knows_the_fit_of_get_no_advice_but_a_person() -> None:
    counter = Counter(order(attributes={"variant": "深蓝色 M"})).events(stock("深蓝色 L"))
    reply = counter.say("帮我看看穿什么码", "wrong_choice", entities=(ADVISE, HEIGHT, WEIGHT))
    assert counter.decision().rule == "size_no_data"
    assert "转人工" in [button.text for button in reply.bubbles[0].buttons]


def test_the_size_that_was_bought_is_not_offered_again() -> None:
    counter = Counter(order(attributes={"variant": "深蓝色 L"})).events(*fits())
    reply = counter.say("175 70kg这件合适吗", "quality_doubt", entities=(ADVISE, HEIGHT, WEIGHT))
    assert "您买的 L 就合适" in reply.bubbles[0].text
    assert reply.bubbles[0].buttons == ()


def test_after_receipt_the_advised_size_is_an_exchange() -> None:
    delivered = order(stage=Stage.DELIVERED, attributes={"variant": "深蓝色 M"})
    counter = Counter(delivered).events(*fits())
    counter.say("175 70kg 这件该换什么码", "exchange_item", Reason.SIZE, entities=(ADVISE, HEIGHT, WEIGHT))
    counter.say("换成 深蓝色 L", "exchange_item")
    counter.say("确认修改", "affirm")
    assert counter.order().stage is Stage.AFTER_SALE
