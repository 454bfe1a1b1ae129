"""A receipt as the bytes of an ESC/POS printer."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import segno
from PIL import Image, ImageOps

from app.devices.printer_text import KANJI_OFF, SELECT_CODE_PAGE, encoded, width, wrapped

DOTS_PER_COLUMN: Final = 12
CODE_DOTS: Final = 6
"""Dots of a module of the square code: 0.75 mm, read at arm's length."""
MOST_DOTS_HIGH: Final = 400
RASTER: Final = b"\x1dv0\x00"
"""`GS v 0`: a picture in dots."""
ASK_WHEN_DONE: Final = b"\x1dr\x01"
"""`GS r 1`: the printer answers when it has come to this byte, that is, when all before it is on paper."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A text on the left and one on the right; a long left one goes over several lines."""

    left: str
    right: str = ""
    is_indented: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything on a receipt, in the order it is printed."""

    columns: int
    head: Sequence[str]
    facts: Sequence[PaperLine]
    lines: Sequence[PaperLine]
    total: PaperLine
    payments: Sequence[PaperLine]
    number: str
    foot: Sequence[str] = ()
    banner: str = ""
    logo: bytes | None = None


def printed(paper: Paper) -> bytes:
    """The bytes to send: from a printer put back to its defaults to the cut."""
    roll = _Roll(paper.columns)
    roll.begin()
    if paper.logo is not None:
        roll.picture(Image.open(io.BytesIO(paper.logo)))
    roll.centred(paper.head)
    if paper.banner:
        roll.loud(paper.banner)
    roll.rows(paper.facts)
    roll.rule()
    roll.rows(paper.lines)
    roll.rule()
    roll.strong(paper.total)
    roll.rows(paper.payments)
    if paper.banner:
        roll.loud(paper.banner)
    roll.code(paper.number)
    roll.centred([paper.number, *paper.foot])
    return roll.torn_off()


class _Roll:
    """Paper that is being printed on."""

    def __init__(self, columns: int) -> None:
        from escpos.printer import Dummy  # reads what every printer can: a third of a second that no start needs

        self._columns = columns
        self._printer = Dummy()

    def begin(self) -> None:
        """Forget what the last one left; Chinese printers start in Kanji mode, where our letters would be pairs."""
        self._printer.hw("INIT")
        self._raw(KANJI_OFF + SELECT_CODE_PAGE)

    def centred(self, texts: Sequence[str]) -> None:
        """Short lines in the middle."""
        self._printer.set(align="center")
        for text in texts:
            for line in wrapped(text, self._columns):
                self._line(line)
        self._printer.set(align="left")

    def loud(self, text: str) -> None:
        """A line nobody overlooks."""
        self._printer.set(align="center", bold=True, custom_size=True, width=2, height=2)
        for line in wrapped(text, self._columns // 2):
            self._line(line)
        self._printer.set(align="left", bold=False, normal_textsize=True)

    def rows(self, rows: Sequence[PaperLine]) -> None:
        """Lines with an amount at their end."""
        for row in rows:
            for line in _spread(row, self._columns):
                self._line(line)

    def strong(self, row: PaperLine) -> None:
        """The one amount that counts."""
        self._printer.set(bold=True, custom_size=True, width=1, height=2)
        self.rows([row])
        self._printer.set(bold=False, normal_textsize=True)

    def rule(self) -> None:
        """A line across."""
        self._line("-" * self._columns)

    def code(self, text: str) -> None:
        """The number as a square code: a picture, which printers without codes of their own can print too."""
        square = io.BytesIO()
        segno.make(text, error="m", micro=False).save(square, kind="png", scale=CODE_DOTS, border=2)
        self.picture(Image.open(square))

    def picture(self, image: Image.Image) -> None:
        """A picture in the middle of the paper, in dots."""
        dots = image.convert("1", dither=Image.Dither.NONE)
        dots.thumbnail((self._columns * DOTS_PER_COLUMN, MOST_DOTS_HIGH))
        across = (dots.width + 7) // 8
        size = across.to_bytes(2, "little") + dots.height.to_bytes(2, "little")
        self._printer.set(align="center")
        # A set bit is a black dot for the printer and a white one for the picture; padding stays white.
        self._raw(RASTER + size + ImageOps.invert(dots.convert("L")).convert("1").tobytes())
        self._printer.set(align="left")

    def torn_off(self) -> bytes:
        """The end: asked for an answer, fed and cut."""
        self._printer.cut()
        self._raw(ASK_WHEN_DONE)
        return bytes(self._printer.output)

    def _line(self, text: str) -> None:
        self._raw(encoded(text) + b"\n")

    def _raw(self, content: bytes) -> None:
        self._printer._raw(content)


def _spread(row: PaperLine, columns: int) -> Iterator[str]:
    indent = "  " if row.is_indented else ""
    lines = list(wrapped(row.left, columns - len(indent))) or [""]
    *before, last = lines
    yield from (indent + line for line in before)
    room = columns - len(indent) - width(last) - width(row.right)
    if row.right and room < 1:
        yield indent + last
        last, room = "", columns - len(indent) - width(row.right)
    yield indent + last + " " * max(room, 0) * bool(row.right) + row.right
