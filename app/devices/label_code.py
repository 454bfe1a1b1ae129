"""Codes of labels as modules: dark and light in order, drawn in whole dots so that a label printer keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import barcode
import segno

DOT_MM: Final = 0.125
"""A dot of a label printer of 203 dpi."""
WIDE, NARROW = 3, 2
"""Dots of a module: 0.375 mm, or 0.25 mm where the code is long."""
QUIET: Final = 11
"""Light modules that a reader wants on each side (EAN-13 wants 11 and 7, Code 128 ten)."""
SQUARE_DOTS: Final = 3


@dataclass(frozen=True, slots=True)
class Box:
    """A dark rectangle, millimetres from the top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Code:
    """Dark boxes and what they fill."""

    boxes: tuple[Box, ...]
    width: float
    height: float
    is_square: bool = False


def drawn(symbol: str, text: str, *, room: float, height: float) -> Code:
    """`text` in at most `room` millimetres with its quiet zones: as bars, or as a square where bars do not fit."""
    bits = _bits(symbol, text)
    for dots in (WIDE, NARROW):
        if (len(bits) + 2 * QUIET) * dots * DOT_MM <= room:
            return _bars(bits, dots * DOT_MM, height)
    return _square(text)


def _bits(symbol: str, text: str) -> str:
    # The library makes the check digit of an EAN itself.
    body = text[:-1] if symbol.startswith("ean") else text
    bits: str = barcode.get_barcode_class(symbol)(body).build()[0]
    return bits.replace("G", "1")


def _bars(bits: str, module: float, height: float) -> Code:
    boxes = tuple(Box(start * module, 0, length * module, height) for start, length in _runs(bits))
    return Code(boxes, len(bits) * module, height)


def _runs(bits: str) -> Iterator[tuple[int, int]]:
    """Where dark begins and how long it lasts."""
    at = 0
    while (start := bits.find("1", at)) >= 0:
        end = bits.find("0", start)
        at = len(bits) if end < 0 else end
        yield start, at - start


def _square(text: str) -> Code:
    rows = ["".join(str(int(module)) for module in row) for row in segno.make(text, error="m", micro=False).matrix]
    module = SQUARE_DOTS * DOT_MM
    boxes = tuple(
        Box(start * module, place * module, length * module, module)
        for place, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return Code(boxes, len(rows) * module, len(rows) * module, is_square=True)
