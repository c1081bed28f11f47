"""The contract as OpenAPI: FastAPI's, with the problems every operation may answer."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from service.problems import GENERAL, MEDIA_TYPE

PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:tourniquet:problem:CODE; stays the same, for programs"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do; for people"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("where", "what", "fix")},
            },
        },
    },
}
ALWAYS = (400, 401, 403, 404, 409, 413, 422, 429, 500, 503)
DESCRIPTION = """退单止血阀: keeps orders from being cancelled.

Shoppers' screens use `/v1/chat` with the token of their conversation; other systems use the rest with an API key
(`Authorization: Bearer KEY`). Money is integer fen, time is ISO 8601 with an offset. Unknown fields are refused.
Every error is `application/problem+json`.
"""


def install(app: FastAPI) -> None:
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = with_problems(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI documents a 422 nobody here sends; every operation gets the problems it may really answer."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components["responses"] = {
        GENERAL[status].code: {"description": GENERAL[status].english, "content": content}
        for status in ALWAYS
        if status in GENERAL
    } | {"conflict": {"description": "The record's state does not allow this.", "content": content}}
    for path in document["paths"].values():
        for operation in path.values():
            responses = operation.setdefault("responses", {})
            responses.pop("422", None)
            for status in ALWAYS:
                name = GENERAL[status].code if status in GENERAL else "conflict"
                responses.setdefault(str(status), {"$ref": f"#/components/responses/{name}"})
    return document
