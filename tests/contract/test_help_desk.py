"""What every help desk does for us: in memory, and Chatwoot as its documents describe it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from integrations.chatwoot import Chatwoot
from integrations.codec import encode
from integrations.memory.help_desk import MemoryHelpDesk
from retention.errors import ForgedError, HelpDeskDownError
from retention.help_desk import HelpDesk, News, NewsKind, Ticket
from tests.contract.samples import HOUR, NOW
from tests.fake_chatwoot import FakeChatwoot
from tests.web_server import serving

TICKET = Ticket(handoff_id="H1", contact_id="c0ffee", name="李**", customer_id="C1", order_no="A1")
ANONYMOUS = Ticket(handoff_id="H2", contact_id="beef", name="访客", customer_id=None, order_no=None)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A help desk and how to look behind it. ``replied``: what its webhook sends when an agent writes."""

    desk: HelpDesk
    said: Callable[[str], Sequence[str]]
    notes: Callable[[str], Sequence[str]]
    ended: Callable[[str], bool]
    break_it: Callable[[], None]
    replied: Callable[[str, str], tuple[Mapping[str, str], bytes]]


@pytest.fixture(params=("memory", "chatwoot"))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    made: Iterator[Desk] = {"memory": _in_memory, "chatwoot": _on_chatwoot}[request.param]()
    yield from made


def _in_memory() -> Iterator[Desk]:
    memory = MemoryHelpDesk()

    def break_it() -> None:
        memory.down = True

    def replied(external_id: str, text: str) -> tuple[Mapping[str, str], bytes]:
        news = News(kind=NewsKind.REPLIED, external_id=external_id, message_id="1", text=text, agent="小敏")
        return {"x-secret": "secret"}, json.dumps(encode(news)).encode()

    yield Desk(
        desk=memory,
        said=lambda one: list(memory.forwarded[one].values()),
        notes=lambda one: list(memory.notes[one].values()),
        ended=lambda one: one in memory.ended,
        break_it=break_it,
        replied=replied,
    )


def _on_chatwoot() -> Iterator[Desk]:
    fake = FakeChatwoot()

    def replied(external_id: str, text: str) -> tuple[Mapping[str, str], bytes]:
        headers, body = fake.signed(fake.agent_says(int(external_id), text, at=NOW), at=NOW)
        return {name.lower(): value for name, value in headers.items()}, body

    with serving(fake.app) as url, closing(Chatwoot(fake.settings(url))) as chatwoot:
        yield Desk(
            desk=chatwoot,
            said=lambda one: fake.said(int(one)),
            notes=lambda one: fake.notes(int(one)),
            ended=lambda one: fake.conversations[int(one)]["status"] == "resolved",
            break_it=lambda: fake.refuse.extend([503] * 20),
            replied=replied,
        )


def test_a_ticket_becomes_a_conversation_with_a_note_for_agents_and_the_shoppers_words(desk: Desk) -> None:
    external_id = desk.desk.begin(TICKET, again=False)
    desk.desk.note(external_id, "H1/summary", "想要：取消订单", again=False)
    desk.desk.forward(external_id, "K1/m1", "在吗？", again=False)
    desk.desk.forward(external_id, "K1/m2", "😡 快点", again=False)
    assert list(desk.said(external_id)) == ["在吗？", "😡 快点"]
    assert list(desk.notes(external_id)) == ["想要：取消订单"]
    assert not desk.ended(external_id)
    desk.desk.end(external_id)
    assert desk.ended(external_id)


def test_two_tickets_are_two_conversations_also_of_one_customer(desk: Desk) -> None:
    again = replace(TICKET, handoff_id="H9")
    begun = [desk.desk.begin(one, again=False) for one in (TICKET, ANONYMOUS, again)]
    assert len(set(begun)) == 3


def test_what_may_have_got_through_is_not_done_twice(desk: Desk) -> None:
    external_id = desk.desk.begin(TICKET, again=False)
    assert desk.desk.begin(TICKET, again=True) == external_id
    assert desk.desk.begin(replace(TICKET, handoff_id="H9"), again=True) != external_id
    for again in (False, True):
        desk.desk.forward(external_id, "K1/m1", "在吗？", again=again)
        desk.desk.note(external_id, "H1/summary", "摘要", again=again)
        desk.desk.end(external_id)
    assert list(desk.said(external_id)) == ["在吗？"]
    assert list(desk.notes(external_id)) == ["摘要"]


def test_what_did_not_get_through_is_said_so(desk: Desk) -> None:
    external_id = desk.desk.begin(TICKET, again=False)
    desk.desk.check()
    desk.break_it()
    for attempt in (
        lambda: desk.desk.begin(ANONYMOUS, again=False),
        lambda: desk.desk.forward(external_id, "K1/m1", "在吗？", again=True),
        lambda: desk.desk.note(external_id, "n", "x", again=False),
        lambda: desk.desk.end(external_id),
        desk.desk.check,
    ):
        with pytest.raises(HelpDeskDownError):
            attempt()


