"""Play shopper scripts through the public API and report how each ended.

    make bench ARGS="benchmarks/play.py DIALOGUES.yml"

A script is {id, title, order, messages, expected: {outcome, must, must_not}}. The readable transcripts, every decision beside
its turn and the must / must_not sentences beside the whole, go to ``var/play/transcripts.md`` for a reader to judge.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import yaml

from benchmarks.plain_order import calls
from retention.chronicle import FIXED_BY, LOST_BY
from service.sandbox import Sandbox, running

REMEDIED = FIXED_BY | {"offered", "granted", "already_granted", "pick_up_booked"}
KEPT = {"kept", "declined"}
FAILED = "failed"
HEARD = ("intent", "confidence", "reasons", "emotion", "intensity", "sentiment", "escalate", "entities", "ranking")


@dataclass
class Played:
    script: dict[str, Any]
    outcome: str
    turns: list[dict[str, Any]] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return bool(self.outcome == self.script.get("expected", {}).get("outcome"))


def play(script: dict[str, Any], stack: Sandbox, run: str) -> Played:
    now = datetime.now(timezone.utc)
    made = calls(f"{script['id']}-{run}", script.get("order") or {}, now)
    server = client(stack, stack.api_key)
    server.put(f"/v1/customers/{made.customer['customer_id']}", json=made.customer).raise_for_status()
    server.put(f"/v1/orders/{made.order['order_no']}", json=made.order).raise_for_status()
    if made.events:
        server.post("/v1/events", json={"events": made.events}).raise_for_status()
    proof = jwt.encode(
        {"sub": made.customer["customer_id"], "exp": now + timedelta(hours=1)}, stack.shop_secret, algorithm="HS256"
    )
    opened = server.post("/v1/chat/conversations", json={"customer_token": proof}).raise_for_status().json()
    shopper = client(stack, opened["token"])
    played = Played(script=script, outcome=FAILED)
    for text in script["messages"]:
        message_id = str(uuid4())
        started = time.perf_counter()
        answer = shopper.post("/v1/chat/messages", json={"message_id": message_id, "text": str(text)})
        played.milliseconds.append((time.perf_counter() - started) * 1000)
        played.turns.append({"message_id": message_id, "text": text, **read(answer)})
    transcript = server.get(f"/v1/conversations/{opened['conversation_id']}").raise_for_status().json()
    recorded = {message["message_id"]: message for message in transcript["messages"]}
    for turn in played.turns:
        message = recorded.get(turn["message_id"], {})
        turn["decision"], turn["hearing"] = message.get("decision"), message.get("hearing")
    if not any(turn["problem"] for turn in played.turns):
        ends = {decision["outcome"] for turn in played.turns if (decision := turn["decision"])}
        at_the_door = {"refused"} if any(turn["turned_away"] for turn in played.turns) else set()
        played.outcome = outcome(transcript["status"], ends | at_the_door)
    return played


def read(answer: httpx.Response) -> dict[str, Any]:
    """What the shopper reads; a message that may not be sent (422) is turned away with a sentence, the rest is a failure."""
    body = answer.json() if answer.is_success or answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY else {}
    turned_away = bool(body) and not answer.is_success
    replies = [{"text": body["detail"]}] if turned_away else body.get("replies", [])
    problem = None if body else f"HTTP {answer.status_code} {answer.text}"
    return {"replies": replies, "turned_away": turned_away, "problem": problem}


def client(stack: Sandbox, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=stack.url, headers=headers, timeout=30, trust_env=False)


def outcome(status: str, ends: set[str | None]) -> str:
    """retained | cancelled | handoff | refused | answered, from where the conversation ended and how its turns did.

    A claim that was declined is refused although the shopper then keeps the order, unless a fix or an offer came of it.
    """
    if LOST_BY & ends:
        return "cancelled"
    if status in ("waiting", "human"):
        return "handoff"
    if REMEDIED & ends:
        return "retained"
    if "refused" in ends:
        return "refused"
    return "retained" if KEPT & ends else "answered"


def said(reply: dict[str, Any]) -> str:
    """A bubble with its buttons and its offer card, as the shopper sees it."""
    buttons = " ".join(f"[{button['title']}]" for button in reply.get("buttons", []))
    offer = f"{{{reply['offer']['title']}, {reply['offer']['value_fen'] / 100:g} 元}}" if reply.get("offer") else ""
    return "  ".join(part for part in (reply["text"], offer, buttons) if part)


def transcript_of(played: Played) -> str:
    script, expected = played.script, played.script.get("expected", {})
    lines = [
        f"## {script['id']} {script.get('title', '')}",
        "",
        f"order: {json.dumps(script.get('order'), ensure_ascii=False)}",
        "",
    ]
    for turn in played.turns:
        lines.append(f"- 顾客：{turn['text']}")
        lines.extend(f"  - 客服：{said(reply)}" for reply in turn["replies"])
        if turn["turned_away"]:
            lines.append("  - 〔未送达：不能发送的内容〕")
        if turn["problem"]:
            lines.append(f"  - **{turn['problem']}**")
        hearing, decision = turn["hearing"] or {}, turn["decision"] or {}
        heard = json.dumps({key: hearing.get(key) for key in HEARD if hearing.get(key)}, ensure_ascii=False)
        shown = {key: value for key, value in decision.items() if value not in (None, "", [])}
        lines.append(f"  - 〔{heard} | {json.dumps(shown, ensure_ascii=False)}〕")
    mark = "right" if played.right else "WRONG"
    lines += ["", f"ended: {played.outcome}; expected: {expected.get('outcome')} ({mark})"]
    lines += [f"must: {sentence}" for sentence in expected.get("must") or []]
    lines += [f"must not: {sentence}" for sentence in expected.get("must_not") or []]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scripts", type=Path)
    parser.add_argument("--out", type=Path, default=Path("var/play/transcripts.md"))
    arguments = parser.parse_args()
    scripts = yaml.safe_load(arguments.scripts.read_text(encoding="utf-8"))
    run = uuid4().hex[:6]
    with running() as stack:
        everything = []
        for number, script in enumerate(scripts, 1):
            everything.append(play(script, stack, run))
            print(f"{number}/{len(scripts)} {script['id']}: {everything[-1].outcome}", flush=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text("\n".join(transcript_of(played) for played in everything), encoding="utf-8")
    taken = sorted(milliseconds for played in everything for milliseconds in played.milliseconds)
    print(
        json.dumps(
            {
                "n": len(everything),
                "outcome_right": round(sum(played.right for played in everything) / max(1, len(everything)), 4),
                "wrong": [played.script["id"] for played in everything if not played.right],
                "transcripts": str(arguments.out),
                "ms_p50": round(statistics.median(taken), 1) if taken else None,
                "ms_p95": round(taken[int(len(taken) * 0.95) - 1], 1) if taken else None,
            }
        )
    )


if __name__ == "__main__":
    main()
