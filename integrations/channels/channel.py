"""What every channel can do: prove a delivery, read it, and put what we say into the platform's forms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.channels import envelope, xml
from integrations.channels.accounts import Account
from integrations.channels.envelope import ForgedError
from integrations.channels.platform import Platform
from integrations.channels.wire import Payload, Result
from retention.contact import Contact
from retention.inbound import Inbound
from retention.reply import Bubble

ID_LENGTH = 128


@dataclass(frozen=True, kw_only=True)
class Query:
    """What stands in the address of a delivery."""

    signature: str = ""
    msg_signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    echostr: str = ""


class Channel(ABC):
    """One account of one platform."""

    def __init__(self, account: Account, platform: Platform) -> None:
        self.account = account
        self.platform = platform

    @abstractmethod
    def echo(self, query: Query) -> str:
        """What proves to the platform that this address is ours. Raises ForgedError."""

    @abstractmethod
    def open(self, query: Query, body: bytes) -> Mapping[str, str]:
        """The values of a delivery that the platform signed. Raises ForgedError, and BadXmlError for one nobody can read."""

    @abstractmethod
    def identify(self, values: Mapping[str, str]) -> str:
        """The same each time the platform delivers the same thing. Raises BadXmlError."""

    @abstractmethod
    def answer(self, inbound: Inbound, bubbles: Sequence[Bubble], query: Query, now: datetime) -> str | None:
        """All of it as the direct answer to a delivery; None where it cannot be one."""

    @abstractmethod
    def messages(self, bubble: Bubble, seq: int) -> tuple[Payload, ...]:
        """A bubble in the platform's best form."""

    @abstractmethod
    async def send(self, contact: Contact, payload: Payload, message_id: str) -> Result: ...

    def opened(self, query: Query, body: bytes) -> Mapping[str, str]:
        """Out of the envelope. The signature covers what is inside it."""
        assert self.account.aes_key is not None, "only called in AES mode"
        sealed = xml.read(body).get("Encrypt", "")
        parts = (self.account.token, query.timestamp, query.nonce, sealed)
        if not sealed or not envelope.is_signed(query.msg_signature, *parts):
            raise ForgedError("the signature of the envelope does not fit")
        return xml.read(envelope.unseal(sealed, self.account.aes_key, self.account.app_id))


def needed(values: Mapping[str, str], name: str) -> str:
    """Raises BadXmlError when it is missing, or too long to be what it says."""
    value = values.get(name, "")
    if not value or len(value) > ID_LENGTH:
        raise xml.BadXmlError(f"{name} is missing or too long")
    return value
