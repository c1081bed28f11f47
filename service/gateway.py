"""A shopper's message in, its replies out, effectively once: recorded before anything else, answered exactly once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from itertools import count
from weakref import WeakValueDictionary

from starlette.concurrency import run_in_threadpool

from integrations.rasa import Heard, Rasa, RasaDownError
from integrations.wiring import Shop
from language.normalise import normalise
from retention.attachment import PICTURE_TEXT, Picture
from retention.conversation import Author, Conversation, Message, Status
from retention.desk import bubble_id
from retention.errors import NotFoundError, StoreBusyError
from retention.hearing import Before
from retention.ports import Records
from retention.reply import Bubble
from service.broadcast import Broadcast
from service.logs import logger
from service.metrics import Metrics
from service.problems import ProblemError
from service.text import sendable

BOT_DOWN = "bot_down"

log = logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A message as it stands in the store, with what was said to it. ``is_new``: it was recorded just now."""

    conversation: Conversation
    message: Message
    replies: tuple[Message, ...] = ()
    before: Before | None = None
    is_new: bool = False


class Gateway:
    """Messages of one conversation are handled in the order they came, those of different conversations at once."""

    def __init__(self, shop: Shop, rasa: Rasa, broadcast: Broadcast, metrics: Metrics) -> None:
        self._shop = shop
        self._rasa = rasa
        self._broadcast = broadcast
        self._metrics = metrics
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, conversation_id: str, message_id: str, text: str, attachment_id: str | None = None) -> Turn:
        """Answer a message; a repeated one gets the same answer, also while the first is still being handled.

        Raises ProblemError for a text nobody may send, for a closed conversation, for an id that is taken and for a
        picture that is not there or already in another message;
        NotFoundError for an unknown conversation; StoreBusyError when the message could not be kept.
        """
        text = sendable(text if text.strip() or attachment_id is None else PICTURE_TEXT)
        started = time.perf_counter()
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            recorded = await run_in_threadpool(self._record, conversation_id, message_id, text, attachment_id)
            if recorded.message.answered:
                return recorded
            if recorded.is_new:
                self._broadcast.message(recorded.conversation, recorded.message)
            if recorded.conversation.status is Status.BOT:
                turn, ended = await self._answered(recorded)
            elif recorded.message.is_picture_only:
                turn, ended = recorded, "overheard"
            else:
                turn, ended = await self._overheard(recorded), "overheard"
        self._metrics.turns.labels(ended).inc()
        self._metrics.turn_seconds.observe(time.perf_counter() - started)
        return turn

    async def show(self, conversation_id: str, message_id: str, text: str, answer: Bubble | None) -> Turn:
        """Keep a message nobody can hear, as a picture; the fixed answer is given while the bot holds the conversation.

        Raises ProblemError for a closed conversation; NotFoundError and StoreBusyError as ``take``.
        """
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            recorded = await run_in_threadpool(self._record, conversation_id, message_id, text)
            if recorded.message.answered:
                return recorded
            if recorded.is_new:
                self._broadcast.message(recorded.conversation, recorded.message)
            turn = await run_in_threadpool(self._shown, conversation_id, message_id, answer)
            for reply in turn.replies:
                self._broadcast.message(turn.conversation, reply)
        return turn

    def said_to(self, conversation_id: str, message_id: str) -> tuple[Message, ...]:
        """What answered a message, or what was said unasked under that id."""
        with self._shop.store.transaction() as records:
            message = records.messages.find(conversation_id, message_id)
            if message is None:
                return ()
            return _replies(records, message) if message.author is Author.SHOPPER else (message,)

    async def say(self, conversation_id: str, message_id: str, bubble: Bubble) -> Message:
        """Say something unasked; the same message id says it once."""
        said, conversation = await run_in_threadpool(self._said, conversation_id, message_id, bubble)
        self._broadcast.message(conversation, said)
        return said

    async def _answered(self, recorded: Turn) -> tuple[Turn, str]:
        """The bot's answer; a person's when the bot has none. Also how it ended, for the books."""
        conversation, message = recorded.conversation, recorded.message
        if message.is_picture_only:
            await run_in_threadpool(self._shop.desk.keep_picture, conversation.conversation_id, message.message_id)
            turn = await run_in_threadpool(self._read, conversation.conversation_id, message.message_id)
            self._broadcast.turn(conversation, turn.conversation, turn.message, turn.replies)
            return turn, "picture"
        self._broadcast.typing(conversation.conversation_id, Author.BOT)
        try:
            heard = await self._rasa.turn(conversation, message.message_id, message.text, recorded.before)
        except RasaDownError as problem:
            log.warning("rasa_down", conversation_id=conversation.conversation_id, problem=str(problem))
            turn, ended = await self._handed_over(conversation, message), "rasa_down"
        else:
            turn, ended = await run_in_threadpool(self._read, conversation.conversation_id, message.message_id), "desk"
            if not turn.message.answered and heard.replies:
                ids = conversation.conversation_id, message.message_id
                turn, ended = await run_in_threadpool(self._noted, *ids, heard), "utter"
            elif not turn.message.answered:
                log.warning("rasa_silent", conversation_id=conversation.conversation_id)
                turn, ended = await self._handed_over(conversation, message), "rasa_silent"
        self._broadcast.turn(recorded.conversation, turn.conversation, turn.message, turn.replies)
        return turn, ended

    async def _handed_over(self, conversation: Conversation, message: Message) -> Turn:
        """Nobody is left alone with a broken bot: an honest sentence, and a person."""
        ids = conversation.conversation_id, message.message_id
        await run_in_threadpool(self._shop.desk.hand_over, *ids, BOT_DOWN)
        return await run_in_threadpool(self._read, *ids)

    async def _overheard(self, recorded: Turn) -> Turn:
        """A person holds the conversation: understand for their screen, say nothing. Not understanding does no harm."""
        conversation_id, message_id = recorded.message.conversation_id, recorded.message.message_id
        try:
            hearing = await self._rasa.hear(recorded.message.text)
            await run_in_threadpool(self._shop.desk.hear, conversation_id, message_id, hearing)
        except (RasaDownError, StoreBusyError) as problem:
            log.warning("not_heard", conversation_id=conversation_id, problem=str(problem))
            return recorded
        turn = await run_in_threadpool(self._read, conversation_id, message_id)
        self._broadcast.heard(turn.conversation, turn.message)
        return turn

    def _record(self, conversation_id: str, message_id: str, text: str, attachment_id: str | None = None) -> Turn:
        """Keep the message before anything can go wrong with it."""
        with self._shop.store.transaction() as records:
            conversation = records.conversations.lock(conversation_id)
            if conversation is None:
                raise NotFoundError("conversation", conversation_id)
            known = records.messages.find(conversation_id, message_id)
            if known is not None:
                return _repeated(records, conversation, known)
            if conversation.status is Status.CLOSED:
                raise ProblemError(409, "conversation_closed", "这次会话已经结束，请开始新的会话。")
            if not conversation.traditional and normalise(text).traditional:
                conversation = replace(conversation, traditional=True)
                records.conversations.put(conversation)
            picture = _picture(records, conversation_id, message_id, attachment_id) if attachment_id else None
            message = records.messages.add(
                Message(
                    conversation_id=conversation_id,
                    message_id=message_id,
                    author=Author.SHOPPER,
                    at=self._shop.clock(),
                    text=text,
                    attachment=picture,
                )
            )
            assert message is not None, "find saw no such id inside the conversation's lock"
            before = _before(records, message) if conversation.status is Status.BOT else None
            return Turn(conversation=conversation, message=message, before=before, is_new=True)

    def _shown(self, conversation_id: str, message_id: str, answer: Bubble | None) -> Turn:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.lock(conversation_id)
            message = records.messages.find(conversation_id, message_id)
            if conversation is None or message is None:  # erased meanwhile
                raise NotFoundError("message", message_id)
            records.messages.update(replace(message, answered=True))
            if answer is not None and conversation.status is Status.BOT:
                records.messages.add(self._bot_message(conversation_id, bubble_id(message_id, 0), answer))
            return Turn(conversation=conversation, message=message, replies=_replies(records, message))

    def _said(self, conversation_id: str, message_id: str, bubble: Bubble) -> tuple[Message, Conversation]:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.lock(conversation_id)
            if conversation is None:
                raise NotFoundError("conversation", conversation_id)
            added = records.messages.add(self._bot_message(conversation_id, message_id, bubble))
            said = added or records.messages.find(conversation_id, message_id)
            assert said is not None, "add refused the id, so it is there"
            return said, conversation

    def _bot_message(self, conversation_id: str, message_id: str, bubble: Bubble) -> Message:
        return Message(
            conversation_id=conversation_id,
            message_id=message_id,
            author=Author.BOT,
            at=self._shop.clock(),
            text=bubble.text,
            bubble=bubble,
        )

    def _noted(self, conversation_id: str, message_id: str, heard: Heard) -> Turn:
        self._shop.desk.note(conversation_id, message_id, heard.hearing, heard.replies)
        return self._read(conversation_id, message_id)

    def _read(self, conversation_id: str, message_id: str) -> Turn:
        with self._shop.store.transaction() as records:
            conversation = records.conversations.find(conversation_id)
            message = records.messages.find(conversation_id, message_id)
            if conversation is None or message is None:  # erased meanwhile
                raise NotFoundError("message", message_id)
            return Turn(conversation=conversation, message=message, replies=_replies(records, message))


