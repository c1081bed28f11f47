"""How well short answers are heard with the question they follow, beside hearing them alone.

    make bench ARGS="benchmarks/answers.py FILE.yml"

FILE.yml maps questions (``retention.conversation.Expecting``) to intents to texts, as ``nlu_data/answers_development.yml``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.listening import listening
from language.answers import read_answers
from service.sandbox import trained_home


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    answers, home = read_answers(parser.parse_args().file), trained_home()
    with listening(home) as hear:
        asked = [hear(answer.text, answer.asked, None).intent == answer.intent for answer in answers]
        alone = [hear(answer.text, None, None).intent == answer.intent for answer in answers]
    count = len(answers)
    print(
        json.dumps(
            {
                "n": count,
                "intent_accuracy": round(sum(asked) / count, 4),
                "baselines": {"alone": {"intent_accuracy": round(sum(alone) / count, 4)}},
            }
        )
    )


if __name__ == "__main__":
    main()
