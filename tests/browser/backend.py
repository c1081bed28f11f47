"""What the console asks of the service and the service does not answer yet: accounts, presence, notes, canned replies and more.

A stand-in by the contract, laid over the real service. It goes when the endpoints are there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from playwright.sync_api import BrowserContext, Route, WebSocketRoute

API = "/console/api/"
ROLES = {"老陈": "supervisor", "admin": "admin"}
FIRST_REPLY = timedelta(seconds=60)
RESOLUTION = timedelta(minutes=30)

Body = dict[str, Any]


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Body
    name: str


@dataclass(kw_only=True)
class Backend:
    """One for all windows of a test. ``asked`` keeps what was written, as (method, path, body)."""

    asked: list[tuple[str, str, Body]] = field(default_factory=list)
    frames: list[Body] = field(default_factory=list)
    presences: dict[str, str] = field(default_factory=dict)
    moved: dict[str, Body] = field(default_factory=dict)
    notes: dict[str, list[Body]] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    granted: dict[str, str] = field(default_factory=dict)
    tasks: list[Body] = field(default_factory=list)
    canned: list[Body] = field(default_factory=list)
    accounts: list[Body] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)
    is_cut: bool = False

    def __post_init__(self) -> None:
        self.accounts = [account(name) for name in ("小林", "小周", "老陈", "admin")]
        self.canned = [
            {"id": "1", "shortcut": "/kd", "title": "催快递", "text": "{{customer}}您好，已催快递", "owner": None},
            {"id": "2", "shortcut": "/late", "title": "超时", "text": "已超时 {{late_hours}} 小时", "owner": None},
        ]

    def install(self, context: BrowserContext) -> None:
        who = {"name": ""}

        def answer(route: Route) -> None:
            request = route.request
            parts = urlsplit(request.url)
            path = unquote(parts.path.split(API, 1)[1])
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = json.loads(request.post_data or "{}")
            if path == "login":
                who["name"] = body["name"]
            asked = Asked(method=request.method, path=path, query=query, body=body, name=who["name"])
            if request.method != "GET":
                self.asked.append((asked.method, path, body))
            self._answer(route, asked)

        context.route(f"**{API}**", answer)
        context.route_web_socket(f"**{API}ws", self._listen)

    def push(self, event: Body) -> None:
        for socket in self.sockets:
            socket.send(json.dumps(event))

    def cut(self) -> None:
        """No sockets, and no new ones, until ``is_cut`` is taken back."""
        self.is_cut = True
        while self.sockets:
            self.sockets.pop().close()

    def _listen(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self.sockets.append(socket)
        socket.on_message(lambda frame: self.frames.append(json.loads(frame)))

    def _answer(self, route: Route, asked: Asked) -> None:
        for pattern, act in OWN:
            found = re.fullmatch(pattern, f"{asked.method} {asked.path}")
            answer = act(self, asked, *found.groups()) if found else None
            if answer:
                route.fulfill(status=answer[0], json=answer[1])
                return
        for pattern, dress in DRESSED:
            if re.fullmatch(pattern, f"{asked.method} {asked.path}"):
                response = route.fetch()
                if response.ok:
                    route.fulfill(response=response, json=dress(self, asked, response.json()))
                else:
                    route.fulfill(response=response)
                return
        route.fallback()

    def me(self, asked: Asked, real: Body) -> Body:
        return {**account(real["name"]), **real}

    def queue(self, asked: Asked, real: Body) -> Body:
        rows = [self.row(row) for row in real["handoffs"]]
        waiting = [row for row in rows if row["state"] == "waiting"]
        for position, row in enumerate(waiting, start=1):
            row["position"] = position
        return {**real, "handoffs": rows}

    def row(self, row: Body) -> Body:
        opened = datetime.fromisoformat(row["opened_at"])
        is_claimed = row["state"] == "claimed"
        return {
            **row,
            "skill": None,
            "position": None,
            "claimed_at": row["opened_at"] if is_claimed else None,
            "first_reply_at": None,
            "held_for": None,
            "releases": 0,
            "sla": {
                "first_reply_due_at": (opened + FIRST_REPLY).isoformat(),
                "resolution_due_at": (opened + RESOLUTION).isoformat(),
                "breached": False,
            },
            **self.moved.get(row["handoff_id"], {}),
        }

    def conversation(self, asked: Asked, real: Body) -> Body:
        conversation_id = asked.path.split("/")[1]
        handoff = real["handoff"] and self.row(real["handoff"])
        return {**real, "handoff": handoff, "labels": self.labels.get(conversation_id, [])}

    def staff(self, asked: Asked) -> tuple[int, Body]:
        seen = [{**one, "state": self.presences.get(one["name"], "away"), "open": 0} for one in self.accounts]
        return 200, {"associates": seen}

    def presence(self, asked: Asked) -> tuple[int, Body]:
        self.presences[asked.name] = asked.body["state"]
        return 200, {**asked.body, "heartbeat_s": 20.0}

    def claim(self, asked: Asked, handoff_id: str) -> tuple[int, Body] | None:
        """Of what was put back here, which the service does not know of."""
        if self.moved.get(handoff_id, {}).get("state") != "waiting":
            return None
        return self.takeover(asked, handoff_id)

    def transfer(self, asked: Asked, handoff_id: str) -> tuple[int, Body]:
        to = asked.body["to"]
        if to and self.presences.get(to) != "online":
            return 409, {"detail": f"{to}现在不在线，请换一位。"}
        self.moved[handoff_id] = (
            {"state": "claimed", "associate": to}
            if to
            else {"state": "waiting", "associate": None, "skill": asked.body.get("skill"), "releases": 1}
        )
        self.push({"type": "queue"})
        return 200, {}

    def takeover(self, asked: Asked, handoff_id: str) -> tuple[int, Body]:
        self.moved[handoff_id] = {"state": "claimed", "associate": asked.name}
        self.push({"type": "queue"})
        return 200, {}

    def release(self, asked: Asked, handoff_id: str) -> tuple[int, Body]:
        self.moved[handoff_id] = {"state": "waiting", "associate": None, "releases": 1}
        self.push({"type": "queue"})
        return 200, {}

    def read_notes(self, asked: Asked, conversation_id: str) -> tuple[int, Body]:
        return 200, {"notes": self.notes.get(conversation_id, [])}

    def write_note(self, asked: Asked, conversation_id: str) -> tuple[int, Body]:
        kept = self.notes.setdefault(conversation_id, [])
        note = {"note_id": str(len(kept)), "author": asked.name, "text": asked.body["text"], "at": now()}
        kept.append(note)
        self.push({"type": "queue"})
        return 200, {"note": note}

    def label(self, asked: Asked, conversation_id: str) -> tuple[int, Body]:
        self.labels[conversation_id] = asked.body["labels"]
        return 200, asked.body

    def used(self, asked: Asked) -> tuple[int, Body]:
        used = sorted({label for labels in self.labels.values() for label in labels})
        return 200, {"labels": [{"label": label, "count": 1} for label in used]}

    def authority(self, asked: Asked, conversation_id: str) -> tuple[int, Body]:
        if conversation_id in self.granted.values():
            return 200, {"left_fen": 0, "why_not": "这个订单的补偿上限已经用完", "offers": [], "ruled_out": []}
        offer = {"offer_id": "coupon", "title": "20 元优惠券", "value_fen": 2000, "cost_fen": 1600, "why": "晚了三天"}
        ruled_out = [{"offer_id": "refund", "title": "部分退款", "rule": "cap", "why": "超过本单上限"}]
        return 200, {"left_fen": 3000, "why_not": None, "offers": [offer], "ruled_out": ruled_out}

    def grant(self, asked: Asked, conversation_id: str) -> tuple[int, Body]:
        self.granted[asked.body["message_id"]] = conversation_id
        return 200, {}

    def read_canned(self, asked: Asked) -> tuple[int, Body]:
        usable = [one for one in self.canned if one["owner"] in (None, asked.name)]
        return 200, {"canned": usable, "places": [{"place": "customer", "words": "顾客称呼"}]}

    def add_canned(self, asked: Asked) -> tuple[int, Body]:
        body = dict(asked.body)
        owner = None if body.pop("shared") else asked.name
        self.canned.append({"id": str(len(self.canned) + 1), "owner": owner, **body})
        return 201, {}

    def rendered(self, asked: Asked, canned_id: str) -> tuple[int, Body]:
        text = next(one["text"] for one in self.canned if one["id"] == canned_id)
        missing = [{"place": "late_hours", "words": "已超时的小时数"}] if "{{late_hours}}" in text else []
        return 200, {"text": text.replace("{{customer}}", "李先生/女士"), "missing": missing}

    def read_tasks(self, asked: Asked) -> tuple[int, Body]:
        listed = [one for one in self.tasks if one["state"] == asked.query["state"]]
        return 200, {"tasks": [{**one, "contact": "138****5678"} for one in listed]}

    def read_task(self, asked: Asked, task_id: str) -> tuple[int, Body]:
        return 200, {"task": next(one for one in self.tasks if one["task_id"] == task_id)}

    def take_task(self, asked: Asked, task_id: str) -> tuple[int, Body]:
        task = next(one for one in self.tasks if one["task_id"] == task_id)
        if task["handler"] not in (None, asked.name):
            return 409, {"detail": f"{task['handler']}已经在处理这个回电。"}
        task["handler"] = asked.name
        self.push({"type": "tasks"})
        return 200, {"task": task}

    def finish_task(self, asked: Asked, task_id: str) -> tuple[int, Body]:
        task = next(one for one in self.tasks if one["task_id"] == task_id)
        task.update(state="done", done_by=asked.name, note=asked.body["note"])
        self.push({"type": "tasks"})
        return 200, {}

    def history(self, asked: Asked, customer_id: str) -> tuple[int, Body]:
        return 200, {"conversations": []}

    def search(self, asked: Asked) -> tuple[int, Body]:
        found = {"conversation_id": "gone", "customer": "李**", "status": "closed", "updated_at": now()}
        told = {"associates": ["小周"], "order_tail": "8842", "labels": [], "score": None}
        rows = [{**found, **told, "excerpt": f"…{asked.query.get('q', '')}…"}]
        return 200, {"conversations": rows if asked.query.get("q") != "查无此人" else [], "next": None}

    def supervisor(self, asked: Asked) -> tuple[int, Body]:
        one = {"first_reply_p50_s": 34, "first_reply_p90_s": 88, "resolution_p50_s": 640, "csat": 4.6, "csat_n": 12}
        people = [{**each, **one, "state": "online", "open": 1, "handled": 23} for each in self.accounts]
        return 200, {
            "now": {"waiting": 2, "longest_wait_s": 75, "online": 3, "open": 4},
            "associates": people,
            "causes": [{"reason": "furious", "words": "情绪激烈", "count": 31}],
            "by_hour": [{"hour": 14, "count": 9}],
            "sla": {"first_reply_kept": 0.87, "resolution_kept": 0.93},
            "csat": {"mean": 4.4, "n": 12, "by_score": {"1": 0, "2": 0, "3": 0, "4": 3, "5": 9}},
        }

    def read_accounts(self, asked: Asked) -> tuple[int, Body]:
        return 200, {"associates": self.accounts}

    def add_account(self, asked: Asked) -> tuple[int, Body]:
        if asked.body["name"] in [one["name"] for one in self.accounts]:
            return 409, {"detail": "这个账号已经有了，请换一个。"}
        given = {key: value for key, value in asked.body.items() if key != "password"}
        self.accounts.append({**given, "active": True})
        return 200, {}

    def change_account(self, asked: Asked, name: str) -> tuple[int, Body]:
        next(one for one in self.accounts if one["name"] == name).update(asked.body)
        return 200, {}

    def password(self, asked: Asked) -> tuple[int, Body]:
        return (200, {}) if asked.body["old"] == "right-one" else (403, {"detail": "原密码不对，密码没有修改。"})


def account(name: str) -> Body:
    role = ROLES.get(name, "agent")
    return {"name": name, "display": name, "role": role, "skills": [], "capacity": 5, "active": True}


OWN: tuple[tuple[str, Callable[..., tuple[int, Body] | None]], ...] = (
    (r"POST handoffs/([^/]+)/claim", Backend.claim),
    (r"GET staff", Backend.staff),
    (r"POST presence", Backend.presence),
    (r"POST handoffs/([^/]+)/transfer", Backend.transfer),
    (r"POST handoffs/([^/]+)/takeover", Backend.takeover),
    (r"POST handoffs/([^/]+)/release", Backend.release),
    (r"GET conversations/([^/]+)/notes", Backend.read_notes),
    (r"POST conversations/([^/]+)/notes", Backend.write_note),
    (r"PUT conversations/([^/]+)/labels", Backend.label),
    (r"GET labels/used", Backend.used),
    (r"GET conversations/([^/]+)/authority", Backend.authority),
    (r"POST conversations/([^/]+)/grants", Backend.grant),
    (r"GET canned", Backend.read_canned),
    (r"POST canned", Backend.add_canned),
    (r"GET canned/([^/]+)/rendered", Backend.rendered),
    (r"GET tasks", Backend.read_tasks),
    (r"GET tasks/([^/]+)", Backend.read_task),
    (r"POST tasks/([^/]+)/take", Backend.take_task),
    (r"POST tasks/([^/]+)/done", Backend.finish_task),
    (r"GET customers/([^/]+)/conversations", Backend.history),
    (r"GET search", Backend.search),
    (r"GET supervisor", Backend.supervisor),
    (r"GET associates", Backend.read_accounts),
    (r"POST associates", Backend.add_account),
    (r"PATCH associates/([^/]+)", Backend.change_account),
    (r"POST password", Backend.password),
)
DRESSED: tuple[tuple[str, Callable[..., Body]], ...] = (
    (r"(GET|POST) (me|login)", Backend.me),
    (r"GET queue", Backend.queue),
    (r"GET conversations/[^/]+", Backend.conversation),
)
