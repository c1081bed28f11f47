"""``/docs``: the contract as a page that needs no script and no other host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    return HTMLResponse(page(request.app.openapi()))


def page(document: Mapping[str, Any]) -> str:
    info = document["info"]
    operations = "\n".join(_operations(document))
    schemas = "\n".join(
        f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{_json(schema)}</details>'
        for name, schema in document["components"]["schemas"].items()
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{escape(info["title"])}</title><link rel="stylesheet" href="/static/docs.css"></head>
<body><h1>{escape(info["title"])}</h1><p class="about">{escape(info["description"])}</p>
<p><a href="/openapi.json">openapi.json</a></p>
{operations}
<h2>Schemas</h2>
{schemas}
</body></html>"""


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    family = None
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] != family:
                family = operation["tags"][0]
                yield f"<h2>{escape(family)}</h2>"
            yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    parts = {
        "Parameters": operation.get("parameters"),
        "Body": body,
        "Answers": {status: answer for status, answer in operation["responses"].items() if status.startswith("2")},
    }
    shown = "".join(f"<h4>{title}</h4>{_json(part)}" for title, part in parts.items() if part)
    return (
        f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
        f"{escape(operation.get('summary', ''))}</summary>{shown}</details>"
    )


def _json(value: object) -> str:
    return f"<pre>{escape(json.dumps(value, ensure_ascii=False, indent=2))}</pre>"
