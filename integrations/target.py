"""Where a webhook may go: to public addresses, and to those private networks the operator has named."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
LONGEST_URL = 2000


class TargetRefusedError(ValueError):
    """Nothing is sent there; says why."""


def checked_url(url: str, allowed: Sequence[Network]) -> str:
    """The address as it may be kept. What its name resolves to is looked at when something is sent, not here.

    Raises TargetRefusedError.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as problem:
        raise TargetRefusedError(f"this is no URL: {problem}") from problem
    if len(url) > LONGEST_URL or any(not "!" <= char <= "~" for char in url):
        raise TargetRefusedError(f"a URL is at most {LONGEST_URL} printable ASCII characters")
    if not host or parts.scheme not in ("https", "http"):
        raise TargetRefusedError("expected https:// and a host")
    if parts.username is not None or parts.fragment:
        raise TargetRefusedError("a URL with a user or a fragment is not taken")
    if parts.scheme == "http" and not allowed:
        raise TargetRefusedError("expected https://; http:// is for networks in TOURNIQUET_PRIVATE_TARGETS")
    literal = _literal(host)
    if literal is not None:
        check_address(literal, parts.scheme, allowed)
    return url


async def resolved(host: str, port: int, scheme: str, allowed: Sequence[Network]) -> list[str]:
    """The addresses of a host, all of which may be sent to. Raises TargetRefusedError, and OSError when it has none.

    Whoever sends must connect to one of these, not resolve anew: a name may answer differently the next time.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    for address in addresses:
        check_address(ip_address(address), scheme, allowed)
    return addresses


def check_address(address: Address, scheme: str, allowed: Sequence[Network]) -> None:
    """Raises TargetRefusedError."""
    meant = _meant(address)
    if any(meant in network for network in allowed):
        return
    if not meant.is_global or meant.is_multicast:
        raise TargetRefusedError(f"{meant} is no public address: name its network in TOURNIQUET_PRIVATE_TARGETS")
    if scheme != "https":
        raise TargetRefusedError("expected https:// for a public address")


def networks(value: str) -> tuple[Network, ...]:
    """``10.0.0.0/8 fd00::/8``; raises ValueError."""
    return tuple(ip_network(part) for part in value.split())


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
