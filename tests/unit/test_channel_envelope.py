"""Signatures and envelopes as the platforms make them, and XML that is only read."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.channels import xml
from integrations.channels.envelope import ForgedError, is_signed, seal, signature, unseal

# A delivery that was sealed by the platform's own sample code (the vectors every SDK is tested with).
TOKEN, APP_ID = "123456", "wx49f0ab532d5d035a"
KEY = base64.b64decode("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR=")
SEALED = (
    "RgqEoJj5A4EMYlLvWO1F86ioRjZfaex/gePD0gOXTxpsq5Yj4GNglrBb8I2BAJVODGajiFnXBu7mCPatfjsu6IHCrsTyeDXzF6Bv283dGymzxh6ydJRv"
    "ZsryDyZbLTE7rhnus50qGPMfp2wASFlzEgMW9z1ef/RD8XzaFYgm7iTdaXpXaG4+BiYyolBug/gYNx410cvkKR2/nPwBiT+P4hIiOAQqGp/TywZBtDh1"
    "yCF2KOd0gpiMZ5jSw3e29mTvmUHzkVQiMS6td7vXUaWOMZnYZlF3So2SjHnwh4jYFxdgpkHHqIrH/54SNdshoQgWYEvccTKe7FS709/5t6NMxuGhcUGA"
    "POQipvWTT4dShyqio7mlsl5noTrb++x6En749zCpQVhDpbV6GDnTbcX2e8K9QaNWHp91eBdCRxthuL0="
)
MSG_SIGNATURE = "74d92dfeb87ba7c714f89d98870ae5eb62dff26d"


def test_the_platforms_own_delivery_is_believed_and_opened() -> None:
    assert is_signed(MSG_SIGNATURE, TOKEN, "1411525903", "461056294", SEALED)
    values = xml.read(unseal(SEALED, KEY, APP_ID))
    assert (values["Content"], values["FromUserName"], values["MsgType"]) == ("test", "messense", "text")


@pytest.mark.parametrize("part", range(3))
def test_a_signature_covers_every_part(part: int) -> None:
    parts = ["token", "1409304348", "nonce"]
    signed = signature(*parts)
    parts[part] += "x"
    assert not is_signed(signed, *parts)


@given(text=st.text(max_size=300), app_id=st.text(min_size=1, max_size=20))
def test_what_was_sealed_is_opened_for_the_same_account_alone(text: str, app_id: str) -> None:
    sealed = seal(text, KEY, app_id)
    assert unseal(sealed, KEY, app_id) == text
    with pytest.raises(ForgedError):
        unseal(sealed, KEY, app_id + "x")


@pytest.mark.parametrize(
    "sealed", ["", "=", "abc", "AAAA", "啊", SEALED[:-4], SEALED[24:], base64.b64encode(b"x" * 32).decode()]
)
def test_what_nobody_sealed_is_refused(sealed: str) -> None:
    with pytest.raises(ForgedError):
        unseal(sealed, KEY, APP_ID)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ForgedError):
        unseal(SEALED, KEY[::-1], APP_ID)


@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=100))
def test_what_is_written_is_read_as_it_was(text: str) -> None:
    assert xml.read(xml.write({"Content": text, "CreateTime": 7})) == {"Content": text, "CreateTime": "7"}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE xml [<!ENTITY a "b">]><xml><Content>&a;</Content></xml>',
        '<!DOCTYPE xml SYSTEM "http://evil.example/x.dtd"><xml/>',
        "<xml><Content>&undeclared;</Content></xml>",
        "<xml><Content></xml>",
        "<a>" * 100_000,
        "",
        "\x00",
    ],
)
def test_xml_that_is_broken_or_declares_anything_is_refused(text: str) -> None:
    with pytest.raises(xml.BadXmlError):
        xml.read(text)


def test_the_first_value_of_a_name_counts_and_inner_values_are_found() -> None:
    assert xml.read("<xml><A>1</A><A>2</A><B><C>3</C></B></xml>") == {"A": "1", "C": "3", "B": ""}
