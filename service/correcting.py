"""What associates do about a message that was misheard: one proposes, another reviews, every console is told."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

from starlette.concurrency import run_in_threadpool

from integrations.erasure import ERASED_TEXT
from integrations.language_model import heard_by
from integrations.wiring import Shop
from retention import correcting
from retention.conversation import Author, Conversation, Message
from retention.correction import Correction, CorrectionState, Labels
from retention.errors import IllegalMoveError, NotFoundError, OwnCorrectionError
from retention.ports import Records
from service.broadcast import Broadcast
from service.glossary import CORRECTION_STATES
from service.problems import ProblemError
from service.training_text import training_text


class Correcting:
    def __init__(self, shop: Shop, broadcast: Broadcast) -> None:
        self._shop = shop
        self._broadcast = broadcast

    async def propose(self, conversation_id: str, message_id: str, labels: Labels, associate: str) -> Correction:
        """Raises NotFoundError for an unknown message, ProblemError 409 for one that nobody heard."""
        proposed = await run_in_threadpool(self._propose, conversation_id, message_id, labels, associate)
        self._broadcast.queue()
        return proposed

    async def review(
        self, correction_id: str, to: CorrectionState, associate: str, labels: Labels | None = None
    ) -> Correction:
        """Raises NotFoundError, ProblemError 409 for an own correction and for one that was reviewed before."""
        reviewed = await run_in_threadpool(self._review, correction_id, to, associate, labels)
        self._broadcast.queue()
        return reviewed

    def _propose(self, conversation_id: str, message_id: str, labels: Labels, associate: str) -> Correction:
        with self._shop.store.transaction() as records:
            # Locked, so that no erasure can come between reading the text and keeping it.
            conversation = records.conversations.lock(conversation_id)
            message = records.messages.find(conversation_id, message_id)
            if conversation is None or message is None:
                raise NotFoundError("message", message_id)
            return correcting.propose(records, self._correction(records, conversation, message, labels, associate))

    def _correction(
        self, records: Records, conversation: Conversation, message: Message, labels: Labels, associate: str
    ) -> Correction:
        if message.author is not Author.SHOPPER or message.hearing is None:
            raise ProblemError(409, "not_heard", "这条消息没有识别结果，不能纠正。")
        if message.text == ERASED_TEXT:
            raise ProblemError(409, "erased", "这条消息已按顾客要求删除，不能纠正。")
        return Correction(
            correction_id=str(uuid4()),
            conversation_id=message.conversation_id,
            message_id=message.message_id,
            state=CorrectionState.PROPOSED,
            text=training_text(message.text, _known(records, conversation)),
            heard=Labels.heard(message.hearing, escalates_at=self._shop.escalates_at),
            labels=labels,
            proposer=associate,
            proposed_at=self._shop.clock(),
            model_version=heard_by(self._shop.settings.language_folder, message.at),
        )

    def _review(self, correction_id: str, to: CorrectionState, associate: str, labels: Labels | None) -> Correction:
        try:
            with self._shop.store.transaction() as records:
                return correcting.review(
                    records, correction_id, to, at=self._shop.clock(), associate=associate, labels=labels
                )
        except OwnCorrectionError as refused:
            detail = "不能审核自己提交的纠正，请由其他同事审核。"
            raise ProblemError(409, "own_correction", detail) from refused
        except IllegalMoveError as refused:
            raise self._refusal(correction_id, associate) from refused

    def _refusal(self, correction_id: str, associate: str) -> ProblemError:
        with self._shop.store.transaction() as records:
            found = records.corrections.find(correction_id)
        if found is None:  # erased in this very moment
            raise NotFoundError("correction", correction_id)
        who = "您" if found.reviewer == associate else found.reviewer
        return ProblemError(
            409, "already_reviewed", f"这条纠正{who}已经审核过了，结果是{CORRECTION_STATES[found.state]}。"
        )


def _known(records: Records, conversation: Conversation) -> Iterator[str]:
    """What the records hold about who is talking, and must not be learned."""
    if conversation.customer_id is None:
        return
    customer = records.customers.find(conversation.customer_id)
    if customer is not None:
        yield customer.name
    for order in records.orders.of_customer(conversation.customer_id):
        yield from (order.order_no, order.address.receiver, order.address.detail, order.address.phone)
