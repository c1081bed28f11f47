"""Planted stories: the order of their steps tells a dangerous one from its harmless twin, and nothing that pools them does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from math import exp, log

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from retention.event import Event
from tests.unit.twin_cases import NOW, history
from twin.dice import Dice
from twin.life import live
from twin.places import PLACES, Place
from twin.process import Circumstances, Speech, probability
from twin.record import Record
from twin.sequence import EFFECT, Plot, Story, story

TWINS = ((Plot.BACK_AND_FORTH, Plot.THERE_AND_BACK), (Plot.ASKED_AFTER_ANSWER, Plot.ASKED_BEFORE_ANSWER))
DANGEROUS = frozenset(dangerous for dangerous, _ in TWINS)
HOME = PLACES[0]

each_pair = pytest.mark.parametrize("pair", TWINS, ids=[dangerous.value for dangerous, _ in TWINS])


@cache
def drawn() -> Sequence[tuple[Story, datetime]]:
    """Stories with the moments they are asked about."""
    dice = Dice(3, "stories")
    found: list[tuple[Story, datetime]] = []
    while len(found) < 3000:
        life = live(dice, placed_at=NOW - timedelta(days=60), place=HOME, stock_until=None, now=NOW)
        told = story(Record(dice=dice, order_no="O1", customer_id="C1", life=life), HOME)
        if told.plot is not None:
            found.append((told, life.moment))
    return found


def steps(events: Sequence[Event], home: Place = HOME) -> str:
    """H and A: the address became home or another; q and a: asked and answered."""
    return "".join(
        ("H" if event.text("city") == home.city else "A")
        if event.kind == "behaviour.address_changed"
        else ("q" if event.kind == "service.consulted" else "a")
        for event in sorted(events, key=lambda event: event.at)
    )


def reads_danger(events: Sequence[Event]) -> bool:
    """A rule that looks at the order: four switches of the address, or three questions after the first answer."""
    told = steps(events)
    return "AHAH" in told or "qaqqq" in told


def pooled(events: Sequence[Event], moment: datetime) -> Mapping[str, float]:
    """All that counts, sums, maxima and times since the last can say of these events, by kind and by value."""
    found: Counter[str] = Counter()
    for event in events:
        hours = (moment - event.at) / timedelta(hours=1)
        for key in (event.kind, f"{event.kind} at home: {event.text('city') == HOME.city}"):
            found[f"count {key}"] += 1
            found[f"last day {key}"] += hours <= 24
            found[f"since {key}"] = min(found.get(f"since {key}", 1e9), hours)  # type: ignore[assignment]
        found["seconds"] += int(event.number("seconds"))
        found["longest"] = max(found["longest"], int(event.number("seconds")))
    return found


def test_about_one_order_in_ten_carries_a_story_and_every_plot_is_as_common() -> None:
    plots = Counter(past.plot for past in history().orders)
    carriers = len(history().orders) - plots[None]
    assert 0.08 <= carriers / len(history().orders) <= 0.12
    assert all(0.015 <= plots[plot] / len(history().orders) <= 0.035 for plot in Plot)


def test_each_plot_has_the_steps_its_name_says() -> None:
    told = {plot: {steps(found.events) for found, _ in drawn() if found.plot is plot} for plot in Plot}
    assert told == {
        Plot.BACK_AND_FORTH: {"AHAH"},
        Plot.THERE_AND_BACK: {"HAAH"},
        Plot.ASKED_AFTER_ANSWER: {"qaqqqa"},
        Plot.ASKED_BEFORE_ANSWER: {"qqqaqa"},
    }


def test_every_gap_of_a_story_is_shorter_than_the_one_before_and_none_lies_after_the_moment() -> None:
    for told, moment in drawn():
        at = [event.at for event in told.events]
        gaps = [later - earlier for earlier, later in pairwise(at)]
        assert gaps == sorted(gaps, reverse=True)
        assert at[-1] <= moment
        assert moment - at[0] < timedelta(hours=20)


@each_pair
def test_pooled_features_cannot_tell_a_dangerous_story_from_its_harmless_twin(pair: tuple[Plot, Plot]) -> None:
    told = [(found, moment) for found, moment in drawn() if found.plot in pair]
    rows = [pooled(found.events, moment) for found, moment in told]
    names = sorted({name for row in rows for name in row})
    values = np.array([[row.get(name, -1.0) for name in names] for row in rows])
    dangerous = np.array([found.plot is pair[0] for found, _ in told])
    booster = HistGradientBoostingClassifier(max_iter=60, max_depth=4, random_state=0)
    guessed = cross_val_predict(booster, values, dangerous, cv=4, method="predict_proba")[:, 1]
    assert abs(roc_auc_score(dangerous, guessed) - 0.5) < 0.06


@each_pair
def test_a_rule_that_reads_the_order_of_the_steps_tells_them_apart(pair: tuple[Plot, Plot]) -> None:
    told = [found for found, _ in drawn() if found.plot in pair]
    assert all(reads_danger(found.events) is (found.plot is pair[0]) for found in told)


@each_pair
def test_the_twins_are_lost_as_their_terms_say(pair: tuple[Plot, Plot]) -> None:
    dangerous, harmless = (
        np.array([past.true_probability for past in history().orders if past.plot is plot]) for plot in pair
    )
    assert dangerous.mean() > 2 * harmless.mean()


def test_a_story_moves_the_logit_by_its_effect_and_nothing_else() -> None:
    for plot in Plot:
        term = EFFECT if plot in DANGEROUS else -EFFECT
        assert plot.term == term
        told = probability(Circumstances(sequence=term), Speech())
        plain = probability(Circumstances(), Speech())
        assert log(told / (1 - told)) == pytest.approx(log(plain / (1 - plain)) + term)
        assert told == pytest.approx(1 / (1 + exp(-log(plain / (1 - plain)) - term)))


def test_what_a_shopper_says_does_not_give_the_story_away() -> None:
    """Danger told by order alone must not leak into speech, or pooled features would see it there."""
    asked = {
        danger: np.mean(
            [bool(past.hearings) for past in history().orders if past.plot and (past.plot in DANGEROUS) is danger]
        )
        for danger in (True, False)
    }
    assert abs(asked[True] - asked[False]) < 0.08
