"""Structured logs, one JSON object a line, in which no phone, address, receiver, token or identity number is readable."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "***"
PRIVATE_KEYS = frozenset(
    {
        "address",
        "authorization",
        "body",
        "cookie",
        "customer_token",
        "detail",
        "name",
        "password",
        "phone",
        "receiver",
        "secret",
        "text",
        "token",
    }
)
_PATTERNS = (
    (re.compile(r"(?s)\[parameters: .*?\](?=\n|$)"), f"[parameters: {HIDDEN}]"),  # of a statement that failed
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]+"), HIDDEN),  # a signed token
    (re.compile(r"(?i)(bearer\s+)\S+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)((?:token|secret|password|key)=)[^&\s\"']+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?<!\d)\d{6}(?:19|20)\d{9}[\dXx](?!\d)"), "******************"),  # an identity number
    (re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)"), r"\1****\2"),
    (re.compile(r"(://[^:/@\s]*):[^@\s]+@"), rf"\1:{HIDDEN}@"),  # the password of a database address
)
_STREET = re.compile(r"[\u4e00-\u9fff]{2,}(?:路|街|道|巷|弄|村|小区)\s*\d+[号弄幢栋]?[^\s,;。,;\"']*")


def masked(text: str, *, streets: bool = True) -> str:
    """``streets``: also what may be a street. In people's sentences that takes too much along: 才知道 199 就能买.

    >>> masked("call 13812345678 with ?token=abc")
    'call 138****5678 with ?token=***'
    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return _STREET.sub(HIDDEN, text) if streets else text


def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The processor that lets nothing private through, whatever was handed to the logger."""
    return {key: HIDDEN if key in PRIVATE_KEYS else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: HIDDEN if key in PRIVATE_KEYS else _masked(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item) for item in value]
    if isinstance(value, (int, float)) or value is None:
        return value
    return masked(str(value))


def configure() -> None:
    """Send our own logs and those of every library through the same processors to stderr."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").disabled = True  # ours says more and hides the query
    logging.getLogger("httpx").setLevel(logging.WARNING)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound
