"""Signatures as the standard publishes them, when an attempt is made again, and where nothing is ever sent."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.courier import Courier, new_secret, signed_headers
from integrations.target import TargetRefusedError, check_address, checked_url, networks, resolved
from retention.notice import (
    WAITS,
    Dispatch,
    DispatchState,
    NoticeKind,
    Subscription,
    body_of,
    failed,
    notice_id,
    revived,
    sent,
)

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=timezone.utc)
OURS = networks("127.0.0.0/8 ::1/128 10.8.0.0/16")
DISPATCH = Dispatch(
    dispatch_id="D1",
    subscription_id="S1",
    notice_id="msg_1",
    kind=NoticeKind.GRANT_ISSUED,
    at=NOW,
    data={"grant_id": "G1", "value_fen": 500},
    state=DispatchState.WAITING,
    next_at=NOW,
    customer_id="C1",
    attempts=1,
)
NEVER = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a00:1",
]


def test_a_signature_is_the_one_the_standard_publishes() -> None:
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        '{"test": 2432232314}',
        at=datetime.fromtimestamp(1614265330, timezone.utc),
    )
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_new_secret_is_as_long_as_the_standard_asks_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64


def test_the_same_fact_has_the_same_id_and_another_one_another() -> None:
    first = notice_id(NoticeKind.HANDOFF_CLAIMED, "H1", NOW)
    assert first == notice_id(NoticeKind.HANDOFF_CLAIMED, "H1", NOW)
    others = {
        notice_id(NoticeKind.HANDOFF_CLOSED, "H1", NOW),
        notice_id(NoticeKind.HANDOFF_CLAIMED, "H2", NOW),
        notice_id(NoticeKind.HANDOFF_CLAIMED, "H1", NOW + timedelta(hours=1)),
    }
    assert len({first, *others}) == 4
    assert "." not in first


def test_a_body_says_what_when_and_about_whom() -> None:
    assert body_of(DISPATCH) == {
        "type": "grant.issued",
        "timestamp": "2026-11-20T04:00:00+00:00",
        "data": {"grant_id": "G1", "value_fen": 500, "customer_id": "C1"},
    }


def test_attempts_are_made_for_three_days_at_growing_distances_and_then_given_up() -> None:
    dispatch, at, waits = DISPATCH, NOW, []
    while dispatch.state is DispatchState.WAITING:
        dispatch = failed(dispatch, "answered 500", at=at)
        waits.append(dispatch.next_at - at)
        at = dispatch.next_at
        dispatch = _begun(dispatch)
    assert tuple(waits[:-1]) == WAITS
    assert dispatch.state is DispatchState.DEAD
    assert timedelta(days=3) < at - NOW < timedelta(days=4)
    assert dispatch.problem == "answered 500"


def test_whoever_asks_to_be_left_alone_is_for_as_long_as_a_day() -> None:
    assert failed(DISPATCH, "answered 429", at=NOW, asked_s=90).next_at == NOW + timedelta(seconds=90)
    assert failed(DISPATCH, "answered 429", at=NOW, asked_s=10**9).next_at == NOW + timedelta(days=1)
    assert failed(DISPATCH, "answered 503", at=NOW, asked_s=1).next_at == NOW + WAITS[0]


def test_an_address_that_is_gone_is_not_tried_again() -> None:
    assert failed(DISPATCH, "answered 410", at=NOW, gone=True).state is DispatchState.DEAD


def test_what_a_person_puts_back_begins_anew() -> None:
    again = revived(failed(DISPATCH, "x", at=NOW, gone=True), at=NOW)
    assert (again.state, again.attempts, again.next_at) == (DispatchState.WAITING, 0, NOW)
    assert sent(again, at=NOW).state is DispatchState.SENT


@pytest.mark.parametrize("address", NEVER)
def test_nothing_is_sent_to_an_address_that_is_not_public(address: str) -> None:
    with pytest.raises(TargetRefusedError, match="no public address"):
        check_address(ip_address(address), "https", ())


@given(st.ip_addresses())
def test_an_address_is_public_or_named_or_refused(address: object) -> None:
    try:
        check_address(address, "https", ())  # type: ignore[arg-type]
    except TargetRefusedError:
        return
    assert address.is_global  # type: ignore[attr-defined]


def test_a_network_the_operator_names_is_sent_to_and_no_other() -> None:
    check_address(ip_address("10.8.3.4"), "http", OURS)
    check_address(ip_address("::ffff:10.8.3.4"), "http", OURS)
    with pytest.raises(TargetRefusedError):
        check_address(ip_address("10.9.3.4"), "https", OURS)
    with pytest.raises(TargetRefusedError, match="https"):
        check_address(ip_address("93.184.216.34"), "http", OURS)


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example",
        "https://",
        "https://user@shop.example/",
        "https://user:word@shop.example/",
        "https://shop.example/#part",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:169.254.169.254]/latest",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://[::1",
        "//shop.example",
        "https://shop.example/" + "a" * 2000,
    ],
)
def test_a_url_that_leads_nowhere_good_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(TargetRefusedError):
        checked_url(url, ())


def test_a_public_url_is_taken_as_it_is() -> None:
    for url in ("https://shop.example/hook?a=1", "https://shop.example:8443", "https://93.184.216.34/"):
        assert checked_url(url, ()) == url


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "127.1", "0177.0.0.1"])
def test_another_spelling_of_this_machine_is_this_machine(host: str) -> None:
    """Each of them resolves to 127.0.0.1 here or to nothing; neither is sent to."""
    with pytest.raises((TargetRefusedError, OSError)):
        asyncio.run(resolved(host, 443, "https", ()))


@pytest.mark.parametrize("url", ["https://localhost:9/", "https://127.0.0.1:9/", "https://2130706433:9/"])
def test_an_attempt_at_a_private_address_ends_before_anything_is_sent(url: str) -> None:
    async def attempt() -> str:
        subscription = Subscription(
            subscription_id="S1", url=url, kinds=(), secret=new_secret(), created_at=NOW, created_by="crm"
        )
        async with Courier(()) as courier:
            return (await courier.send(DISPATCH, subscription, now=NOW)).problem

    problem = asyncio.run(attempt())
    assert "no public address" in problem or "gaierror" in problem


def _begun(dispatch: Dispatch) -> Dispatch:
    return replace(dispatch, attempts=dispatch.attempts + 1)
