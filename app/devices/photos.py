"""Uploaded bytes to a grey picture, within limits that are checked before anything is decoded."""

import io
import warnings
from typing import Final

import numpy as np
from PIL import Image as Pictures
from PIL import ImageOps, UnidentifiedImageError

from app.devices.barcode_read import Image
from app.devices.photo_limits import MOST_BYTES, MOST_PIXELS

FORMATS: Final = ("JPEG", "PNG", "WEBP")


class PhotoRefused(ValueError):
    """The bytes are no picture that is read here; `reason` is one word for the page to explain."""

    reason: str = "unreadable"


class PhotoEmpty(PhotoRefused):
    """There are no bytes."""

    reason = "empty"


class PhotoTooLarge(PhotoRefused):
    """More than 5 MB or 20 megapixels."""

    reason = "too_large"


class PhotoFormatUnknown(PhotoRefused):
    """Neither JPEG nor PNG nor WebP."""

    reason = "format"


class PhotoBroken(PhotoRefused):
    """Begins like a picture and does not go on like one."""

    reason = "broken"


def grey_photo(content: bytes) -> Image:
    """The picture in `content`, grey and turned as the camera was held.

    The size is read from the head of the file, so that a small file cannot unfold into gigabytes.

    Raises:
        PhotoRefused: one of its kinds above.
    """
    if not content:
        raise PhotoEmpty("no bytes")
    if len(content) > MOST_BYTES:
        raise PhotoTooLarge(f"{len(content)} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is judged below; other oddities of the file are no news
        return _decoded(content)


def _decoded(content: bytes) -> Image:
    try:
        with Pictures.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PhotoTooLarge(f"{picture.width} x {picture.height} pixels")
            upright = ImageOps.exif_transpose(picture)
            return np.asarray(_on_white(upright).convert("L"), np.uint8)
    except Pictures.DecompressionBombError as problem:
        raise PhotoTooLarge(str(problem)) from problem
    except UnidentifiedImageError as problem:
        raise PhotoFormatUnknown("not a JPEG, PNG or WebP") from problem
    except PhotoRefused:
        raise
    except Exception as problem:  # decoders of foreign bytes raise whatever they like
        raise PhotoBroken(str(problem)) from problem


def _on_white(picture: Pictures.Image) -> Pictures.Image:
    """Transparent is paper."""
    if not picture.has_transparency_data:
        return picture
    paper = Pictures.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper
