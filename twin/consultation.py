"""What shoppers say when they get in touch: calm questions, troubles, or the wish to leave. Heard perfectly here."""

from __future__ import annotations

from dataclasses import dataclass, field

from retention.hearing import Emotion, Hearing, Reason
from twin.dice import Dice
from twin.process import Circumstances, Speech, cause, pressure, sigmoid

CALM_INTENTS = ("track_order", "ask_policy", "ask_invoice", "stock_question", "greet", "chitchat")
TROUBLE_INTENTS = {
    "logistics": ("delivery_delay", Reason.LOGISTICS),
    "stock": ("stock_question", Reason.STOCK),
    "price": ("price_drop", Reason.PRICE),
    "payment": ("payment_problem", Reason.PAYMENT),
    "service": ("service_complaint", Reason.SERVICE),
    "product": ("wrong_choice", Reason.SIZE),
}
NO_TROUBLE = ("changed_mind", Reason.CHANGED_MIND)


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """``by_phone`` contacts were not heard by the bot: all that is left of them is a record that they asked to cancel."""

    hearings: tuple[Hearing, ...] = ()
    goal: str | None = None
    reasons: tuple[Reason, ...] = ()
    by_phone: bool = False
    speech: Speech = field(default_factory=Speech)


SILENCE = Consultation()


def consult(dice: Dice, facts: Circumstances) -> Consultation:
    """The greater the pressure, the likelier a contact, a complaint in it, a wish to leave, and anger."""
    push = pressure(facts)
    if not dice.chance(sigmoid(-1.7 + 0.5 * push)):
        return SILENCE
    if dice.chance(sigmoid(-1.1 + 0.25 * push)):
        return _leaving(dice, facts, push)
    if dice.chance(sigmoid(0.2 + 0.8 * push)):
        return _troubled(dice, facts, push)
    return _calm(dice)


def _leaving(dice: Dice, facts: Circumstances, push: float) -> Consultation:
    if dice.chance(0.12):
        return Consultation(by_phone=True, speech=Speech(asked_to_leave=True))
    intent = "cancel_order" if facts.awaits_payment or facts.awaits_dispatch else "request_refund"
    reason = _trouble(facts)[1] if dice.chance(0.6) else None
    asked = _spoken(dice, intent, reason, push)
    hearings = [_spoken(dice, "track_order", None, push), asked] if dice.chance(0.3) else [asked]
    stays = dice.chance(0.1)
    if stays:
        hearings.append(Hearing(intent="keep_order", confidence=0.9, sentiment=0.1))
    return _heard(tuple(hearings), goal=None if stays else intent)


def _troubled(dice: Dice, facts: Circumstances, push: float) -> Consultation:
    intent, reason = _trouble(facts)
    first = _spoken(dice, intent, reason, push)
    if dice.chance(0.15):
        return _heard((first, _spoken(dice, "request_human", None, push)), goal=intent)
    return _heard((first,), goal=intent)


def _calm(dice: Dice) -> Consultation:
    intent = dice.pick(CALM_INTENTS)
    pleased = dice.chance(0.2)
    hearing = Hearing(
        intent=intent,
        confidence=round(dice.between(0.7, 0.99), 3),
        reasons=(Reason.STOCK,) if intent == "stock_question" else (),
        emotion=Emotion.PLEASED if pleased else Emotion.NEUTRAL,
        intensity=round(dice.between(0.3, 0.8), 2) if pleased else 0.0,
        sentiment=round(dice.between(0.2, 0.8) if pleased else dice.between(-0.1, 0.2), 2),
    )
    return _heard((hearing,), goal=intent)


def _trouble(facts: Circumstances) -> tuple[str, Reason]:
    named = cause(facts)
    return TROUBLE_INTENTS[named] if named else NO_TROUBLE


def _spoken(dice: Dice, intent: str, reason: Reason | None, push: float) -> Hearing:
    """One message of somebody who is not content."""
    confidence = round(dice.between(0.6, 0.99), 3)
    reasons = (reason,) if reason else ()
    if dice.chance(sigmoid(-1.5 + 0.5 * push)):
        intensity = round(dice.between(0.3, 1.0), 2)
        return Hearing(
            intent=intent,
            confidence=confidence,
            reasons=reasons,
            emotion=Emotion.ANGRY,
            intensity=intensity,
            sentiment=round(-0.3 - 0.6 * intensity, 2),
        )
    if dice.chance(0.4):
        intensity = round(dice.between(0.3, 0.9), 2)
        return Hearing(
            intent=intent,
            confidence=confidence,
            reasons=reasons,
            emotion=dice.pick((Emotion.DISAPPOINTED, Emotion.ANXIOUS)),
            intensity=intensity,
            sentiment=round(-0.1 - 0.5 * intensity, 2),
        )
    return Hearing(intent=intent, confidence=confidence, reasons=reasons, sentiment=round(dice.between(-0.25, 0.05), 2))


def _heard(hearings: tuple[Hearing, ...], *, goal: str | None) -> Consultation:
    """The conversation and what of it bears on the outcome."""
    reasons = tuple(dict.fromkeys(reason for hearing in hearings for reason in hearing.reasons))
    return Consultation(
        hearings=hearings,
        goal=goal,
        reasons=reasons,
        speech=Speech(
            asked_to_leave=goal in ("cancel_order", "request_refund"),
            troubles=len(set(reasons) - {Reason.CHANGED_MIND}),
            changed_mind=Reason.CHANGED_MIND in reasons,
            anger=_strongest(hearings, Emotion.ANGRY),
            unease=_strongest(hearings, Emotion.DISAPPOINTED, Emotion.ANXIOUS),
            person_wanted=any(hearing.intent == "request_human" for hearing in hearings),
        ),
    )


def _strongest(hearings: tuple[Hearing, ...], *emotions: Emotion) -> float:
    return max((hearing.intensity for hearing in hearings if hearing.emotion in emotions), default=0.0)
