"""Letters of labels: Bitstream Vera, which comes with ReportLab, and for Chinese the reader's own Song type.

A PDF names `STSong-Light` and every reader has a type for it; nothing else than Vera is put into the file.
"""

import functools
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN: Final = "Vera"
BOLD: Final = "VeraBd"
CHINESE: Final = "STSong-Light"
MM_PER_POINT: Final = 25.4 / 72
ENDING: Final = "…"
TWINS: Final = {0x110: 0xD0}
"""Vera has no Croatian Đ; the Icelandic letter looks the same."""


@functools.cache
def register() -> None:
    """Make the types known to ReportLab; once in a process."""
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


def runs(text: str, *, is_bold: bool = False) -> Iterator[tuple[str, str]]:
    """Pieces of `text` with the type that has their letters; what no type has becomes a plain letter or "?"."""
    register()
    western = BOLD if is_bold else PLAIN
    chars = [(char, _font(char, western)) for char in unicodedata.normalize("NFC", text).translate(TWINS)]
    shown = [(char, font) if font else (_simple(char), western) for char, font in chars]
    for font, group in groupby(shown, key=lambda pair: pair[1]):
        yield font, "".join(char for char, _font in group)


def width(text: str, points: float, *, is_bold: bool = False) -> float:
    """Millimetres that `text` takes."""
    return float(
        sum(pdfmetrics.stringWidth(piece, font, points) for font, piece in runs(text, is_bold=is_bold))
    ) * MM_PER_POINT  # fmt: skip


def fitted(text: str, points: float, room: float, *, is_bold: bool = False) -> str:
    """`text`, cut with dots where it is too long."""
    if width(text, points, is_bold=is_bold) <= room:
        return text
    while text and width(text + ENDING, points, is_bold=is_bold) > room:
        text = text[:-1]
    return text.rstrip() + ENDING


def lines_of(text: str, points: float, room: float, *, most: int) -> list[str]:
    """`text` in at most `most` lines of bold letters, the last one cut where it is too long."""
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most - 1:
        line = _first_line(rest, points, room)
        lines.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    return [*lines, fitted(rest, points, room, is_bold=True)] if rest else lines


def _first_line(text: str, points: float, room: float) -> str:
    if width(text, points, is_bold=True) <= room:
        return text
    end = len(text)
    while end > 1 and width(text[:end], points, is_bold=True) > room:
        end -= 1
    blank = text.rfind(" ", 0, end + 1)
    # Chinese has no blanks: it breaks anywhere.
    return text[:blank] if blank > 0 and _font(text[end - 1], PLAIN) == PLAIN else text[:end]


@functools.lru_cache(maxsize=4096)
def _font(char: str, western: str) -> str | None:
    # Glyph 0 is the empty box that stands for a letter the type does not have.
    if pdfmetrics.getFont(western).face.charToGlyph.get(ord(char), 0) and char.isprintable():
        return western
    try:
        char.encode("gbk")
    except UnicodeEncodeError:
        return None
    return CHINESE if char.isprintable() else None


def _simple(char: str) -> str:
    if unicodedata.category(char)[0] == "C":
        return ""
    return "".join(part for part in unicodedata.normalize("NFKD", char) if part.isascii() and part.isprintable()) or "?"