def test_an_agents_reply_comes_back_with_whose_it_is(desk: Desk) -> None:
    external_id = desk.desk.begin(TICKET, again=False)
    headers, body = desk.replied(external_id, "您好，我是小敏")
    news = desk.desk.read(headers, body, now=NOW)
    assert news is not None
    assert (news.kind, news.external_id, news.text, news.agent) == (
        NewsKind.REPLIED,
        external_id,
        "您好，我是小敏",
        "小敏",
    )
    assert news.message_id


def test_who_proves_nothing_is_not_heard(desk: Desk) -> None:
    external_id = desk.desk.begin(TICKET, again=False)
    _, body = desk.replied(external_id, "您好")
    with pytest.raises(ForgedError):
        desk.desk.read({}, body, now=NOW)


@pytest.fixture
def chatwoot() -> Iterator[tuple[FakeChatwoot, Chatwoot]]:
    fake = FakeChatwoot()
    with serving(fake.app) as url, closing(Chatwoot(fake.settings(url))) as made:
        yield fake, made


def test_chatwoot_keeps_one_contact_for_a_customer_who_comes_again(chatwoot: tuple[FakeChatwoot, Chatwoot]) -> None:
    fake, desk = chatwoot
    desk.begin(TICKET, again=False)
    desk.begin(replace(TICKET, handoff_id="H9"), again=False)
    desk.begin(ANONYMOUS, again=False)
    assert [(one["name"], one["identifier"]) for one in fake.contacts.values()] == [("李**", "C1"), ("访客", None)]


def test_a_write_that_chatwoot_did_and_did_not_confirm_is_found_the_next_time(
    chatwoot: tuple[FakeChatwoot, Chatwoot],
) -> None:
    fake, desk = chatwoot
    contact_and_conversation = 2
    fake.cut = contact_and_conversation
    for _ in range(contact_and_conversation):
        with pytest.raises(HelpDeskDownError, match="504"):
            desk.begin(TICKET, again=True)
    external_id = desk.begin(TICKET, again=True)
    assert len(fake.conversations) == 1
    fake.cut = 1
    with pytest.raises(HelpDeskDownError, match="504"):
        desk.forward(external_id, "K1/m1", "在吗？", again=False)
    desk.forward(external_id, "K1/m1", "在吗？", again=True)
    assert fake.said(int(external_id)) == ["在吗？"]


def test_a_refusal_names_what_was_asked_and_never_the_token(chatwoot: tuple[FakeChatwoot, Chatwoot]) -> None:
    fake, _ = chatwoot
    with serving(fake.app) as url:
        wrong = Chatwoot(replace(fake.settings(url), token="another-token"))
        with closing(wrong), pytest.raises(HelpDeskDownError) as refused:
            wrong.check()
    assert "answered 401 to GET /api/v1/accounts/7/conversations/meta" in str(refused.value)
    assert "another-token" not in f"{refused.value!r} {refused.value}"


def test_a_chatwoot_that_is_not_there_is_down() -> None:
    nobody = Chatwoot(FakeChatwoot().settings("http://127.0.0.1:9"))
    with closing(nobody), pytest.raises(HelpDeskDownError, match="ConnectError"):
        nobody.check()


@pytest.mark.parametrize("late", [-2 * HOUR, 2 * HOUR, -HOUR / 10, HOUR / 10])
def test_an_old_or_future_delivery_of_chatwoot_is_not_heard(
    chatwoot: tuple[FakeChatwoot, Chatwoot], late: object
) -> None:
    fake, desk = chatwoot
    external_id = int(desk.begin(TICKET, again=False))
    headers, body = fake.signed(fake.agent_says(external_id, "您好", at=NOW), at=NOW + late)  # type: ignore[operator]
    with pytest.raises(ForgedError):
        desk.read({name.lower(): value for name, value in headers.items()}, body, now=NOW)


def test_a_delivery_of_chatwoot_that_was_changed_or_signed_by_another_is_not_heard(
    chatwoot: tuple[FakeChatwoot, Chatwoot],
) -> None:
    fake, desk = chatwoot
    payload = fake.agent_says(int(desk.begin(TICKET, again=False)), "您好", at=NOW)
    headers, body = fake.signed(payload, at=NOW)
    other, _ = fake.signed(payload, at=NOW, secret="of another inbox")
    for given, sent in ((headers, body.replace("您好".encode(), "再见".encode())), (other, body)):
        with pytest.raises(ForgedError):
            desk.read({name.lower(): value for name, value in given.items()}, sent, now=NOW)