def _repeated(records: Records, conversation: Conversation, known: Message) -> Turn:
    if known.author is not Author.SHOPPER:
        raise ProblemError(409, "message_id_taken", "这条消息的编号已被使用，请重新发送。")
    if known.answered:
        return Turn(conversation=conversation, message=known, replies=_replies(records, known))
    return Turn(conversation=conversation, message=known, before=_before(records, known))


def _before(records: Records, message: Message) -> Before | None:
    """The shopper's message before this one, with what it was answered."""
    turns = records.messages.turns(message.conversation_id, last=2)
    earlier = next((turn for turn in reversed(turns) if turn.seq < message.seq), None)
    if earlier is None:
        return None
    return Before(said=earlier.text, answered=" ".join(reply.text for reply in _replies(records, earlier)))


def _picture(records: Records, conversation_id: str, message_id: str, attachment_id: str) -> Picture:
    found = records.attachments.find(attachment_id)
    ours = found is not None and found.conversation_id == conversation_id
    if found is None or not ours or not records.attachments.give(attachment_id, message_id):
        raise ProblemError(409, "no_such_attachment", "这张图片已失效，请重新选择后再发送。")
    return found.picture


def _replies(records: Records, message: Message) -> tuple[Message, ...]:
    found = (records.messages.find(message.conversation_id, bubble_id(message.message_id, index)) for index in count())
    return tuple(iter(lambda: next(found), None))
