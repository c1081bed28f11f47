"""``/console/api``: logging in, one's own password, and the accounts an administrator keeps."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from retention.accounts import LASTS
from retention.associate import Associate, Role
from retention.errors import LastAdminError, NameTakenError
from service.api.fields import Body, Id
from service.console import COOKIE, OURS, PATH, Admin, SignedIn
from service.context import ServiceDep
from service.first_people import CAPACITY, NAME
from service.problems import ProblemError

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256

router = APIRouter(prefix=PATH, tags=["console"])

Typed = Annotated[str, Field(max_length=LONGEST_PASSWORD)]
NewPassword = Annotated[str, Field(min_length=SHORTEST_PASSWORD, max_length=LONGEST_PASSWORD)]
Name = Annotated[str, Field(pattern=NAME, description="What they log in with; it never changes")]
Display = Annotated[str, Field(pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]{0,30}[^\x00-\x20\x7f])?$")]
RoleField = Annotated[Role, Field(strict=False)]
Skills = Annotated[list[Id], Field(max_length=20)]
Capacity = Annotated[int, Field(ge=1, le=50, description="Conversations at once")]


class LoginBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[^\x00-\x20\x7f]+$")]
    password: Typed


class PasswordBody(Body):
    old: Typed
    new: NewPassword


class AssociateBody(Body):
    name: Name
    display: Annotated[Display | None, Field(description="Left out: the name")] = None
    password: NewPassword
    role: RoleField = Role.AGENT
    skills: Skills = Field(default_factory=list)
    capacity: Capacity = CAPACITY


class ChangeBody(Body):
    display: Display | None = None
    role: RoleField | None = None
    skills: Skills | None = None
    capacity: Capacity | None = None
    active: bool | None = None
    password: Annotated[NewPassword | None, Field(description="A new one; they are logged out everywhere")] = None

    def applied(self, associate: Associate) -> Associate:
        given = {name: getattr(self, name) for name in ("display", "role", "capacity", "active")}
        changes = {name: value for name, value in given.items() if value is not None}
        skills = associate.skills if self.skills is None else _distinct(self.skills)
        return replace(associate, **changes, skills=skills)


@router.post("/login", dependencies=OURS, summary="Log in; sets the cookie")
async def login(body: LoginBody, request: Request, response: Response, service: ServiceDep) -> dict[str, Any]:
    await service.limiter.login(request.client.host if request.client else "", body.name)
    found = await run_in_threadpool(service.shop.accounts.sign_in, body.name, body.password)
    if found is None:
        raise ProblemError(401, "bad_password", "账号或密码不对，请核对后再试。忘记密码请联系管理员重置。")
    associate, token = found
    _set_cookie(response, request, token)
    return own_view(associate)


@router.post("/logout", dependencies=OURS, summary="End this sign-in and forget the cookie")
def logout(request: Request, response: Response, service: ServiceDep) -> dict[str, bool]:
    service.shop.accounts.sign_out(request.cookies.get(COOKIE, ""))
    response.delete_cookie(COOKIE, path="/console", httponly=True, samesite="strict")
    return {"done": True}


@router.get("/me", summary="Who is logged in")
def me(associate: SignedIn) -> dict[str, Any]:
    return own_view(associate)


@router.post("/password", dependencies=OURS, summary="Change one's own password; every other sign-in of theirs ends")
async def change_password(
    body: PasswordBody, associate: SignedIn, request: Request, response: Response, service: ServiceDep
) -> dict[str, bool]:
    await service.limiter.password(associate.name)
    token = await run_in_threadpool(service.shop.accounts.change_password, associate.name, body.old, body.new)
    if token is None:
        raise ProblemError(403, "bad_password", "原密码不对，密码没有修改。")
    _set_cookie(response, request, token)
    return {"done": True}


@router.get("/associates", summary="Every account, also those that are not active")
def listed(admin: Admin, service: ServiceDep) -> dict[str, Any]:
    with service.shop.store.transaction() as records:
        return {"associates": [account_view(each) for each in records.associates.listed()]}


@router.post("/associates", dependencies=OURS, status_code=201, summary="Add an account")
def add(body: AssociateBody, admin: Admin, service: ServiceDep) -> dict[str, Any]:
    associate = Associate(
        name=body.name,
        display=body.display or body.name,
        role=body.role,
        skills=_distinct(body.skills),
        capacity=body.capacity,
        active=True,
    )
    try:
        service.shop.accounts.add(associate, body.password, actor=f"associate:{admin.name}")
    except NameTakenError as taken:
        raise ProblemError(409, "name_taken", f"账号{body.name}已经有了，请换一个名字。") from taken
    return {"associate": account_view(associate)}


@router.patch("/associates/{name}", dependencies=OURS, summary="Change an account; what is left out stays")
def change(name: Id, body: ChangeBody, admin: Admin, service: ServiceDep) -> dict[str, Any]:
    accounts, actor = service.shop.accounts, f"associate:{admin.name}"
    try:
        changed = accounts.change(name, body.applied, actor=actor)
    except LastAdminError as last:
        raise ProblemError(409, "last_admin", "至少要保留一个启用的管理员账号。") from last
    if body.password is not None:
        accounts.reset_password(name, body.password, actor=actor)
    return {"associate": account_view(changed)}


def own_view(associate: Associate) -> dict[str, Any]:
    """What the screen of whoever is logged in may know of them."""
    return {
        "name": associate.name,
        "display": associate.display,
        "role": associate.role.value,
        "skills": list(associate.skills),
        "capacity": associate.capacity,
    }


def account_view(associate: Associate) -> dict[str, Any]:
    return {**own_view(associate), "active": associate.active}


def _distinct(skills: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(skills))


def _set_cookie(response: Response, request: Request, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=round(LASTS.total_seconds()),
        path="/console",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
