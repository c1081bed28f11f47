"""``tourniquet chat``: a conversation in the terminal, through the public API like any other screen."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
from rich.console import Console
from rich.markup import escape

from integrations.settings import Settings
from retention.words import percent, yuan
from service.tokens import Tokens
from service.training import now
from twin.demo import SHOPPERS

WHO = {"bot": "[green]客服[/green]", "associate": "[blue]人工[/blue]", "system": "[dim]系统[/dim]"}


def talk(settings: Settings, console: Console, customer_id: str | None) -> None:
    """Until an empty line or end of input. Raises RuntimeError when the service cannot be reached."""
    customer_id = customer_id or SHOPPERS[0].customer_id
    proof = Tokens(settings.secrets, now).customer(customer_id)
    with httpx.Client(base_url=settings.base_url, trust_env=False, timeout=20) as client:
        try:
            begun = client.post("/v1/chat/conversations", json={"customer_token": proof, "channel": "terminal"})
            conversation = begun.raise_for_status().json()
            client.headers["Authorization"] = f"Bearer {conversation['token']}"
            console.print(f"您现在是顾客 [bold]{escape(customer_id)}[/bold]。直接说话；空行结束。")
            _loop(client, console, settings.secrets.api_key, conversation["conversation_id"])
        except httpx.HTTPError as problem:
            raise RuntimeError(f"{settings.base_url} 没有正常应答（{problem}）：先用 make run 启动服务") from problem


def _loop(client: httpx.Client, console: Console, api_key: str, conversation_id: str) -> None:
    seen = 0
    while text := _asked(console):
        answer = client.post("/v1/chat/messages", json={"message_id": str(uuid4()), "text": text})
        if answer.is_error:
            console.print(f"[red]{escape(answer.json()['detail'])}[/red]")
            continue
        transcript = client.get("/v1/chat/messages", params={"after": seen}).raise_for_status().json()
        for message in transcript["messages"]:
            seen = message["seq"]
            if message["author"] != "shopper":
                _show(console, message)
        _explain(client, console, api_key, conversation_id)


def _asked(console: Console) -> str:
    try:
        return console.input("[bold]我[/bold] ").strip()
    except EOFError:
        return ""


def _show(console: Console, message: dict[str, Any]) -> None:
    console.print(f"{WHO[message['author']]} {escape(message['text'])}")
    if offer := message.get("offer"):
        console.print(
            f"     [yellow]{escape(offer['title'])} · {yuan(offer['value_fen'])}[/yellow] {escape(offer['why'])}"
        )
    if buttons := message.get("buttons"):
        console.print("     " + "  ".join(f"[reverse] {escape(button['title'])} [/reverse]" for button in buttons))


def _explain(client: httpx.Client, console: Console, api_key: str, conversation_id: str) -> None:
    """What the shop's side sees of the last turn."""
    path, headers = f"/v1/conversations/{conversation_id}", {"Authorization": f"Bearer {api_key}"}
    messages = client.get(path, headers=headers).raise_for_status().json()["messages"]
    turn = next(message for message in reversed(messages) if message["author"] == "shopper")
    if hearing := turn["hearing"]:
        reasons = "、".join(hearing["reasons"]) or "无"
        console.print(
            f"     [dim]听到 {hearing['intent']}（{hearing['confidence']:.2f}），原因 {reasons}，"
            f"情绪 {hearing['emotion']} {hearing['intensity']:.1f}[/dim]"
        )
    if decision := turn["decision"]:
        chance = decision["probability"]
        risk = "" if chance is None else f"，流失概率 {percent(chance)}（阈值 {percent(decision['threshold'])}）"
        console.print(
            f"     [dim]决定 {decision['intervention']} · {decision['rule']}{risk}：{escape(decision['why'])}[/dim]"
        )
