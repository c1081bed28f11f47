"""What is told of the live risk model: on the dashboard as plain values, on the command line as Chinese lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from integrations.codec import encode
from integrations.live_risk import LiveRisk
from integrations.model_shelf import ModelShelf
from retention.words import CHINA
from risk.drift import MOVED, SCORE, WATCHED
from risk.features import FEATURES
from rootcause.nodes import NODES
from service.risk_watch import Watched

COMPARED = (("prior", "经验分"), ("lightgbm", "单用提升树"), ("sequence", "单用行为序列"))
"""Beside the model, on the same newest orders."""
STATES = {"steady": "稳定", "watched": "有变化", "moved": "明显变化"}


def model_view(live: LiveRisk) -> dict[str, Any]:
    """``figures`` are of the live model first, then of the simpler things it is compared with."""
    card = live.card
    return {
        "version": live.version,
        "problem": live.problem,
        "learnt_from_invented": live.is_synthetic,
        "card": None
        if card is None
        else {name: card.get(name) for name in ("orders", "lost", "from", "to", "features")},
        "figures": [] if card is None else list(_figures(card)),
    }


def watch_view(watched: Watched) -> dict[str, Any]:
    return {
        "at": encode(watched.at),
        "scores": watched.scores,
        "score_mean": watched.score_mean,
        "settled": watched.settled,
        "own": watched.own,
        "calibration": None if watched.calibration is None else encode(watched.calibration),
        "stability": [
            {
                "name": name,
                "words": said_of(name),
                "index": index,
                "state": state_of(index),
                "state_words": STATES[state_of(index)],
            }
            for name, index in watched.most_moved
        ],
    }


def said_of(name: str) -> str:
    """What a feature is about: the risk node it speaks for."""
    if name == SCORE:
        return "风险分本身"
    return NODES[FEATURES[name].node].name_zh if name in FEATURES else name


def state_of(index: float) -> str:
    return "moved" if index >= MOVED else "watched" if index >= WATCHED else "steady"


def _figures(card: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"name": "model", "words": "现用模型", **_of(card)}
    for name, words in COMPARED:
        if isinstance(card.get(name), Mapping) and "auc" in card[name]:
            yield {"name": name, "words": words, **_of(card[name])}


def _of(card: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: card.get(name) for name in ("auc", "brier", "ece")}


def card_lines(live: LiveRisk, kept: ModelShelf) -> Iterator[str]:
    """The model card for a person."""
    yield f"现用：{live.version}"
    if live.problem is not None:
        yield f"提醒：{live.problem}"
    card = live.card
    if card is not None:
        source = "合成演示数据（不代表任何真实店铺）" if live.is_synthetic else "本店已结算的订单"
        yield f"学自：{source}，{card['orders']} 单，流失 {card['lost']} 单，{_day(card['from'])} 至 {_day(card['to'])}"
        yield f"最新的 {card['test_orders']} 单（训练时没见过）上：AUC 越高越好，Brier 和校准误差越低越好"
        for one in _figures(card):
            yield f"  {one['words']}：AUC {_shown(one['auc'])}，Brier {_shown(one['brier'])}，校准误差 {_shown(one['ece'])}"
    for version in kept.versions():
        origin = kept.origin_of(version)
        mark = "现用" if version == kept.live() else "留存"
        yield f"{mark} {version}：{origin.verdict if origin is not None else '来历不详'}"


def _day(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(CHINA):%Y-%m-%d}"


def _shown(figure: float | None) -> str:
    return "—" if figure is None else f"{figure:.4f}"
