"""How well the bot hears: labelled messages through the trained Rasa pipeline, beside two simpler things.

    make bench ARGS="benchmarks/language.py FILE.yml [--errors OUT.yml] [--no-diet]"

FILE.yml is a list of {id, text, intent, reasons, emotion, escalate}. Baselines, trained on the same utterances in the same run:
``char_ngram``, character 1-4-gram TF-IDF with a logistic classifier, and ``diet``, the stock Rasa pipeline of
``benchmarks/stock``. Both know intents only; a message calls a person there when its intent does.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.hearing_figures import ASKED_BACK, Heard, Labelled, figures
from benchmarks.listening import RULES, listening, person_calls
from benchmarks.rasa_server import ROOT, STOCK, rasa
from bot import launch
from policies.routing import load_route
from retention.course import Step
from retention.meaning import ASKS_FOR_PERSON
from service.sandbox import trained_home

STOCK_HEARING = replace(STOCK, config=ROOT / "benchmarks" / "stock" / "hearing.yml")


def cases_of(file: Path) -> list[Labelled]:
    return [
        Labelled(
            id=str(row["id"]),
            text=str(row["text"]),
            intent=row["intent"],
            reasons=frozenset(row.get("reasons") or ()),
            emotion=row.get("emotion") or "neutral",
            escalate=bool(row.get("escalate")),
        )
        for row in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def examples() -> tuple[list[str], list[str]]:
    """Texts and intents of the training utterances."""
    texts, intents = [], []
    for file in sorted((ROOT / "nlu_data" / "intents").glob("*.yml")):
        intent = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for example in intent["examples"]:
            texts.append(example if isinstance(example, str) else example["text"])
            intents.append(intent["intent"])
    return texts, intents


def ours(cases: Sequence[Labelled], home: Path) -> tuple[list[Heard], list[float]]:
    understood, calls = load_route(RULES).understood, person_calls(home)
    heard, milliseconds = [], []
    with listening(home) as hear:
        for case in cases:
            started = time.perf_counter()
            hearing = hear(case.text, None, None)
            milliseconds.append((time.perf_counter() - started) * 1000)
            heard.append(
                Heard(
                    intent=hearing.intent if hearing.confidence >= understood else ASKED_BACK,
                    guess=hearing.intent,
                    confidence=hearing.confidence,
                    reasons=frozenset(reason.value for reason in hearing.reasons),
                    emotion=hearing.emotion.value,
                    person=calls((Step(text=case.text, hearing=hearing),)) is not None,
                )
            )
    return heard, milliseconds


def intents_only(ranked: Callable[[str], tuple[str, float]], cases: Sequence[Labelled]) -> list[Heard]:
    understood = load_route(RULES).understood
    heard = []
    for case in cases:
        intent, confidence = ranked(case.text)
        final = intent if confidence >= understood else ASKED_BACK
        heard.append(Heard(intent=final, guess=intent, confidence=confidence, person=intent in ASKS_FOR_PERSON))
    return heard


def char_ngram(cases: Sequence[Labelled]) -> list[Heard]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2),
        LogisticRegression(C=10, max_iter=300),
    )
    texts, intents = examples()
    model.fit(texts, intents)

    def ranked(text: str) -> tuple[str, float]:
        chances = model.predict_proba([text])[0]
        best = int(chances.argmax())
        return str(model.classes_[best]), float(chances[best])

    return intents_only(ranked, cases)


def diet(cases: Sequence[Labelled], home: Path) -> list[Heard]:
    folder = home / "models" / "stock_hearing"
    if not launch.is_current(folder, setup=STOCK_HEARING):
        print("training the stock pipeline (minutes) ...", flush=True)
        launch.train(os.environ, home=home, folder=folder, setup=STOCK_HEARING)
    with rasa(STOCK_HEARING, home, folder, ["--enable-api"]) as url, httpx.Client(base_url=url, timeout=60) as client:

        def ranked(text: str) -> tuple[str, float]:
            intent = client.post("/model/parse", json={"text": text}).raise_for_status().json()["intent"]
            return str(intent["name"]), float(intent["confidence"])

        return intents_only(ranked, cases)


def errors(cases: Sequence[Labelled], heard: Sequence[Heard]) -> list[dict[str, Any]]:
    wrong = []
    for case, said in zip(cases, heard, strict=True):
        differs: dict[str, Any] = {}
        if said.intent != case.intent:
            differs["intent"] = f"{case.intent} heard as {said.intent} ({said.guess} {said.confidence:.2f})"
        if said.reasons != case.reasons:
            differs["reasons"] = f"{sorted(case.reasons)} heard as {sorted(said.reasons)}"
        if said.emotion != case.emotion:
            differs["emotion"] = f"{case.emotion} heard as {said.emotion}"
        if said.person != case.escalate:
            differs["escalate"] = f"{case.escalate} heard as {said.person}"
        if differs:
            wrong.append({"id": case.id, "text": case.text, **differs})
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--errors", type=Path, help="write the misread messages here")
    parser.add_argument("--no-diet", action="store_true", help="leave out the baseline that takes minutes to train")
    arguments = parser.parse_args()
    cases = cases_of(arguments.file)
    home = trained_home()
    heard, milliseconds = ours(cases, home)
    if arguments.errors:
        arguments.errors.write_text(
            yaml.safe_dump(errors(cases, heard), allow_unicode=True, sort_keys=False, width=120), encoding="utf-8"
        )
    baselines: dict[str, Any] = {"char_ngram": figures(cases, char_ngram(cases))}
    if not arguments.no_diet:
        baselines["diet"] = figures(cases, diet(cases, home))
    taken = sorted(milliseconds)
    print(
        json.dumps(
            {
                "n": len(cases),
                **figures(cases, heard),
                "ms_p50": round(taken[len(taken) // 2], 2),
                "ms_p95": round(taken[int(len(taken) * 0.95)], 2),
                "baselines": baselines,
            }
        )
    )


if __name__ == "__main__":
    main()
