"""Who said that a message was misheard, and who agreed, stays on record; what was said does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from integrations.memory.store import MemoryStore
from retention.audit import AuditEntry
from retention.correcting import propose, review
from retention.correction import CorrectionState, Labels
from retention.errors import OwnCorrectionError
from retention.hearing import Emotion, Hearing, Reason
from retention.ports import Store
from tests.contract.samples import CONVERSATION, CORRECTION, HOUR, MESSAGE, NOW

HEARD = {"intent": "deny", "reasons": [], "emotion": "angry", "intensity": 0.7, "escalate": False}
MEANT = {
    "intent": "cancel_order", "reasons": ["price", "quality"], "emotion": "disappointed", "intensity": 0.6, "escalate": True
}  # fmt: skip


@pytest.fixture
def store() -> Store:
    store = MemoryStore()
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        records.messages.add(MESSAGE)
        propose(records, CORRECTION)
    return store


def on_record(store: Store) -> list[AuditEntry]:
    with store.transaction() as records:
        return list(records.audit.about("correction:R1"))


def test_a_proposal_says_who_what_of_what_and_by_which_model_it_was_heard(store: Store) -> None:
    [entry] = on_record(store)
    assert (entry.at, entry.actor, entry.act) == (NOW, "associate:小李", "correction_proposed")
    assert entry.versions == {"language": "language-0a1b2c3d4e5f"}
    assert entry.data == {"conversation_id": "K1", "message_id": "M1", "heard": HEARD, "labels": MEANT}


def test_a_changed_proposal_is_a_second_entry_about_the_same_correction(store: Store) -> None:
    with store.transaction() as records:
        propose(records, replace(CORRECTION, correction_id="R2", proposer="小赵", model_version=""))
    assert [(entry.actor, entry.act) for entry in on_record(store)] == [
        ("associate:小李", "correction_proposed"),
        ("associate:小赵", "correction_proposed"),
    ]


@pytest.mark.parametrize("verdict", [CorrectionState.ACCEPTED, CorrectionState.REJECTED])
def test_a_review_says_who_and_with_which_labels(store: Store, verdict: CorrectionState) -> None:
    labels = Labels(intent="price_drop")
    with store.transaction() as records:
        review(records, "R1", verdict, at=NOW + HOUR, associate="小王", labels=labels)
    entry = on_record(store)[-1]
    assert (entry.at, entry.actor, entry.act) == (NOW + HOUR, "associate:小王", f"correction_{verdict.value}")
    assert entry.data["labels"] == {
        "intent": "price_drop", "reasons": [], "emotion": "neutral", "intensity": 0.0, "escalate": False
    }  # fmt: skip


def test_a_refused_review_leaves_no_entry(store: Store) -> None:
    with pytest.raises(OwnCorrectionError), store.transaction() as records:
        review(records, "R1", CorrectionState.ACCEPTED, at=NOW, associate="小李")
    assert len(on_record(store)) == 1


def test_nothing_that_was_said_is_on_record(store: Store) -> None:
    assert "太贵了" not in repr(on_record(store))


@pytest.mark.parametrize(("probability", "calls"), [(0.29, False), (0.3, True)])
def test_a_person_was_heard_to_be_needed_from_the_shops_own_threshold_on(probability: float, calls: bool) -> None:
    hearing = Hearing(
        intent="service_complaint",
        confidence=0.9,
        reasons=(Reason.SERVICE,),
        emotion=Emotion.ANGRY,
        intensity=0.4,
        escalate=probability,
    )
    assert Labels.heard(hearing, escalates_at=0.3) == Labels(
        intent="service_complaint", reasons=(Reason.SERVICE,), emotion=Emotion.ANGRY, intensity=0.4, escalate=calls
    )
