"""Every error leaves as RFC 9457 problem+json: what is wrong, where, and what to do. Never a stack trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from retention.errors import (
    BudgetExhaustedError,
    ChangeRefusedError,
    IllegalMoveError,
    NotFoundError,
    RetentionError,
    StoreBusyError,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:tourniquet:problem:"
RETRY_SECONDS = 2
FOR_PEOPLE = ("/v1/chat", "/console", "/demo")
"""What is under these paths ends up before a shopper or an associate, so it speaks Chinese."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """``code`` is for programs and stays; ``detail`` is for people. ``errors`` name single places of the request."""

    status: int
    code: str
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()
    headers: Mapping[str, str] | None = None

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return {**body, "errors": list(self.errors)} if self.errors else body

    def response(self) -> JSONResponse:
        return JSONResponse(self.body(), self.status, headers=dict(self.headers or {}), media_type=MEDIA_TYPE)


class ProblemError(Exception):
    """A request that ends in a problem."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.problem = Problem(status=status, code=code, detail=detail, **more)

    @classmethod
    def of(cls, problem: Problem) -> ProblemError:
        error = cls(problem.status, problem.code, problem.detail)
        error.problem = problem
        return error


@dataclass(frozen=True, kw_only=True)
class Words:
    code: str
    english: str
    chinese: str


GENERAL = {
    400: Words(
        code="malformed",
        english="The request cannot be read: send JSON in UTF-8.",
        chinese="请求内容无法识别，请刷新后再试。",
    ),
    401: Words(
        code="unauthorized",
        english="Send a valid token in the Authorization header.",
        chinese="登录已失效，请重新进入会话。",
    ),
    403: Words(code="forbidden", english="This caller may not do this.", chinese="没有权限执行这个操作。"),
    404: Words(code="not_found", english="There is nothing at this address.", chinese="没有找到您要的内容。"),
    405: Words(
        code="method_not_allowed",
        english="This address does not take this method; the Allow header lists those it takes.",
        chinese="这个地址不支持该操作。",
    ),
    413: Words(
        code="too_large", english="The body is too large: send less at once.", chinese="内容太长了，请分几条发送。"
    ),
    422: Words(
        code="invalid",
        english="The request does not fit the contract: see errors.",
        chinese="请求内容不完整或格式不对，请检查后再试。",
    ),
    429: Words(
        code="too_many_requests",
        english="Too many requests: wait as long as Retry-After says.",
        chinese="发送太快了，请稍等片刻再试。",
    ),
    500: Words(
        code="internal",
        english="Something failed on our side; the request id in X-Request-ID finds it in our log.",
        chinese="系统出了点问题，您的消息没有丢，请稍后再试。",
    ),
    503: Words(
        code="store_busy",
        english="The store is busy or away; nothing was lost, send the same request again.",
        chinese="系统繁忙，这条消息还没有送达，请稍后重试，内容不会丢失。",
    ),
}


def general(status: int, path: str, **more: Any) -> Problem:
    """The usual problem of a status, in the reader's language."""
    words = GENERAL.get(status) or GENERAL[400 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500]
    detail = words.chinese if path.startswith(FOR_PEOPLE) else words.english
    return Problem(status=status, code=words.code, detail=detail, **more)


def store_busy(path: str) -> Problem:
    return general(503, path, headers={"Retry-After": str(RETRY_SECONDS)})


def install(app: FastAPI) -> None:
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RetentionError, _on_retention)


async def _on_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return error.problem.response()


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return general(error.status_code, request.url.path, headers=error.headers).response()


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    unreadable = any(row["type"] == "json_invalid" for row in found)
    errors = tuple(_invalid(row) for row in found[:20])
    return general(400 if unreadable else 422, request.url.path, errors=errors).response()


async def _on_retention(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RetentionError)
    return of_retention(error, request.url.path).response()


def of_retention(error: RetentionError, path: str) -> Problem:
    """The core's errors as problems."""
    if isinstance(error, StoreBusyError):
        return store_busy(path)
    if isinstance(error, NotFoundError) and path.startswith(FOR_PEOPLE):
        return general(404, path)
    if isinstance(error, NotFoundError):
        return Problem(status=404, code=f"no_such_{error.kind}", detail=f"There is no {error.kind} {error.record_id}.")
    if isinstance(error, IllegalMoveError):
        detail = f"The {error.kind} is {error.state}; {error.move} is not possible from there."
        return Problem(status=409, code="illegal_move", detail=detail)
    if isinstance(error, BudgetExhaustedError):
        return Problem(status=409, code="budget_exhausted", detail=f"The budget {error.budget_id} is used up.")
    if isinstance(error, ChangeRefusedError):
        return Problem(status=409, code="change_refused", detail=str(error))
    return general(500, path)


def _invalid(row: Mapping[str, Any]) -> Mapping[str, str]:
    """One place of the request. The value itself is never repeated: it may be somebody's address."""
    unknown = row["type"] == "extra_forbidden"
    return {
        "where": path_of(row["loc"]),
        "what": "unknown field" if unknown else str(row["msg"]),
        "fix": "remove it" if unknown else "see the contract at /docs",
    }


def path_of(loc: Sequence[object]) -> str:
    """``('body', 'lines', 0, 'qty')`` as ``body.lines[0].qty``."""
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path
