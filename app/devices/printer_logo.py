"""The shop's logo made ready for a receipt printer: black dots on white, no wider than the paper."""

import io
import warnings
from typing import Final

from PIL import Image, UnidentifiedImageError

MOST_BYTES: Final = 900_000
MOST_PIXELS: Final = 8_000_000
MOST_HEIGHT: Final = 300
KINDS: Final = ("PNG", "JPEG")


class LogoRefused(Exception):
    """A file that cannot be a logo; `reason` is too_large, format or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def prepared(content: bytes, columns: int) -> bytes:
    """A PNG of black dots, at most as wide as paper of `columns` and 300 dots high.

    Raises:
        LogoRefused: no picture, or one of a size nobody prints.
    """
    if len(content) > MOST_BYTES:
        raise LogoRefused("too_large")
    dots = columns * 12
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=KINDS)
        if opened.width * opened.height > MOST_PIXELS:
            raise LogoRefused("too_large")
        return _in_dots(opened, dots)
    except Image.DecompressionBombError:
        raise LogoRefused("too_large") from None
    except UnidentifiedImageError:
        raise LogoRefused("format") from None
    except (OSError, ValueError, SyntaxError):
        raise LogoRefused("broken") from None


def _in_dots(picture: Image.Image, dots: int) -> bytes:
    """On white, because what is transparent would be printed black."""
    coloured = picture.convert("RGBA")
    page = Image.new("RGBA", coloured.size, "white")
    page.alpha_composite(coloured)
    page.thumbnail((dots, MOST_HEIGHT))
    out = io.BytesIO()
    page.convert("L").convert("1").save(out, "PNG")
    return out.getvalue()
