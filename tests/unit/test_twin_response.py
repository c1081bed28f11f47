"""The shoppers whose answers are known."""

from __future__ import annotations

from compensation.engine import Engine
from tests.unit.compensation_cases import CATALOG
from twin.response import scenes


def test_the_same_seed_gives_the_same_shoppers() -> None:
    assert list(scenes(3, 20)) == list(scenes(3, 20))
    assert list(scenes(3, 20)) != list(scenes(4, 20))


def test_every_offer_keeps_some_orders_and_none_is_a_certainty() -> None:
    engine = Engine.from_file(CATALOG)
    met = 0
    for scene in scenes(5, 300):
        for candidate in engine.quote(scene.case, scene.score, doubt=1e9):
            if candidate.offer is not None:
                met += 1
                assert scene.kept(None) < scene.kept(candidate.offer) < 1
        assert scene.gain_fen(None) == 0

    assert met > 300
