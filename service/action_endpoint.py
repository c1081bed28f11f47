"""``POST /internal/actions``: where Rasa calls the desk. Only the holder of the action token is served."""

from __future__ import annotations

import hmac

from fastapi import APIRouter
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse

from service.logs import logger
from service.problems import Problem, general

PATH = "/internal/actions"

log = logger(__name__)


def action_router(executor: ActionExecutor, token: str) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    expected = f"Bearer {token}".encode()

    @router.post(PATH)
    async def act(request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected):
            return general(401, PATH, headers={"WWW-Authenticate": "Bearer"}).response()
        return await _run(executor, request)

    return router


async def _run(executor: ActionExecutor, request: Request) -> JSONResponse:
    try:
        call = await request.json()
        result = await executor.run(call)
    except ActionNotFoundException as unknown:
        detail = f"There is no action {unknown.action_name}: train the bot again, it knows actions the service lacks."
        return Problem(status=404, code="no_such_action", detail=detail).response()
    except (AttributeError, KeyError, TypeError, UnicodeDecodeError, ValueError, RecursionError) as unreadable:
        log.warning("action_call_unreadable", problem=type(unreadable).__name__)
        return general(400, PATH).response()
    return JSONResponse(result.model_dump() if result else None)
