"""Settings and secrets: read once, checked, and never shown."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from integrations.secret_file import VARIABLES, load_secrets, secret_path
from integrations.settings import SettingError, Settings, load

BAD = {
    "TOURNIQUET_PORT": ["0", "65536", "eighty", "80.5"],
    "TOURNIQUET_RASA_PORT": ["-1", "x"],
    "TOURNIQUET_RASA_URL": ["localhost:5005", "ftp://rasa"],
    "TOURNIQUET_DATABASE_URL": ["mysql://shop", "sqlite:", "shop.db"],
    "TOURNIQUET_REDIS_URL": ["localhost:6379"],
    "TOURNIQUET_DEMO": ["yes", "true", "2"],
    "TOURNIQUET_WIDGET_ORIGINS": ["*", "shop.example", "https://shop.example/path"],
    "TOURNIQUET_PRIVATE_TARGETS": ["10.0.0.1/8", "localhost", "10.0.0.0/8,fd00::/8"],
    "TOURNIQUET_CHATWOOT_URL": ["chatwoot.example", "ftp://chatwoot"],
    "TOURNIQUET_HOLD_OUT": ["5%", "0.6", "-0.1", "1", "nan"],
    "TOURNIQUET_LIMIT_MESSAGES": ["0/minute", "many", "5/fortnight", "-1/second"],
}


def _load(home: Path, **environ: str) -> Settings:
    return load({"TOURNIQUET_HOME": str(home), **environ})


def test_an_empty_environment_gives_a_working_shop_of_its_own(tmp_path: Path) -> None:
    settings = _load(tmp_path / "new" / "home")
    assert (settings.host, settings.port, settings.demo, settings.own_rasa) == ("127.0.0.1", 8000, True, True)
    assert settings.database_url == f"sqlite:///{tmp_path / 'new' / 'home' / 'tourniquet.db'}"


@pytest.mark.parametrize(("variable", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_refused_by_name_with_what_was_expected(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        _load(tmp_path, **{variable: value})
    assert variable in str(refused.value)
    assert value in str(refused.value)
    assert "expected" in str(refused.value)


def test_a_refused_address_does_not_show_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        _load(tmp_path, TOURNIQUET_DATABASE_URL="mysql://shop:hunter2@db/shop")
    assert "hunter2" not in str(refused.value)


def test_an_empty_value_means_the_default(tmp_path: Path) -> None:
    assert _load(tmp_path, TOURNIQUET_PORT="").port == 8000


def test_somebodys_own_database_gets_no_made_up_shop_unless_asked_for(tmp_path: Path) -> None:
    url = "postgresql://shop@db/shop"
    assert not _load(tmp_path, TOURNIQUET_DATABASE_URL=url).demo
    assert _load(tmp_path, TOURNIQUET_DATABASE_URL=url, TOURNIQUET_DEMO="1").demo


def test_a_rasa_elsewhere_is_not_ours_to_start(tmp_path: Path) -> None:
    assert not _load(tmp_path, TOURNIQUET_RASA_URL="https://rasa.shop.example/").own_rasa


def test_the_first_run_makes_strong_secrets_that_only_the_owner_can_read(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path, {})
    values = list(vars(secrets).values())
    assert stat.S_IMODE(secret_path(tmp_path).stat().st_mode) == 0o600
    assert len(set(values)) == len(VARIABLES)
    assert all(len(value) >= 16 for value in values)


def test_the_second_run_finds_the_same_secrets(tmp_path: Path) -> None:
    assert load_secrets(tmp_path, {}) == load_secrets(tmp_path, {})


def test_processes_that_start_together_agree_on_the_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: load_secrets(tmp_path, {}), range(8)))
    assert all(secrets == made[0] for secrets in made)
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.env"]


def test_the_environment_overrides_one_secret_and_the_file_keeps_its_own(tmp_path: Path) -> None:
    kept = load_secrets(tmp_path, {})
    given = load_secrets(tmp_path, {"TOURNIQUET_API_KEY": "given-by-the-environment"})
    assert given.api_key == "given-by-the-environment"
    assert given.shop_secret == kept.shop_secret
    assert load_secrets(tmp_path, {}) == kept


def test_a_secret_the_file_lacks_is_added_and_the_others_stay(tmp_path: Path) -> None:
    secret_path(tmp_path).write_text("TOURNIQUET_API_KEY=written-by-hand-0001\n", encoding="utf-8")
    secrets = load_secrets(tmp_path, {})
    assert secrets.api_key == "written-by-hand-0001"
    assert load_secrets(tmp_path, {}) == secrets


def test_a_secret_too_short_to_keep_anyone_out_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="TOURNIQUET_API_KEY") as refused:
        load_secrets(tmp_path, {"TOURNIQUET_API_KEY": "abc"})
    assert "abc" not in str(refused.value)


def test_no_secret_is_readable_in_what_a_log_might_print(tmp_path: Path) -> None:
    settings = _load(tmp_path)
    for value in vars(settings.secrets).values():
        assert value not in repr(settings)
        assert value not in repr(settings.secrets)


CHATWOOT = {
    "TOURNIQUET_CHATWOOT_URL": "https://chatwoot.example/",
    "TOURNIQUET_CHATWOOT_ACCOUNT": "7",
    "TOURNIQUET_CHATWOOT_INBOX": "jB4kTq9vTkXU",
    "TOURNIQUET_CHATWOOT_TOKEN": "agent-access-token",
}


def test_a_help_desk_is_there_when_its_address_is(tmp_path: Path) -> None:
    assert _load(tmp_path).chatwoot is None
    chatwoot = _load(tmp_path, **CHATWOOT).chatwoot
    assert chatwoot is not None
    assert (chatwoot.url, chatwoot.account, chatwoot.webhook_secret) == ("https://chatwoot.example", 7, None)
    assert "agent-access-token" not in repr(chatwoot)


@pytest.mark.parametrize("variable", [name for name in CHATWOOT if not name.endswith("URL")])
@pytest.mark.parametrize("value", ["", "two words", "!\n"])
def test_half_a_help_desk_is_refused_by_the_name_of_what_is_missing(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingError, match=variable) as refused:
        _load(tmp_path, **CHATWOOT | {variable: value})
    if variable.endswith("TOKEN") and value:
        assert value not in str(refused.value)


def test_webhooks_go_to_no_private_network_unless_it_is_named(tmp_path: Path) -> None:
    assert _load(tmp_path).private_targets == ()
    named = _load(tmp_path, TOURNIQUET_PRIVATE_TARGETS="10.0.0.0/8 fd00::/8").private_targets
    assert [str(network) for network in named] == ["10.0.0.0/8", "fd00::/8"]


def test_the_share_without_an_offer_is_the_catalogs_unless_it_is_named(tmp_path: Path) -> None:
    assert _load(tmp_path).hold_out is None
    assert _load(tmp_path, TOURNIQUET_HOLD_OUT="0").hold_out == 0
    assert _load(tmp_path, TOURNIQUET_HOLD_OUT="0.1").hold_out == 0.1
