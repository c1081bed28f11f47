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
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.hearing_figures import ASKED_BACK, Heard, Labelled, figures
from bot import launch
from integrations.codec import decode
from policies import interception, trajectory
from policies.routing import load_route
from policies.trajectory import Trajectory
from retention.course import Step
from retention.hearing import Hearing
from retention.meaning import ASKS_FOR_PERSON, asks_for_person
from service.sandbox import trained_home

ROOT = Path(__file__).parents[1]
RULES = ROOT / "policies" / "interception.yml"
STOCK = launch.Setup(
    module="rasa",
    config=ROOT / "benchmarks" / "stock" / "config.yml",
    endpoints=ROOT / "benchmarks" / "stock" / "endpoints.yml",
    credentials=ROOT / "benchmarks" / "stock" / "credentials.yml",
)
STOCK_HEARING = replace(STOCK, config=ROOT / "benchmarks" / "stock" / "hearing.yml")
NO_ACTIONS = "http://127.0.0.1:9/none"
SECRET = "benchmark-only-secret-of-some-length"


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


@contextmanager
def rasa(
    setup: launch.Setup, home: Path, folder: Path, extra: Sequence[str] = (), action_url: str = NO_ACTIONS
) -> Iterator[str]:
    """A Rasa server on a free port until the block ends; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = launch.environment(os.environ, home=home, rasa_secret=SECRET, action_url=action_url)
    command = [*launch.run_command(launch.BOT_PYTHON, folder=folder, port=port, setup=setup), *extra]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the Rasa server ended with status {server.returncode} before it served")
        try:
            if httpx.get(url, timeout=2).status_code < 500:
                return
        except httpx.HTTPError:
            time.sleep(0.3)
    raise RuntimeError(f"{url} did not answer within {seconds:.0f} s")


def ours(cases: Sequence[Labelled], home: Path) -> tuple[list[Heard], list[float]]:
    course = Trajectory.load(home / "models" / "language" / trajectory.FILE)
    policy, understood = interception.load(RULES).with_trajectory(course), load_route(RULES).understood
    heard, milliseconds = [], []
    with rasa(launch.OURS, home, home / "models" / "bot") as url:
        client = httpx.Client(
            base_url=url + "/webhooks/gateway", headers={"Authorization": f"Bearer {SECRET}"}, timeout=60
        )
        client.post("/hear", json={"text": "预热"}).raise_for_status()
        for case in cases:
            started = time.perf_counter()
            answer = client.post("/hear", json={"text": case.text}).raise_for_status()
            milliseconds.append((time.perf_counter() - started) * 1000)
            hearing = decode(Hearing, answer.json()["hearing"])
            rule = asks_for_person(hearing.intent, hearing) or policy.wants_person(
                (Step(text=case.text, hearing=hearing),)
            )
            heard.append(
                Heard(
                    intent=hearing.intent if hearing.confidence >= understood else ASKED_BACK,
                    guess=hearing.intent,
                    confidence=hearing.confidence,
                    reasons=frozenset(reason.value for reason in hearing.reasons),
                    emotion=hearing.emotion.value,
                    person=rule is not None,
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
