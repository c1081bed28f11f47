"""What a stranger sends as a picture is drawn anew or refused in words."""

from __future__ import annotations

import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from service.picture import LONGEST_EDGE, redrawn
from service.problems import ProblemError

ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **saving: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size, "red" if mode != "RGBA" else (255, 0, 0, 0)).save(written, kind, **saving)
    return written.getvalue()


def with_metadata() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "SECRET-CAMERA"
    exif[GPS] = {1: "N", 2: (30.0, 16.0, 0.0)}
    return picture(exif=exif, comment=b"SECRET-COMMENT", icc_profile=b"SECRET-PROFILE")


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def refusal(data: bytes) -> str:
    with pytest.raises(ProblemError) as refused:
        redrawn(data)
    return refused.value.problem.code


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG"),
        picture("PNG"),
        picture("PNG", mode="RGBA"),
        picture("PNG", mode="P"),
        picture("PNG", mode="L"),
        picture("PNG", mode="1"),
        picture("WEBP"),
        picture("JPEG", mode="CMYK"),
    ],
)
def test_a_picture_of_the_three_formats_comes_out_as_a_jpeg_of_its_size(data: bytes) -> None:
    made = redrawn(data)
    with Image.open(BytesIO(made.data)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))
    assert (made.width, made.height) == (64, 48)


def test_what_is_see_through_lies_on_white() -> None:
    with Image.open(BytesIO(redrawn(picture("PNG", mode="RGBA")).data)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


def test_where_and_with_what_it_was_taken_stays_behind_but_it_is_upright() -> None:
    made = redrawn(with_metadata())
    assert b"SECRET" in with_metadata()
    assert b"SECRET" not in made.data
    assert b"Exif" not in made.data
    assert (made.width, made.height) == (48, 64)


def test_a_large_picture_is_made_smaller() -> None:
    made = redrawn(picture("PNG", (5000, 1000)))
    assert (made.width, made.height) == (LONGEST_EDGE, 410)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_other_formats_are_no_pictures_here(kind: str) -> None:
    assert refusal(picture(kind)) == "not_a_picture"


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%!PS-Adobe-3.0 EPSF", b"GIF89a", b"\xff\xd8\xff" * 9]
)
def test_what_only_calls_itself_a_picture_is_none(data: bytes) -> None:
    assert refusal(data) == "not_a_picture"


@pytest.mark.parametrize("size", [(30_000, 30_000), (40_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    assert refusal(claiming(*size)) == "picture_too_large"


def test_a_picture_that_ends_in_the_middle_is_broken() -> None:
    noise = Image.effect_noise((300, 300), 90)
    written = BytesIO()
    noise.save(written, "JPEG")
    assert refusal(written.getvalue()[:4000]) == "picture_broken"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_damaged_picture_is_drawn_or_refused_and_nothing_else_happens(kind: str) -> None:
    sound, dice = picture(kind), random.Random(7)
    for _ in range(300):
        damaged = bytearray(sound)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with suppress(ProblemError):
            redrawn(bytes(damaged))
