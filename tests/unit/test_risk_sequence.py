"""Sequences: what is read of them, by whom, and how it is said."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.case import Case
from retention.event import Event
from risk.evidence import gather
from risk.sequence.kinds import KINDS, MILESTONES, UNKNOWN, kind_of
from risk.sequence.reader import SHIPPED, SequenceReader
from risk.sequence.tokens import BACK, LONGEST, NUMBERS, Tokens, tokens
from risk.sequence.traces import PREFIX, traces
from risk.unusable import ModelUnusableError
from tests.unit.risk_cases import CASES, NOW, PUNCTUAL, UNSHIPPED, after, ago, event

READER = SequenceReader.load(SHIPPED)
AWAY, HOME = {"city": "上海市"}, {"city": "杭州市"}


def of(case: Case) -> Tokens:
    return tokens(gather(case))


def moved(*to: dict[str, str]) -> Case:
    """Address changes, one an hour, the last an hour ago."""
    return after(
        UNSHIPPED, *(event("behaviour.address_changed", len(to) - place, **each) for place, each in enumerate(to))
    )


@given(case=CASES, seed=st.integers(0, 10**6))
def test_a_sequence_does_not_depend_on_how_the_events_are_listed(case: Case, seed: int) -> None:
    shuffled = list(case.events)
    random.Random(seed).shuffle(shuffled)
    one, other = of(case), of(replace(case, events=tuple(shuffled)))
    assert one.kinds == other.kinds
    assert (one.numbers == other.numbers).all()


@given(case=CASES)
def test_every_number_of_a_token_is_finite_and_small_whatever_the_records_hold(case: Case) -> None:
    found = of(case)
    assert found.numbers.shape == (len(found.kinds), NUMBERS)
    assert np.isfinite(found.numbers).all()
    assert np.abs(found.numbers).max(initial=0.0) < 10
    assert list(found.times) == sorted(found.times)
    assert set(found.kinds) <= set(KINDS)


def test_the_newest_sixty_four_are_read() -> None:
    busy = after(UNSHIPPED, *(event("behaviour.logged_in", 1 + number / 100) for number in range(100)))
    found = of(busy)
    assert len(found.kinds) == LONGEST
    assert found.times[-1] == ago(1)
    assert "order.placed" not in found.kinds


def test_what_was_known_of_prices_before_the_order_is_no_part_of_its_sequence() -> None:
    told = after(
        UNSHIPPED, *(event("price.changed", hours, sku="shoe", price_fen=1, source="own") for hours in (5, 50))
    )
    assert of(told).kinds.count("price.changed/own") == 1


def test_going_back_and_forth_is_told_from_going_there_and_back_once() -> None:
    def back(*to: dict[str, str]) -> list[bool]:
        found = of(moved(*to))
        return [bool(row[BACK]) for kind, row in zip(found.kinds, found.numbers, strict=True) if "address" in kind]

    assert back(AWAY, HOME, AWAY, HOME) == [False, False, True, True]
    assert back(HOME, AWAY, AWAY, HOME) == [False, False, False, False]


@pytest.mark.parametrize(
    ("kind", "data", "read"),
    [
        ("behaviour.viewed", {"page": "returns"}, "behaviour.viewed/returns"),
        ("behaviour.viewed", {"page": "of tomorrow"}, "behaviour.viewed"),
        ("service.consulted", {"topic": "policy"}, "service.consulted/policy"),
        ("price.changed", {"source": "competitor"}, "price.changed/competitor"),
        ("behaviour.viewed", {"page": 3}, "behaviour.viewed"),
        ("behaviour.levitated", {}, UNKNOWN),
    ],
)
def test_a_kind_is_read_as_finely_as_it_is_described(kind: str, data: dict[str, object], read: str) -> None:
    assert kind_of(Event(event_id="1", kind=kind, at=NOW, data=data)) == read


@given(some=st.lists(CASES, min_size=1, max_size=8))
def test_what_else_is_read_with_a_sequence_does_not_matter(some: list[Case]) -> None:
    many = [of(case) for case in some]
    for alone, together in zip(many, READER.shares(many), strict=True):
        assert together.shape == (len(alone.kinds),)
        assert READER.shares([alone])[0] == pytest.approx(together, abs=1e-5)


def test_nothing_at_all_says_nothing() -> None:
    nothing = Tokens(kinds=(), numbers=np.zeros((0, NUMBERS), np.float32), times=())
    assert READER.shares([nothing])[0].shape == (0,)
    assert READER.shares([]) == []


def test_the_shipped_reader_is_small_and_says_what_it_was_learnt_from() -> None:
    assert len(READER.graph) < 500_000
    assert READER.card["source"] == "synthetic"
    assert READER.card["orders"] > 10_000
    assert READER.card["hybrid_auc"] > READER.card["context_auc"]


@pytest.mark.parametrize("graph", [b"", b"no model", READER.graph[:2000]], ids=["empty", "text", "cut short"])
def test_a_file_that_is_no_reader_is_refused_with_its_name(tmp_path: Path, graph: bytes) -> None:
    (tmp_path / "some.onnx").write_bytes(graph)
    with pytest.raises(ModelUnusableError, match=r"some\.onnx.*train again"):
        SequenceReader.load(tmp_path / "some.onnx")


def test_a_reader_of_other_numbers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("risk.sequence.reader.NUMBERS", NUMBERS + 1)
    with pytest.raises(ModelUnusableError, match="train again"):
        SequenceReader.load(SHIPPED)


def test_traces_say_what_how_often_and_in_how_long() -> None:
    case = moved(AWAY, HOME, AWAY)
    found = of(case)
    said = traces(found, np.ones(len(found.kinds)), case.now)
    assert said[f"{PREFIX}behaviour.address_changed"].words() == "最近 3 小时内来回改地址 3 次"
    assert said[f"{PREFIX}behaviour.address_changed"].share == 3
    assert said[f"{PREFIX}order.placed"].words() == "下单已 10 小时"
    once = of(moved(AWAY))
    assert traces(once, np.zeros(len(once.kinds)), NOW)[f"{PREFIX}behaviour.address_changed"].words() == (
        "最近 1 小时内改地址 1 次"
    )
    assert set(of(PUNCTUAL).kinds) == set(MILESTONES[:3])
