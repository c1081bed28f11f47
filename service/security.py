"""Who is asking: the conversation of a shopper's token, or an API key with its scopes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from integrations.secret_file import Secrets
from retention.ports import Store
from service.context import ServiceDep
from service.problems import ProblemError, general
from service.scopes import SCOPES

Credentials = Annotated[
    HTTPAuthorizationCredentials | None,
    Depends(HTTPBearer(auto_error=False, description="The conversation's token under /v1/chat, an API key elsewhere")),
]


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A server. ``owner`` keeps its idempotency keys and limits apart from everybody else's."""

    name: str
    owner: str
    scopes: frozenset[str]


def digest(secret: str) -> str:
    """How an API key is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_caller(store: Store, secrets: Secrets, key: str) -> Caller | None:
    """The environment's key may do everything; the others what they were added for."""
    given = digest(key)
    if hmac.compare_digest(given, digest(secrets.api_key)):
        return Caller(name="main", owner=given[:16], scopes=SCOPES)
    with store.transaction() as records:
        found = records.api_keys.find(given)
    return Caller(name=found[0], owner=given[:16], scopes=found[1]) if found else None


def scoped(scope: str) -> Callable[..., Any]:
    """A dependency that lets in the API keys with this scope."""
    assert scope in SCOPES, scope

    async def caller(credentials: Credentials, service: ServiceDep, connection: HTTPConnection) -> Caller:
        path = connection.url.path
        if credentials is None:
            raise unauthorized(path)
        shop = service.shop
        found = await run_in_threadpool(find_caller, shop.store, shop.settings.secrets, credentials.credentials)
        if found is None:
            raise unauthorized(path)
        await service.limiter.call(found.owner)
        if scope not in found.scopes:
            raise ProblemError(403, "missing_scope", f"The API key {found.name!r} lacks the scope {scope}.")
        return found

    return caller


async def talking(credentials: Credentials, service: ServiceDep, connection: HTTPConnection) -> str:
    """The conversation whose token was sent."""
    conversation_id = service.tokens.conversation_of(credentials.credentials) if credentials else None
    if conversation_id is None:
        raise unauthorized(connection.url.path)
    return conversation_id


Talking = Annotated[str, Depends(talking)]


def unauthorized(path: str) -> ProblemError:
    return ProblemError.of(general(401, path, headers={"WWW-Authenticate": "Bearer"}))
