"""``tourniquet bridge``: whether the shop's Chatwoot can be used, and what its inbox has to call."""

from __future__ import annotations

from contextlib import closing

from rich.console import Console
from rich.markup import escape

from integrations.chatwoot import Chatwoot
from integrations.settings import Settings
from retention.errors import HelpDeskDownError
from service.api.bridge import PATH
from service.bridging import path_secret


def check(settings: Settings, console: Console) -> bool:
    """Print what was found; whether it can be used."""
    if settings.chatwoot is None:
        console.print("[red]✘[/red] 没有配置 Chatwoot：设置 TOURNIQUET_CHATWOOT_URL 等变量，见 docs/bridge.md")
        return False
    path = PATH.format(secret=path_secret(settings.secrets))
    console.print(f"回调地址（Webhook URL）：https://您的域名{path}", highlight=False, soft_wrap=True)
    try:
        with closing(Chatwoot(settings.chatwoot)) as chatwoot:
            chatwoot.check()
    except HelpDeskDownError as down:
        words = f"Chatwoot 不能用：{down.problem}。请核对地址、账号编号、收件箱标识和访问令牌"
        console.print(f"[red]✘[/red] {escape(words)}", highlight=False, soft_wrap=True)
        return False
    console.print("[green]✔[/green] Chatwoot 可以使用")
    if settings.chatwoot.webhook_secret is None:
        console.print("没有设置 TOURNIQUET_CHATWOOT_WEBHOOK_SECRET：只靠地址里的密钥识别来源")
    return True
