"""``channels.yml``: checked to the letter, with secrets that are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrations.channels.accounts import AccountError, load_accounts
from integrations.settings import load

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
GOOD = f"""
- kind: wechat
  app_id: wx0123456789abcdef
  token: callback-token
  secret: {{env: SHOP_WECHAT_SECRET}}
  menu: {{TRACK: 我的快递到哪了}}
  mini_program: {{app_id: wxmini, page: pages/offer, thumb_media_id: THUMB}}
- kind: wecom
  app_id: ww0123456789abcdef
  token: callback-token-2
  secret: corp-secret
  encoding_aes_key: {KEY}
  handoff: pool
  wait_seconds: 3
"""
ENVIRON = {"SHOP_WECHAT_SECRET": "from-the-environment"}
BAD = [
    ("kind: x", "the file: expected a list"),
    ("- 7", "[0]: expected a mapping"),
    ("- {kind: qq, app_id: a, token: t, secret: s}", "[0].kind: expected wechat or wecom"),
    ("- {kind: wechat, app_id: a, token: t}", "[0].secret: expected a value, it is missing"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, tokn: t}", "[0].tokn: expected one of"),
    ("- {kind: wechat, app_id: a/b, token: t, secret: s}", "[0].app_id"),
    ("- {kind: wechat, app_id: a, token: '', secret: s}", "[0].token: expected a text, or `env: NAME`"),
    (
        "- {kind: wechat, app_id: a, token: {env: NOWHERE}, secret: s}",
        "[0].token: expected the environment variable NOWHERE",
    ),
    ("- {kind: wecom, app_id: a, token: t, secret: s}", "[0].encoding_aes_key"),
    (
        "- {kind: wechat, app_id: a, token: t, secret: s, encoding_aes_key: short}",
        "[0].encoding_aes_key: expected the 43",
    ),
    (f"- {{kind: wechat, app_id: a, token: t, secret: s, encoding_aes_key: '{KEY[:-1]}!'}}", "[0].encoding_aes_key"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, api: ftp://x}", "[0].api"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, wait_seconds: 5}", "[0].wait_seconds: expected seconds"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, stale_seconds: true}", "[0].stale_seconds"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, handoff: phone}", "[0].handoff: expected console or pool"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, menu: [x]}", "[0].menu"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, menu: {K: ''}}", "[0].menu.K"),
    ("- {kind: wechat, app_id: a, token: t, secret: s, mini_program: {page: p}}", "[0].mini_program.app_id"),
    (
        "- {kind: wechat, app_id: a, token: t, secret: s}\n- {kind: wechat, app_id: a, token: t, secret: s}",
        "[1].app_id",
    ),
    ("- {kind: wechat", "line 1: expected YAML"),
]


def write(home: Path, text: str) -> Path:
    (home / "channels.yml").write_text(text, encoding="utf-8")
    return home


def test_without_a_file_there_are_no_accounts(tmp_path: Path) -> None:
    assert load_accounts(tmp_path, {}) == {}
    assert load_accounts(write(tmp_path, ""), {}) == {}


def test_accounts_are_read_with_their_defaults(tmp_path: Path) -> None:
    accounts = load_accounts(write(tmp_path, GOOD), ENVIRON)
    wechat, wecom = accounts["wechat", "wx0123456789abcdef"], accounts["wecom", "ww0123456789abcdef"]
    assert (wechat.secret, wechat.aes_key, wechat.api) == ("from-the-environment", None, "https://api.weixin.qq.com")
    assert (wechat.wait_seconds, wechat.stale_seconds, wechat.handoff) == (4.0, 300, "console")
    assert wechat.mini_program is not None
    assert (wecom.handoff, wecom.wait_seconds, wecom.api) == ("pool", 3.0, "https://qyapi.weixin.qq.com")
    assert wecom.aes_key is not None
    assert len(wecom.aes_key) == 32


@pytest.mark.parametrize(("text", "said"), BAD)
def test_a_bad_account_is_refused_with_its_path_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AccountError) as refused:
        load_accounts(write(tmp_path, text), {})
    assert said in str(refused.value)
    assert str(refused.value).startswith("channels.yml: ")


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = load({"TOURNIQUET_HOME": str(write(tmp_path, GOOD)), **ENVIRON})
    for secret in ("callback-token", "from-the-environment", "corp-secret", KEY):
        assert secret not in repr(settings)
    with pytest.raises(AccountError) as refused:
        load_accounts(write(tmp_path, GOOD.replace(KEY, "my-own-secret-key")), ENVIRON)
    assert "my-own-secret-key" not in str(refused.value)
