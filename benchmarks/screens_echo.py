"""The simplest thing that could work, for ``screens.py``: a plain FastAPI application that relays frames between sockets."""

from __future__ import annotations

from fastapi import FastAPI, WebSocket, WebSocketDisconnect


def create() -> FastAPI:
    app = FastAPI()
    sockets: dict[str, WebSocket] = {}

    @app.websocket("/ws/{name}")
    async def relay(socket: WebSocket, name: str) -> None:
        await socket.accept()
        sockets[name] = socket
        try:
            while True:
                frame = await socket.receive_json()
                await sockets[frame["to"]].send_json(frame)
        except WebSocketDisconnect:
            del sockets[name]

    return app
