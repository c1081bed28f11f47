"""A picture made safe to keep and to show: read as one of three formats, turned upright, drawn anew without metadata."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from service.problems import ProblemError

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
"""Of the sender's picture, looked at before anything is decoded: about 160 MB when it is."""
LONGEST_EDGE = 2048
QUALITY = 88

Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and an answer instead of a warning


@dataclass(frozen=True, kw_only=True)
class Redrawn:
    """JPEG without metadata; the longest edge is ``LONGEST_EDGE`` pixels or less."""

    data: bytes
    width: int
    height: int


def redrawn(data: bytes) -> Redrawn:
    """Raises ProblemError 415 for what is no picture of these formats, 422 for too many pixels or a broken one."""
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            return _redrawn(image)
    except ProblemError:
        raise
    except UnidentifiedImageError as problem:
        raise ProblemError(415, "not_a_picture", "只能发送 JPG、PNG 或 WebP 图片。") from problem
    except Exception as problem:  # decoders raise whatever their format makes them stumble over
        raise ProblemError(422, "picture_broken", "这张图片打不开，可能已损坏，请换一张再发送。") from problem


def _redrawn(image: Image.Image) -> Redrawn:
    if image.width * image.height > MOST_PIXELS:
        raise ProblemError(422, "picture_too_large", "图片尺寸太大了，请缩小后再发送。")
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))  # a large JPEG is decoded small at once
    upright = ImageOps.exif_transpose(image)
    if upright.mode == "P":  # a palette cannot be blended
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    if upright.has_transparency_data:
        upright = upright.convert("RGBA")
        paper = Image.new("RGB", upright.size, "white")
        paper.paste(upright, mask=upright.getchannel("A"))
        upright = paper
    bare = Image.new("RGB", upright.size)  # pixels alone: whatever else the file carried stays behind
    bare.paste(upright.convert("RGB"))
    written = BytesIO()
    bare.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Redrawn(data=written.getvalue(), width=bare.width, height=bare.height)
