"""The handoff machine under many random histories: claim races, transfers, takeovers, releases, expiry, leaving, returns.

    make bench ARGS="benchmarks/handoffs.py --histories 10000"

Half of the histories on the store in memory, half on SQLite files. After every step each conversation is read back as a
history of owners; the first broken law ends the run and is counted.
"""

from __future__ import annotations

import argparse
import json
import time

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.stateful import run_state_machine_as_test

from benchmarks.handoff_model import HandoffMachine, InMemory, in_sqlite
from benchmarks.handoff_replay import BrokenLawError

LAWS = ("two_owners", "bot_spoke", "lost", "doubled", "forgotten", "over_capacity", "inconsistent")


def play(machine: type[HandoffMachine], histories: int, steps: int, *, same: bool = False) -> str | None:
    """The law that was broken, if one was. ``same``: the same histories every time."""
    chosen = settings(
        max_examples=histories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=same,
        phases=(Phase.generate,),
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except BrokenLawError as broken:
        print(f"{machine.__name__}: {broken}")
        return broken.kind
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    started = time.perf_counter()
    half = arguments.histories // 2
    broken = [play(InMemory, arguments.histories - half, arguments.steps)]
    with in_sqlite() as machine:
        broken.append(play(machine, half, arguments.steps))
    tally = HandoffMachine.tally
    print(
        json.dumps(
            {
                "histories": tally.histories,
                "steps": tally.steps,
                "messages": tally.messages,
                "races": tally.races,
                "acts": dict(sorted(tally.acts.items())),
                **{law: broken.count(law) for law in LAWS},
                "seconds": round(time.perf_counter() - started, 1),
            }
        )
    )
    raise SystemExit(any(broken))


if __name__ == "__main__":
    main()
