"""``tourniquet up``: everything, from an empty folder to a shop that answers, and down again without a trace."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from types import FrameType

import httpx
from rich.console import Console
from rich.markup import escape

from bot import launch
from integrations.secret_file import VARIABLES, secret_path
from integrations.settings import Settings
from service.children import Child, Children
from service.first_people import first_people

RASA = "对话引擎"
RESTART_WINDOW_S, MOST_RESTARTS = 300.0, 5
"""More often than this it will not come up by itself, and a person has to look."""
READY_S = 240.0
TICK_S = 0.2
WEB_SOCKET_BYTES = 64 * 1024


class StartError(RuntimeError):
    """Something keeps the service from starting; the words are for the operator."""


class Stopped(BaseException):
    """Ctrl-C, or SIGTERM: leave, ending every child on the way."""


def up(settings: Settings, console: Console) -> None:
    """Run until stopped. Raises StartError when it cannot start, or when a part of it ends by itself."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        with Children() as children:
            _check_environment(settings)
            _check_ports(settings)
            _prepare(children, settings)
            _start(children, settings)
            _wait_until_ready(children, settings, console)
            _greet(settings, console)
            _watch(children, console)
    except Stopped:
        console.print("已停止。")


def service_command(settings: Settings) -> list[str]:
    """The web server. Its access log is ours, which shows no token."""
    return [
        *(sys.executable, "-m", "uvicorn", "--factory", "service.app:from_environment"),
        *("--host", settings.host, "--port", str(settings.port)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
        *("--ws-max-size", str(WEB_SOCKET_BYTES), "--timeout-graceful-shutdown", "5"),
        # A push is a few hundred bytes to many sockets: compressing each would be an eighth of all the work.
        *("--ws-per-message-deflate", "false", "--no-access-log", "--no-server-header"),
    ]


def service_environment(settings: Settings) -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": str(launch.ROOT), "TOURNIQUET_HOME": str(settings.home)}


def rasa_environment(settings: Settings) -> Mapping[str, str]:
    secrets = settings.secrets
    # Rasa needs two secrets and no other; what it does not have it cannot leak.
    base = {name: value for name, value in os.environ.items() if name not in VARIABLES.values()}
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "localhost") else settings.host  # noqa: S104
    return launch.environment(
        base,
        home=settings.home,
        rasa_secret=secrets.rasa_secret,
        action_url=f"http://{host}:{settings.port}/internal/actions",
        action_token=secrets.action_token,
    )


def _stop(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the ending
    raise Stopped


def _check_environment(settings: Settings) -> None:
    if settings.own_rasa and not launch.BOT_PYTHON.exists():
        raise StartError("没有对话引擎的环境 .venv-bot：请用 make run 启动，它会先装好。")


def _check_ports(settings: Settings) -> None:
    wanted = [("TOURNIQUET_PORT", settings.host, settings.port)]
    if settings.own_rasa:
        wanted.append(("TOURNIQUET_RASA_PORT", "127.0.0.1", settings.rasa_port))
    for variable, host, port in wanted:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as problem:
                raise StartError(
                    f"端口 {host}:{port} 用不了（{problem.strerror}）。"
                    f"请停止占用它的程序，或换一个端口：{variable}={port + 1} make run"
                ) from problem


def _prepare(children: Children, settings: Settings) -> None:
    """In a process of its own, which takes the memory that training needs away with it."""
    command = [sys.executable, "-m", "service", "prepare"]
    child = children.start("准备", command, cwd=launch.ROOT, env=service_environment(settings))
    while child.process.poll() is None:
        time.sleep(TICK_S)
    if child.process.returncode != 0:
        raise StartError("准备没有完成，原因见上面的输出；改好后重新运行即可，已完成的步骤不会重做。")
    children.forget(child)


def _start(children: Children, settings: Settings) -> None:
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    children.start(
        "服务", service_command(settings), cwd=launch.ROOT, env=service_environment(settings), log=logs / "service.log"
    )
    if settings.own_rasa:
        command = launch.run_command(launch.BOT_PYTHON, folder=settings.bot_folder, port=settings.rasa_port)
        children.start(RASA, command, cwd=launch.ROOT, env=rasa_environment(settings), log=logs / "rasa.log")


def _wait_until_ready(children: Children, settings: Settings, console: Console) -> None:
    until = time.monotonic() + READY_S
    missing = "服务正在启动"
    with console.status(missing) as status, httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < until:
            _complain(children.ended())
            try:
                readiness = client.get(f"{settings.base_url}/readyz").json()
            except (httpx.HTTPError, ValueError):
                time.sleep(TICK_S)
                continue
            if readiness["ready"]:
                return
            missing = next(check["detail"] for check in readiness["checks"] if check["state"] == "down")
            status.update(missing)
            time.sleep(TICK_S)
    raise StartError(f"{READY_S:.0f} 秒内没有就绪：{missing}。日志在 {settings.home / 'logs'}")


def _watch(children: Children, console: Console) -> None:
    """A dialogue engine that dies is started again: meanwhile shoppers get a person, so nothing else needs to stop."""
    restarts: list[float] = []
    while True:
        ended = children.ended()
        now = time.monotonic()
        restarts = [at for at in restarts if now - at < RESTART_WINDOW_S]
        if ended is not None and ended.name == RASA and len(restarts) < MOST_RESTARTS:
            restarts.append(now)
            console.print(f"[yellow]对话引擎意外退出（退出码 {ended.process.returncode}），正在重新启动。[/yellow]")
            children.again(ended)
        else:
            _complain(ended)
        time.sleep(TICK_S)


def _complain(child: Child | None) -> None:
    if child is None:
        return
    raise StartError(
        f"{child.name}意外退出（退出码 {child.process.returncode}），已停止其余进程。日志 {child.log} 的最后几行：\n"
        f"{child.last_words()}"
    )


def _greet(settings: Settings, console: Console) -> None:
    base = settings.base_url
    names = "、".join(associate.name for associate in first_people(demo=settings.demo))
    lines = {
        "演示店铺": f"{base}/" if settings.demo else "未开启（TOURNIQUET_DEMO=1 开启）",
        "客服工作台": f"{base}/console",
        "接口文档": f"{base}/docs",
        "密码与密钥": f"{secret_path(settings.home)}（工作台账号 {names}，初始密码是 TOURNIQUET_CONSOLE_PASSWORD）",
        "日志": str(settings.home / "logs"),
    }
    console.print("[bold]退单止血阀已就绪[/bold]，按 Ctrl-C 停止。")
    for name, value in lines.items():
        console.print(f"  {name:　<6}{escape(value)}", soft_wrap=True, highlight=False)
    if settings.demo and settings.host not in ("127.0.0.1", "localhost", "::1"):
        console.print(
            "[yellow]注意：演示店铺允许任何人以演示顾客身份进入，而服务监听在外部地址。"
            "正式使用请设 TOURNIQUET_DEMO=0。[/yellow]"
        )
