"""A picture belongs to one message, or goes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from integrations.memory.attachments import MemoryPictures
from integrations.pictures import FolderPictures
from retention.errors import NotFoundError
from retention.ports import Pictures, Store
from tests.contract.samples import ATTACHMENT, CONVERSATION, HOUR, MESSAGE, NOW, race


@pytest.fixture(autouse=True)
def conversation(store: Store) -> None:
    with store.transaction() as records:
        records.conversations.put(CONVERSATION)


@pytest.fixture(params=("memory", "folder"))
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Pictures:
    return MemoryPictures() if request.param == "memory" else FolderPictures(tmp_path / "attachments")


def test_a_picture_comes_back_with_the_message_that_has_it(store: Store) -> None:
    with store.transaction() as records:
        records.attachments.add(ATTACHMENT)
        assert records.attachments.give("a1", "M1")
        records.messages.add(replace(MESSAGE, attachment=ATTACHMENT.picture))
    with store.transaction() as records:
        assert records.attachments.find("a1") == replace(ATTACHMENT, message_id="M1")
        assert records.attachments.find("a404") is None
        assert records.messages.find("K1", "M1") == replace(MESSAGE, seq=1, attachment=ATTACHMENT.picture)


def test_a_picture_of_an_unknown_conversation_is_refused(store: Store) -> None:
    with store.transaction() as records, pytest.raises(NotFoundError, match="kind=conversation"):
        records.attachments.add(replace(ATTACHMENT, conversation_id="K404"))


def test_of_many_messages_that_want_a_picture_one_gets_it(store: Store) -> None:
    with store.transaction() as records:
        records.attachments.add(ATTACHMENT)

    def give(number: int) -> bool:
        with store.transaction() as records:
            return records.attachments.give("a1", f"M{number}")

    assert race([partial(give, number) for number in range(20)]).count(True) == 1


def test_a_picture_that_is_gone_is_given_to_nobody(store: Store) -> None:
    with store.transaction() as records:
        records.attachments.add(replace(ATTACHMENT, discarded=True))
        assert not records.attachments.give("a1", "M1")
        assert not records.attachments.give("a404", "M1")


def test_what_may_go_is_what_was_discarded_or_never_said(store: Store) -> None:
    with store.transaction() as records:
        records.attachments.add(replace(ATTACHMENT, attachment_id="said", at=NOW - 9 * HOUR, message_id="M1"))
        records.attachments.add(replace(ATTACHMENT, attachment_id="fresh"))
        records.attachments.add(replace(ATTACHMENT, attachment_id="old", at=NOW - 9 * HOUR))
        records.attachments.add(replace(ATTACHMENT, attachment_id="gone", message_id="M2", discarded=True))
        assert list(records.attachments.leftovers(NOW - HOUR)) == ["gone", "old"]
        assert list(records.attachments.leftovers(NOW - HOUR, limit=1)) == ["gone"]
        assert records.attachments.count("K1") == 3
        records.attachments.remove("gone")
        records.attachments.remove("gone")
        assert records.attachments.find("gone") is None
        assert list(records.attachments.leftovers(NOW - HOUR)) == ["old"]


def test_a_picture_is_read_as_it_was_put_until_it_is_removed(pictures: Pictures) -> None:
    pictures.put("a1", b"one")
    pictures.put("a1", b"two")
    assert pictures.read("a1") == b"two"
    pictures.remove("a1")
    pictures.remove("a1")
    assert pictures.read("a1") is None


def test_a_picture_s_file_is_nobody_else_s_to_read_and_no_id_leads_out_of_its_folder(tmp_path: Path) -> None:
    pictures = FolderPictures(tmp_path / "attachments")
    pictures.put("a1", b"one")
    (file,) = (tmp_path / "attachments").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="no attachment id"):
        pictures.read("../secrets")
