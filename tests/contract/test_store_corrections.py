"""One proposal a message, two people a lesson."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from retention.correction import MOVES, Correction, CorrectionState, Labels, Lesson
from retention.errors import IllegalMoveError, NotFoundError, OwnCorrectionError
from retention.hearing import Emotion
from retention.ports import Store
from tests.contract.samples import CONVERSATION, CORRECTION, HOUR, MESSAGE, NOW, race

PROPOSED, ACCEPTED, REJECTED = CorrectionState.PROPOSED, CorrectionState.ACCEPTED, CorrectionState.REJECTED
ILLEGAL = [(state, to) for state in CorrectionState for to in CorrectionState if to not in MOVES[state]]
OTHER_LABELS = Labels(intent="price_drop", emotion=Emotion.ANXIOUS, intensity=0.3)


@pytest.fixture(autouse=True)
def messages(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)
        for number in range(1, 5):
            records.messages.add(replace(MESSAGE, message_id=f"M{number}"))


def a_correction(number: int, *, hours: float = 0, message: int = 1) -> Correction:
    return replace(CORRECTION, correction_id=f"R{number}", message_id=f"M{message}", proposed_at=NOW + hours * HOUR)


def accept(store: Store, correction: Correction, *, hours: float = 0) -> Correction:
    with store.transaction() as records:
        records.corrections.propose(correction)
        at = correction.proposed_at + hours * HOUR
        return records.corrections.review(correction.correction_id, ACCEPTED, at=at, reviewer="小王")


def test_a_second_proposal_replaces_the_labels_of_the_first_and_not_its_id(store: Store) -> None:
    again = replace(a_correction(2, hours=1), labels=OTHER_LABELS, proposer="小赵")
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)
        assert records.corrections.propose(again) == replace(again, correction_id="R1")
        assert records.corrections.find("R1") == replace(again, correction_id="R1")
        assert records.corrections.find("R2") is None
        assert records.corrections.count(PROPOSED) == 1


@pytest.mark.parametrize("verdict", [ACCEPTED, REJECTED])
def test_after_a_review_a_new_proposal_may_be_made(store: Store, verdict: CorrectionState) -> None:
    second = a_correction(2)  # at the same moment: what is proposed is newer than what was reviewed
    with store.transaction() as records:
        records.corrections.propose(replace(CORRECTION, correction_id="R3"))
        reviewed = records.corrections.review("R3", verdict, at=NOW, reviewer="小王")
        assert records.corrections.of_message("K1", "M1") == reviewed
        assert records.corrections.propose(second) == second
        assert records.corrections.of_message("K1", "M1") == second
        assert records.corrections.of_messages("K1") == {"M1": second}
        assert records.corrections.find("R3") == reviewed


def test_many_who_propose_at_once_make_one_proposal(store: Store) -> None:
    def propose(number: int) -> str:
        with store.transaction() as records:
            return records.corrections.propose(a_correction(number)).correction_id

    assert len(set(race([partial(propose, number) for number in range(40)]))) == 1
    with store.transaction() as records:
        assert records.corrections.count(PROPOSED) == 1


def test_of_many_who_review_at_once_one_does(store: Store) -> None:
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)

    def review(number: int) -> str | None:
        to = (ACCEPTED, REJECTED)[number % 2]
        try:
            with store.transaction() as records:
                return records.corrections.review("R1", to, at=NOW, reviewer=f"客服{number}").reviewer
        except IllegalMoveError:
            return None

    winners = [name for name in race([partial(review, number) for number in range(20)]) if name]
    assert len(winners) == 1
    with store.transaction() as records:
        found = records.corrections.find("R1")
    assert found is not None
    assert found.reviewer == winners[0]


def test_nobody_reviews_their_own(store: Store) -> None:
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)
        for verdict in (ACCEPTED, REJECTED):
            with pytest.raises(OwnCorrectionError, match="associate=小李"):
                records.corrections.review("R1", verdict, at=NOW, reviewer="小李")
        assert records.corrections.find("R1") == CORRECTION


def test_the_latest_proposer_is_the_one_who_may_not_review(store: Store) -> None:
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)
        records.corrections.propose(replace(CORRECTION, proposer="小赵"))
        with pytest.raises(OwnCorrectionError):
            records.corrections.review("R1", ACCEPTED, at=NOW, reviewer="小赵")
        assert records.corrections.review("R1", ACCEPTED, at=NOW, reviewer="小李").state is ACCEPTED


def test_a_review_keeps_the_labels_unless_the_reviewer_has_better_ones(store: Store) -> None:
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)
        records.corrections.propose(a_correction(2, message=2))
        at = NOW + HOUR
        kept = records.corrections.review("R1", ACCEPTED, at=at, reviewer="小王")
        edited = records.corrections.review("R2", ACCEPTED, at=at, reviewer="小王", labels=OTHER_LABELS)
    assert kept == replace(CORRECTION, state=ACCEPTED, reviewer="小王", reviewed_at=at)
    assert edited.labels == OTHER_LABELS
    assert edited.heard == CORRECTION.heard


@pytest.mark.parametrize(("state", "to"), ILLEGAL)
@pytest.mark.parametrize("reviewer", ["小王", "小李"])
def test_an_illegal_move_raises(store: Store, state: CorrectionState, to: CorrectionState, reviewer: str) -> None:
    with store.transaction() as records:
        records.corrections.propose(CORRECTION)
        if state is not PROPOSED:
            records.corrections.review("R1", state, at=NOW, reviewer="小王")
        before = records.corrections.find("R1")
        with pytest.raises(IllegalMoveError, match=f"state={state.value}, move={to.value}"):
            records.corrections.review("R1", to, at=NOW + HOUR, reviewer=reviewer)
        assert records.corrections.find("R1") == before


def test_an_unknown_correction_is_not_reviewed(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=correction"):
        records.corrections.review("R404", ACCEPTED, at=NOW, reviewer="小王")


@pytest.mark.parametrize(
    "unknown", [replace(CORRECTION, message_id="M404"), replace(CORRECTION, conversation_id="K404")]
)
def test_a_correction_of_an_unknown_message_is_refused(store: Store, unknown: Correction) -> None:
    with store.transaction() as records:
        with pytest.raises(NotFoundError, match="kind=message"):
            records.corrections.propose(unknown)
        assert records.corrections.count(PROPOSED) == 0


def test_the_longest_waiting_comes_first_and_the_latest_reviewed(store: Store) -> None:
    waiting = [a_correction(number, hours=-number, message=number) for number in (1, 2, 3)]
    with store.transaction() as records:
        for correction in waiting:
            records.corrections.propose(correction)
        assert list(records.corrections.listed(PROPOSED)) == waiting[::-1]
        assert list(records.corrections.listed(PROPOSED, limit=1)) == [waiting[2]]
        for hours, number in enumerate((2, 3, 1)):
            records.corrections.review(f"R{number}", REJECTED, at=NOW + hours * HOUR, reviewer="小王")
        assert [one.correction_id for one in records.corrections.listed(REJECTED)] == ["R1", "R3", "R2"]
        assert [one.correction_id for one in records.corrections.listed(REJECTED, limit=2)] == ["R1", "R3"]
        assert [records.corrections.count(state) for state in (PROPOSED, REJECTED, ACCEPTED)] == [0, 3, 0]


def test_only_what_was_accepted_is_learned_oldest_first_and_without_a_name(store: Store) -> None:
    accept(store, replace(a_correction(1, message=1), text="后学"), hours=5)
    accept(store, replace(a_correction(2, message=2), text="先学"), hours=4)
    with store.transaction() as records:
        records.corrections.propose(a_correction(3, message=3))
        records.corrections.propose(a_correction(4, message=4))
        records.corrections.review("R4", REJECTED, at=NOW, reviewer="小王")
        learned = records.corrections.accepted()
    assert list(learned) == [Lesson(text=text, **vars(CORRECTION.labels)) for text in ("先学", "后学")]


def test_of_a_message_that_was_corrected_twice_the_later_word_is_learned(store: Store) -> None:
    accept(store, a_correction(1))
    accept(store, replace(a_correction(2, hours=1), labels=OTHER_LABELS))
    with store.transaction() as records:
        assert list(records.corrections.accepted()) == [Lesson(text=CORRECTION.text, **vars(OTHER_LABELS))]
