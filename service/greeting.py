"""A welcome to somebody who entered and has said nothing yet: WeCom takes it for 20 seconds, and once."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from integrations.channels.wecom import WecomChannel
from integrations.channels.wire import Verdict
from integrations.wiring import Shop
from retention.conversation import Message
from service.logs import logger
from service.views import spoken

log = logger(__name__)


async def greet(shop: Shop, channel: WecomChannel, code: str, said: tuple[Message, ...]) -> None:
    """It leaves the outbox first: a greeting that comes twice or too late is worse than none."""
    for message in said:
        if not await run_in_threadpool(_taken_out, shop, message):
            continue
        result = await channel.greet(code, channel.messages(spoken(message, traditional=False), message.seq)[0])
        if result.verdict is not Verdict.DONE:
            log.warning("not_greeted", conversation_id=message.conversation_id, problem=result.problem)


def _taken_out(shop: Shop, message: Message) -> bool:
    with shop.store.transaction() as records:
        contact = records.contacts.of_conversation(message.conversation_id)
        return contact is not None and records.outbox.answer(contact.contact_id, message.conversation_id, [message.seq])
