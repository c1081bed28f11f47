"""Whether a delivery is let in: signed, fresh, and not seen before as something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from integrations.channels.channel import Channel, Query
from integrations.channels.envelope import ForgedError
from integrations.channels.xml import BadXmlError
from retention.ports import Records
from service.logs import logger
from service.metrics import Metrics
from service.problems import ProblemError

T = TypeVar("T")
RETRIES = timedelta(seconds=60)
"""A platform that got no answer delivers the same thing again within seconds, and may use the same nonce for it."""
NONCE_LENGTH = 128

log = logger(__name__)


class Door:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def echo(self, channel: Channel, query: Query, now: datetime) -> str:
        """Raises ProblemError 403."""
        self._fresh(channel, query, now)
        return self.read(channel, lambda: channel.echo(query))

    def open(self, channel: Channel, query: Query, body: bytes, now: datetime) -> Mapping[str, str]:
        """What was delivered. Raises ProblemError 403 for what is forged or stale, 400 for what nobody can read."""
        self._fresh(channel, query, now)
        return self.read(channel, lambda: channel.open(query, body))

    def once(self, records: Records, channel: Channel, query: Query, what: str, now: datetime) -> None:
        """Raises ProblemError 403 when this nonce was used for something else, or for the same too long ago."""
        nonce = f"{channel.account.name}:{query.timestamp}:{query.nonce}"
        first, at = records.deliveries.once(nonce, what, now)
        if first != what or now - at > RETRIES:
            raise self._refused(channel, "replayed", "This nonce was used before.")

    def _fresh(self, channel: Channel, query: Query, now: datetime) -> None:
        stale = channel.account.stale_seconds
        is_number = query.timestamp.isascii() and query.timestamp.isdigit() and len(query.timestamp) <= 12
        if not is_number or abs(now.timestamp() - int(query.timestamp)) > stale:
            detail = f"The timestamp is more than {stale} s away from our clock: check both clocks, or stale_seconds."
            raise self._refused(channel, "stale", detail)
        if not query.nonce or len(query.nonce) > NONCE_LENGTH:
            raise self._refused(channel, "forged", "The nonce is missing.")

    def read(self, channel: Channel, read: Callable[[], T]) -> T:
        """Errors of the platform's forms as problems."""
        try:
            return read()
        except ForgedError as problem:
            detail = f"{problem}: the token or EncodingAESKey in channels.yml may not be the platform's."
            raise self._refused(channel, "forged", detail) from problem
        except BadXmlError as problem:
            raise ProblemError(400, "malformed", f"The delivery cannot be read: {problem}.") from problem

    def _refused(self, channel: Channel, code: str, detail: str) -> ProblemError:
        kind, app_id = channel.account.kind, channel.account.app_id
        log.warning("delivery_refused", channel=kind, app_id=app_id, why=code, problem=detail)
        self._metrics.deliveries.labels(kind, code).inc()
        return ProblemError(403, code, detail)
