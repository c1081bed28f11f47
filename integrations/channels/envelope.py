"""What proves that a delivery comes from the platform, and the envelope in which it may travel.

As documented for official accounts (消息加解密说明) and WeCom (加解密方案说明): SHA-1 over sorted parts; AES-256-CBC with the
first half of the key as vector, 16 random bytes, the length, the text and the account's id, padded to 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


class ForgedError(ValueError):
    """Not from the platform, or not meant for this account."""


def signature(*parts: str) -> str:
    """
    >>> signature("token", "1409304348", "nonce")
    'c21d07973d69a8327f8346d879d072ef58bd3a9a'
    """
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    return hmac.compare_digest(given.encode(), signature(*parts).encode())


def seal(text: str, key: bytes, app_id: str) -> str:
    """The text as Base64 that only the holder of the key can read."""
    body = text.encode()
    plain = secrets.token_bytes(RANDOM) + struct.pack(">I", len(body)) + body + app_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    encryptor = _cipher(key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()).decode()


def unseal(sealed: str, key: bytes, app_id: str) -> str:
    """The text. Raises ForgedError for what was not sealed with this key for this account."""
    try:
        decryptor = _cipher(key).decryptor()
        padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        plain = padded[RANDOM : -padded[-1]]
        (length,) = struct.unpack(">I", plain[:4])
        text, addressee = plain[4 : 4 + length], plain[4 + length :]
        if len(text) != length or addressee.decode() != app_id:
            raise ForgedError("sealed for another account")
        return text.decode()
    except (binascii.Error, ValueError, IndexError, struct.error) as problem:
        raise ForgedError("the envelope cannot be opened") from problem


def _cipher(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:RANDOM]))
