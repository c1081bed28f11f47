"""Logging in with an account of one's own, what a sign-in is worth, and who may change accounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from retention.associate import Associate, Role
from service import console as console_module
from tests.http.test_sockets import served
from tests.http.world import PASSWORD, PLENTY, Watch, World, opened

pytestmark = pytest.mark.anyio

ME = "/console/api/me"
NEW = "a-new-password"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    answer = await login(world, "小王", PASSWORD)
    cookie = answer.headers["set-cookie"]
    assert answer.json() == {"name": "小王", "display": "小王", "role": "agent", "skills": [], "capacity": 5}
    for part in ("HttpOnly", "SameSite=strict", "Path=/console"):
        assert part in cookie
    assert "Secure" not in cookie


async def test_over_https_the_cookie_stays_on_https(world: World) -> None:
    world.employ("小王")
    async with world.browser() as browser:
        body = {"name": "小王", "password": PASSWORD}
        answer = await browser.post("https://shop/console/api/login", json=body)
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("name", "password"), [("小王", ""), ("小王", PASSWORD + " "), ("小王", PASSWORD.upper()), ("小李", PASSWORD)]
)
async def test_a_wrong_name_or_password_logs_nobody_in_and_says_not_which(
    world: World, name: str, password: str
) -> None:
    answer = await login(world, "小王", password, as_name=name)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "账号或密码不对，请核对后再试。忘记密码请联系管理员重置。"
    assert "set-cookie" not in answer.headers


async def test_after_logging_out_the_cookie_is_worth_nothing_even_to_who_kept_it(world: World) -> None:
    cookie = world.cookie("小王")
    async with world.browser(**cookie) as console:
        assert (await console.get(ME)).json()["name"] == "小王"
        await console.post("/console/api/logout")
    async with world.browser(**cookie) as thief:
        assert (await thief.get(ME)).status_code == 401


async def test_a_sign_in_ends_by_itself_after_half_a_day(tmp_path: Path) -> None:
    watch = Watch()
    async with opened(tmp_path, clock=watch) as world:
        console = await world.log_in("小王")
        for hours, status in ((11, 200), (1, 401)):
            watch.pass_by(hours=hours)
            assert (await console.get(ME)).status_code == status


async def test_a_new_password_ends_every_other_sign_in_and_not_this_one(world: World) -> None:
    here, elsewhere = await world.log_in("小王"), await world.log_in("小王")
    answer = await here.post("/console/api/password", json={"old": PASSWORD, "new": NEW})
    assert answer.status_code == 200
    assert [(await one.get(ME)).status_code for one in (here, elsewhere)] == [200, 401]
    assert [(await login(world, "小王", word)).status_code for word in (PASSWORD, NEW)] == [401, 200]


async def test_who_does_not_know_the_old_password_does_not_change_it(world: World) -> None:
    console = await world.log_in("小王")
    answer = await console.post("/console/api/password", json={"old": "guess", "new": NEW})
    assert (answer.status_code, answer.json()["detail"]) == (403, "原密码不对，密码没有修改。")
    assert (await login(world, "小王", PASSWORD)).status_code == 200


async def test_a_password_of_seven_characters_is_refused(world: World) -> None:
    console = await world.log_in("老板", Role.ADMIN)
    own = await console.post("/console/api/password", json={"old": PASSWORD, "new": "1234567"})
    others = await console.post("/console/api/associates", json={"name": "小李", "password": "1234567"})
    assert [own.status_code, others.status_code] == [422, 422]


async def test_guesses_at_one_account_from_many_addresses_are_slowed_down(tmp_path: Path) -> None:
    async with opened(tmp_path, limits=replace(PLENTY, account_logins="3/hour")) as world:
        world.employ("小王")
        world.employ("小李")
        guesses = [await login(world, "小王", "guess", address=f"10.0.0.{number}") for number in range(4)]
        assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
        assert int(guesses[-1].headers["retry-after"]) > 0
        assert (await login(world, "小李", PASSWORD)).status_code == 200


async def test_guesses_at_the_old_password_count_as_well(tmp_path: Path) -> None:
    async with opened(tmp_path, limits=replace(PLENTY, account_logins="3/hour")) as world:
        console = await world.log_in("小王")
        body = {"old": "guess", "new": NEW}
        statuses = [(await console.post("/console/api/password", json=body)).status_code for _ in range(3)]
    assert statuses == [403, 403, 429]


async def test_an_administrator_adds_an_account_that_can_log_in(world: World) -> None:
    admin = await world.log_in("老板", Role.ADMIN)
    body = {"name": "xiaoli", "display": "小李", "password": NEW, "skills": ["退款", "退款"], "capacity": 3}
    answer = await admin.post("/console/api/associates", json=body)
    assert answer.status_code == 201
    made = {"name": "xiaoli", "display": "小李", "role": "agent", "skills": ["退款"], "capacity": 3}
    assert answer.json() == {"associate": {**made, "active": True}}
    assert (await login(world, "xiaoli", NEW)).json() == made
    listed = (await admin.get("/console/api/associates")).json()["associates"]
    assert [each["name"] for each in listed] == ["xiaoli", "老板"]


async def test_a_name_belongs_to_one_account(world: World) -> None:
    admin = await world.log_in("老板", Role.ADMIN)
    world.employ("小李")
    answer = await admin.post("/console/api/associates", json={"name": "小李", "password": NEW})
    assert (answer.status_code, answer.json()["detail"]) == (409, "账号小李已经有了，请换一个名字。")
    assert (await login(world, "小李", PASSWORD)).status_code == 200


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_accounts_are_for_administrators(world: World, role: Role) -> None:
    console = await world.log_in("小王", role)
    tries = [
        await console.get("/console/api/associates"),
        await console.post("/console/api/associates", json={"name": "小李", "password": NEW}),
        await console.patch("/console/api/associates/小王", json={"role": "admin"}),
    ]
    assert {answer.status_code for answer in tries} == {403}
    assert {answer.json()["detail"] for answer in tries} == {"没有权限执行这个操作。"}


async def test_a_changed_role_counts_at_once(world: World) -> None:
    admin, console = await world.log_in("老板", Role.ADMIN), await world.log_in("小王")
    assert (await console.get("/console/api/supervisor")).status_code == 403
    changed = await admin.patch("/console/api/associates/小王", json={"role": "supervisor", "skills": ["投诉"]})
    assert (changed.json()["associate"]["role"], changed.json()["associate"]["skills"]) == ("supervisor", ["投诉"])
    assert (await console.get("/console/api/supervisor")).status_code == 200


async def test_who_is_shut_out_is_out_at_once_and_stays_out(world: World) -> None:
    admin, console = await world.log_in("老板", Role.ADMIN), await world.log_in("小王")
    await admin.patch("/console/api/associates/小王", json={"active": False})
    assert (await console.get(ME)).status_code == 401
    assert (await login(world, "小王", PASSWORD)).status_code == 401
    await admin.patch("/console/api/associates/小王", json={"active": True})
    assert (await console.get(ME)).status_code == 401
    assert (await login(world, "小王", PASSWORD)).status_code == 200


async def test_a_password_set_by_an_administrator_ends_every_sign_in(world: World) -> None:
    admin, console = await world.log_in("老板", Role.ADMIN), await world.log_in("小王")
    await admin.patch("/console/api/associates/小王", json={"password": NEW})
    assert (await console.get(ME)).status_code == 401
    assert [(await login(world, "小王", word)).status_code for word in (PASSWORD, NEW)] == [401, 200]


@pytest.mark.parametrize("change", [{"active": False}, {"role": "agent"}])
async def test_the_last_administrator_stays(world: World, change: dict[str, Any]) -> None:
    admin = await world.log_in("老板", Role.ADMIN)
    refused = await admin.patch("/console/api/associates/老板", json=change)
    assert (refused.status_code, refused.json()["detail"]) == (409, "至少要保留一个启用的管理员账号。")
    world.employ("老板娘", Role.ADMIN)
    assert (await admin.patch("/console/api/associates/老板", json=change)).status_code == 200


async def test_an_account_nobody_has_is_not_found(world: World) -> None:
    admin = await world.log_in("老板", Role.ADMIN)
    for change in ({"role": "agent"}, {"password": NEW}):
        assert (await admin.patch("/console/api/associates/nobody", json=change)).status_code == 404


async def test_everything_about_accounts_is_on_record_and_no_password_is(world: World) -> None:
    admin = await world.log_in("老板", Role.ADMIN)
    await admin.post("/console/api/associates", json={"name": "小李", "password": NEW})
    await login(world, "小李", "a wrong one")
    console = world.browser()
    await console.post("/console/api/login", json={"name": "小李", "password": NEW})
    await console.post("/console/api/password", json={"old": NEW, "new": "yet-another-one"})
    await console.post("/console/api/logout")
    await admin.patch("/console/api/associates/小李", json={"role": "supervisor", "password": NEW})
    with world.store.transaction() as records:
        entries = records.audit.about("associate:小李")
    assert [(entry.act, entry.actor) for entry in entries] == [
        ("associate_added", "associate:老板"),
        ("sign_in_refused", "associate:小李"),
        ("signed_in", "associate:小李"),
        ("password_changed", "associate:小李"),
        ("signed_out", "associate:小李"),
        ("associate_changed", "associate:老板"),
        ("password_reset", "associate:老板"),
    ]
    assert entries[-2].data == {"role": "supervisor"}
    assert not any(word in repr(entries) for word in (NEW, "a wrong one", "yet-another-one"))


async def test_a_shopper_reads_the_display_name_of_who_comes(world: World) -> None:
    shopper = await world.begin()
    await world.say(shopper, "转人工")
    made = Associate(name="wang01", display="小王", role=Role.AGENT, skills=(), capacity=5, active=True)
    world.shop.accounts.add(made, PASSWORD, actor="system")
    console = await world.log_in("wang01")
    [row] = (await console.get("/console/api/queue")).json()["handoffs"]
    await console.post(f"/console/api/handoffs/{row['handoff_id']}/claim", json={})
    texts = [one["text"] for one in (await world.client.get("/v1/chat/messages", headers=shopper)).json()["messages"]]
    assert texts[-1] == "小王 为您服务"


async def test_an_open_socket_ends_with_the_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_module, "STILL_S", 0.01)
    async with served(tmp_path) as (world, address):
        [(cookie, token)] = world.cookie("小王").items()
        async with connect(f"{address}/console/api/ws", additional_headers={"Cookie": f"{cookie}={token}"}) as screen:
            world.shop.accounts.sign_out(token)
            with pytest.raises(ConnectionClosed) as closed:
                await screen.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


async def login(
    world: World, employed: str, password: str, *, as_name: str | None = None, address: str = "10.0.0.1"
) -> httpx.Response:
    world.employ(employed)
    transport = httpx.ASGITransport(world.app, client=(address, 1))
    headers = {"X-Requested-With": "tourniquet"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as browser:
        body = {"name": as_name or employed, "password": password}
        return await browser.post("/console/api/login", json=body)
