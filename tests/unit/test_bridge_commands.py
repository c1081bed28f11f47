"""What an operator types about the outbox and the help desk, and reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from integrations.store.engine import open_store
from integrations.store.migration import migrate
from retention.errors import NotFoundError
from retention.help_desk import LinkState
from retention.notice import DispatchState, failed
from retention.ports import Store
from service.cli import commands
from tests.contract.samples import CONVERSATION, HANDOFF, LINK, NOTICE, NOW, SUBSCRIPTION
from tests.fake_chatwoot import ACCOUNT, INBOX, TOKEN, FakeChatwoot
from tests.web_server import serving


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'tourniquet.db'}"
    migrate(url)
    with closing(open_store(url)) as made:
        with made.transaction() as records:
            records.subscriptions.put(SUBSCRIPTION)
            records.dispatches.queue(NOTICE)
            (dispatch,) = records.dispatches.due("S1", NOW)
            records.dispatches.put(failed(replace(dispatch, attempts=10), "answered 500", at=NOW))
            records.conversations.put(CONVERSATION)
            records.handoffs.open(HANDOFF)
            records.links.add(replace(LINK, state=LinkState.DEAD, problem="Chatwoot answered 401", attempts=60))
        yield made


def typed(home: Path, *words: str, **environ: str) -> Result:
    return CliRunner().invoke(commands, words, env={"TOURNIQUET_HOME": str(home), **environ})


def test_the_list_says_what_where_how_often_and_why_not(tmp_path: Path, store: Store) -> None:
    output = typed(tmp_path, "outbox", "list").output
    for part in ("msg_0a1b2c:S1", "handoff.opened → https://crm.example/hook", "试过 10 次", "已放弃", "answered 500"):
        assert part in output
    assert "H1" in output
    assert "Chatwoot answered 401" in output
    assert "共 2 条" in output
    assert SUBSCRIPTION.secret not in output


def test_one_is_put_back_by_its_id_and_all_by_a_word(tmp_path: Path, store: Store) -> None:
    assert "已重新排队 1 条" in typed(tmp_path, "outbox", "retry", "msg_0a1b2c:S1").output
    with store.transaction() as records:
        assert records.dispatches.counts()[DispatchState.WAITING] == 1
        assert records.links.counts()[LinkState.DEAD] == 1
    assert "已重新排队 1 条" in typed(tmp_path, "outbox", "retry", "--all").output
    with store.transaction() as records:
        assert records.links.counts()[LinkState.OPEN] == 1
    assert "共 0 条" in typed(tmp_path, "outbox", "list", "--dead").output


def test_an_id_nobody_knows_is_said_so(tmp_path: Path, store: Store) -> None:
    assert isinstance(typed(tmp_path, "outbox", "retry", "msg_404").exception, NotFoundError)


@pytest.mark.parametrize("words", [(), ("msg_0a1b2c:S1", "--all")])
def test_which_one_or_all_has_to_be_said(tmp_path: Path, store: Store, words: tuple[str, ...]) -> None:
    assert typed(tmp_path, "outbox", "retry", *words).exit_code == 2


def test_the_bridge_says_what_to_paste_and_whether_it_works(tmp_path: Path) -> None:
    assert "没有配置 Chatwoot" in typed(tmp_path, "bridge").output
    with serving(FakeChatwoot().app) as url:
        environ = {
            "TOURNIQUET_CHATWOOT_URL": url,
            "TOURNIQUET_CHATWOOT_ACCOUNT": str(ACCOUNT),
            "TOURNIQUET_CHATWOOT_INBOX": INBOX,
            "TOURNIQUET_CHATWOOT_TOKEN": TOKEN,
        }
        works = typed(tmp_path, "bridge", **environ)
        wrong = typed(tmp_path, "bridge", **environ | {"TOURNIQUET_CHATWOOT_TOKEN": "expired-token"})
    assert works.exit_code == 0, works.output
    assert "/v1/bridge/" in works.output
    assert "可以使用" in works.output
    assert wrong.exit_code == 1
    assert "answered 401" in wrong.output
    assert "expired-token" not in wrong.output
