"""A look through a whole text file before anything of it is used: its digest, its length, its encoding."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from service.importing.row import ImportFileError

CHUNK = 1 << 20
UTF_8, GB18030 = "utf-8", "gb18030"
BOM = b"\xef\xbb\xbf"
SIGNS = (
    (b"PK\x03\x04", "这是 Excel 工作簿或压缩包，请在表格软件里另存为“CSV UTF-8（逗号分隔）”"),
    (b"\xd0\xcf\x11\xe0", "这是旧版 Excel 工作簿，请在表格软件里另存为“CSV UTF-8（逗号分隔）”"),
    (b"PAR1", "这是 Parquet 文件，请把文件名改成以 .parquet 结尾"),
    (b"\x1f\x8b", "这是 gzip 压缩文件，请把文件名改成以 .gz 结尾"),
    (b"\xff\xfe", "这是 UTF-16 文本，请另存为 UTF-8"),
    (b"\xfe\xff", "这是 UTF-16 文本，请另存为 UTF-8"),
)
FEW_NULS = 100
"""One byte in so many may be NUL, outside the first line: that is a damaged line, not another kind of file."""
BINARY = "含有二进制内容，不是文本文件"

Told = Callable[[int], None]
"""Bytes of text looked at so far."""


@dataclass(frozen=True, kw_only=True)
class Survey:
    """``bytes`` and ``digest`` are of the text, unpacked; ``begin`` is where it starts, after a byte order mark."""

    bytes: int
    digest: str
    encoding: str
    begin: int


def survey(file: Path, told: Told = lambda _: None) -> Survey:
    """Raises ImportFileError for an empty file, for one that is no text, and for a broken archive."""
    digest, size, first, votes = hashlib.sha256(), 0, b"", {UTF_8: 0, GB18030: 0}
    left = b""
    with opened(file) as stream:
        for chunk in _chunks(stream):
            first = first or chunk
            if not size:
                _refuse_binary(file, chunk)
            digest.update(chunk)
            size += len(chunk)
            whole, end, rest = (left + chunk).rpartition(b"\n")
            if end or len(rest) > 8 * CHUNK:
                _count(whole or rest, votes)
                left = rest if end else b""
            else:
                left = rest
            told(size)
    _count(left, votes)
    begin = len(BOM) if first.startswith(BOM) else 0
    if size == begin:
        raise ImportFileError(f"{file.name}：文件是空的")
    encoding = GB18030 if not begin and votes[GB18030] > votes[UTF_8] else UTF_8
    return Survey(bytes=size, digest=digest.hexdigest(), encoding=encoding, begin=begin)


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """The text of a plain or packed file. Raises ImportFileError when it cannot be read or unpacked."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            yield cast(BinaryIO, stream)
    except (gzip.BadGzipFile, EOFError, zlib.error) as broken:
        raise ImportFileError(f"{file.name}：压缩文件损坏或不完整（{broken}）") from broken
    except OSError as problem:
        raise ImportFileError(f"{file.name}：读不了（{problem.strerror or problem}）") from problem


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _refuse_binary(file: Path, start: bytes) -> None:
    for sign, words in SIGNS:
        if start.startswith(sign):
            raise ImportFileError(f"{file.name}：{words}")
    if b"\x00" in start.partition(b"\n")[0] or start.count(0) * FEW_NULS > len(start):
        raise ImportFileError(f"{file.name}：{BINARY}")


def _count(text: bytes, votes: dict[str, int]) -> None:
    """Which encoding the lines are in that are more than ASCII. A single damaged line must not outvote the rest."""
    if text.isascii():
        return
    if _is_in(text, UTF_8):
        votes[UTF_8] += text.count(b"\n") + 1
        return
    for line in text.split(b"\n"):
        if not line.isascii():
            votes[UTF_8 if _is_in(line, UTF_8) else GB18030] += _is_in(line, UTF_8) or _is_in(line, GB18030)


def _is_in(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
