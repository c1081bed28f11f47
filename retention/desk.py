"""The one use case: a heard message in, a decision and its reply out, in one transaction and effectively once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from retention.chronicle import begun, with_turn
from retention.conversation import Author, Conversation, Decision, Message, Status, Turn
from retention.course import Act, Step, act_of
from retention.errors import NotFoundError
from retention.handoff import HandoffState
from retention.hearing import UNHEARD, Emotion, Hearing
from retention.moves import quiet, talk
from retention.moves.calling import call_person
from retention.moves.person import URGENT
from retention.ports import Clock, OrderSystem, Records, Store
from retention.reply import PERSON, Bubble, Button, Say, Wording
from retention.risk import Intervention
from retention.route import route
from retention.visit import Answer, Rules, Visit, plain
from retention.words import bare

HEARINGS_KEPT = 12
"""Turns a decision looks back on; a later turn costs no more than an early one."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    bubbles: tuple[Bubble, ...]
    status: Status


class Desk:
    """Look, judge, choose, decide, act, remember."""

    def __init__(
        self, *, store: Store, order_system: OrderSystem, rules: Rules, wording: Wording, clock: Clock
    ) -> None:
        self._store = store
        self._order_system = order_system
        self._rules = rules
        self._wording = wording
        self._clock = clock

    def handle(self, turn: Turn) -> Reply:
        """Answer one recorded message. Asked again for the same message id, it answers the same and does nothing twice.

        Raises NotFoundError when the conversation or the message was never recorded.
        """
        return self._turn(turn, route)

    def ask_back(self, turn: Turn) -> Reply:
        """The bot is not sure: ask which of the two likeliest readings is meant, or care for the mood first."""
        return self._turn(turn, _unsure)

    def hand_over(self, conversation_id: str, message_id: str, rule: str) -> Reply:
        """Give the conversation to a person although nothing was understood: the bot is down or slow."""
        turn = Turn(conversation_id=conversation_id, message_id=message_id, text="", hearing=UNHEARD)
        return self._turn(
            turn, lambda visit: Answer(says=(), memory=visit.memory, decision=plain("handed_off", rule), person=rule)
        )

    def note(self, conversation_id: str, message_id: str, hearing: Hearing, bubbles: Sequence[Bubble]) -> Reply:
        """Record a turn that was answered without the desk: small talk said by the dialogue engine itself."""
        turn = Turn(conversation_id=conversation_id, message_id=message_id, text="", hearing=hearing)
        with self._store.transaction() as records:
            conversation, message = self._found(records, turn)
            if message.answered:
                return _told(records, conversation, message)
            if conversation.status is not Status.BOT:  # a person was called while the dialogue engine was thinking
                return self._finish(records, conversation, message, hearing, None, ())
            if self._is_stop(message):  # whatever the dialogue engine took it for
                visit = self._visit(records, conversation, replace(turn, text=message.text))
                return self._answered(visit, message, quiet.stop(visit))
            decision = talk.spoken_decision(hearing)
            return self._finish(records, conversation, message, hearing, decision, tuple(bubbles))

    def keep_picture(self, conversation_id: str, message_id: str) -> Reply:
        """Answer a picture without words: it is kept. Nothing was heard, so the profile and the course do not grow."""
        turn = Turn(conversation_id=conversation_id, message_id=message_id, text="", hearing=UNHEARD)
        with self._store.transaction() as records:
            conversation, message = self._found(records, turn)
            if message.answered:
                return _told(records, conversation, message)
            bubbles = (self._picture_kept(message, PERSON),) if conversation.status is Status.BOT else ()
            records.messages.update(replace(message, decision=plain("informed", "picture_kept"), answered=True))
            return self._spoken(records, conversation, message, bubbles)

    def hear(self, conversation_id: str, message_id: str, hearing: Hearing) -> None:
        """Record what was heard while a person holds the conversation; nothing is said."""
        turn = Turn(conversation_id=conversation_id, message_id=message_id, text="", hearing=hearing)
        with self._store.transaction() as records:
            conversation, message = self._found(records, turn)
            if message.hearing is None:
                self._finish(records, conversation, message, hearing, None, ())

    def _turn(self, turn: Turn, move: Callable[[Visit], Answer]) -> Reply:
        with self._store.transaction() as records:
            conversation, message = self._found(records, turn)
            if message.answered:
                return _told(records, conversation, message)
            if conversation.status is not Status.BOT:
                return self._finish(records, conversation, message, turn.hearing, None, ())
            visit = self._visit(records, conversation, replace(turn, text=message.text))
            answer = quiet.stop(visit) if self._is_stop(message) else move(visit)
            return self._answered(visit, message, answer)

    def _is_stop(self, message: Message) -> bool:
        return bare(message.text) in self._rules.stop_words

    def _found(self, records: Records, turn: Turn) -> tuple[Conversation, Message]:
        conversation = records.conversations.lock(turn.conversation_id)
        if conversation is None:
            raise NotFoundError("conversation", turn.conversation_id)
        message = records.messages.find(turn.conversation_id, turn.message_id)
        if message is None:
            raise NotFoundError("message", turn.message_id)
        return conversation, message

    def _visit(self, records: Records, conversation: Conversation, turn: Turn) -> Visit:
        if conversation.customer_id:  # before any of their grants and ties, as everybody who gives them money does
            records.ledger.lock(conversation.customer_id)
        before = records.messages.turns(conversation.conversation_id, last=HEARINGS_KEPT)
        steps = [_step(message) for message in before if message.hearing and message.message_id != turn.message_id]
        customer = records.customers.find(conversation.customer_id) if conversation.customer_id else None
        now = self._clock()
        return Visit(
            records=records,
            order_system=self._order_system,
            rules=self._rules_now(records, conversation, now),
            now=now,
            turn=turn,
            conversation=conversation,
            memory=conversation.memory,
            course=(*steps, Step(text=turn.text, hearing=turn.hearing)),
            customer=customer,
        )

    def _rules_now(self, records: Records, conversation: Conversation, now: datetime) -> Rules:
        """Who was told that nobody is there is not sent to nobody again by their mood: the bot helps as it can."""
        if self._rules.staffing.is_open(now):
            return self._rules
        if not any(
            one.state is HandoffState.EXPIRED for one in records.handoffs.of_conversation(conversation.conversation_id)
        ):
            return self._rules
        wants_person = self._rules.wants_person
        return replace(self._rules, wants_person=lambda course: _in_danger(wants_person(course)))

    def _answered(self, visit: Visit, message: Message, answer: Answer) -> Reply:
        says, conversation = answer.says, replace(visit.conversation, memory=answer.memory)
        decision = answer.decision
        if answer.person is not None:
            visit = replace(visit, memory=answer.memory)
            called = call_person(visit, answer.person)
            says = (*says, called.say)
            conversation = replace(conversation, status=called.status, memory=called.memory)
            # A turn that ends at a person was a handoff, whatever the move began with.
            decision = replace(decision, intervention=Intervention.HANDOFF.value, outcome=called.outcome)
        bubbles = self._render(says, visit)
        return self._finish(
            visit.records, conversation, message, visit.hearing, decision, bubbles, person=answer.person
        )

    def _render(self, says: Sequence[Say], visit: Visit) -> tuple[Bubble, ...]:
        soothing = visit.hearing.emotion in (Emotion.ANGRY, Emotion.DISAPPOINTED)
        return tuple(self._wording.render(spoken, soothing=soothing, turn=visit.turn.message_id) for spoken in says)

    def _finish(
        self,
        records: Records,
        conversation: Conversation,
        message: Message,
        hearing: Hearing,
        decision: Decision | None,
        bubbles: tuple[Bubble, ...],
        *,
        person: str | None = None,
    ) -> Reply:
        """Write the turn: what was heard, decided, said and remembered, and the profile it adds up to."""
        now = self._clock()
        if conversation.memory.outreach_id is not None:
            records.outreaches.answer(conversation.memory.outreach_id, at=now)
            conversation = replace(conversation, memory=replace(conversation.memory, outreach_id=None))
        if conversation.status is not Status.BOT and self._is_stop(message):  # a person answers, and it is kept anyway
            quiet.keep(records, conversation, at=now)
        if message.attachment is not None and bubbles:
            bubbles = (self._picture_kept(message), *bubbles)
        records.messages.update(replace(message, hearing=hearing, decision=decision, answered=True))
        profile = records.profiles.find(conversation.conversation_id) or begun(conversation)
        granted = records.ledger.find(decision.grant_id) if decision and decision.grant_id else None
        issued_now = granted.offer.value_fen if granted and decision and decision.outcome == "granted" else 0
        records.profiles.put(
            with_turn(profile, hearing, decision, at=now, granted_fen=issued_now, handoff_reason=person)
        )
        return self._spoken(records, conversation, message, bubbles)

    def _spoken(
        self, records: Records, conversation: Conversation, message: Message, bubbles: tuple[Bubble, ...]
    ) -> Reply:
        now = self._clock()
        for index, bubble in enumerate(bubbles):
            records.messages.add(
                Message(
                    conversation_id=conversation.conversation_id,
                    message_id=bubble_id(message.message_id, index),
                    author=Author.BOT,
                    at=now,
                    text=bubble.text,
                    bubble=bubble,
                )
            )
        records.conversations.put(replace(conversation, updated_at=now))
        return Reply(bubbles=bubbles, status=conversation.status)

    def _picture_kept(self, message: Message, *buttons: Button) -> Bubble:
        """The bot does not pretend to have seen it."""
        spoken = Say(key="picture_kept", buttons=buttons)
        return self._wording.render(spoken, soothing=False, turn=message.message_id)


def _in_danger(rule: str | None) -> str | None:
    return rule if rule in URGENT else None


def bubble_id(message_id: str, index: int) -> str:
    """Bot messages are named after the turn they answer."""
    return f"{message_id}:bot:{index}"


def _told(records: Records, conversation: Conversation, message: Message) -> Reply:
    """What this turn was answered the first time."""
    bubbles: list[Bubble] = []
    while (
        said := records.messages.find(message.conversation_id, bubble_id(message.message_id, len(bubbles)))
    ) is not None:
        bubbles.append(said.bubble or Bubble(text=said.text))
    return Reply(bubbles=tuple(bubbles), status=conversation.status)


def _step(message: Message) -> Step:
    assert message.hearing is not None, "a step was heard"
    act = act_of(message.decision) if message.decision else Act.CHAT
    return Step(text=message.text, hearing=message.hearing, act=act)


def _unsure(visit: Visit) -> Answer:
    person = visit.rules.wants_person(visit.course)
    if person is not None:
        return Answer(says=(), memory=visit.memory, decision=plain("handed_off", person), person=person)
    return talk.two_readings(visit)
