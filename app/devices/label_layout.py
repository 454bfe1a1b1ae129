"""Where everything stands on a label, in millimetres; paper and picture are painted from the same layout."""

from dataclasses import dataclass
from typing import Final

from app.devices.label_code import Box, drawn
from app.devices.label_fonts import fitted, lines_of
from app.domain.labels import Label, SheetFormat

EDGE: Final = 5.5
"""Nothing stands nearer to the edge: office printers do not reach further, and codes need light beside them."""
NAME_PT, DETAIL_PT, SMALL_PT, PRICE_PT, PER_KG_PT = 9.0, 7.5, 6.5, 24.0, 20.0
LINE_MM: Final = 3.9


@dataclass(frozen=True, slots=True)
class Words:
    """A text on its base line; `align` is left, right or center of `x`."""

    x: float
    y: float
    text: str
    points: float
    is_bold: bool = False
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Layout:
    """A label ready to be painted."""

    boxes: tuple[Box, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Paper: its size, how many labels stand on it and where the first one begins."""

    page_width: float
    page_height: float
    columns: int
    rows: int
    label_width: float
    label_height: float
    top: float = 0

    @property
    def labels(self) -> int:
        """How many labels one page takes."""
        return self.columns * self.rows


SHEETS: Final = {
    SheetFormat.A4: Sheet(210, 297, 3, 8, 70, 37, top=0.5),
    SheetFormat.ROLL: Sheet(58, 40, 1, 1, 58, 40),
}


def laid_out(label: Label, sheet: Sheet) -> Layout:
    """The label on its piece of `sheet`."""
    right, bottom = sheet.label_width - EDGE, sheet.label_height
    room = right - EDGE
    words = [
        Words(EDGE, 5.5 + LINE_MM * place, line, NAME_PT, is_bold=True)
        for place, line in enumerate(lines_of(label.name, NAME_PT, room, most=2))
    ]
    words.append(Words(EDGE, 13.2, fitted(label.detail, DETAIL_PT, room), DETAIL_PT))
    is_by_kg = label.price.endswith("/kg")
    points, base = (PER_KG_PT, 20.3) if is_by_kg else (PRICE_PT, 21.0)  # the g reaches below its line
    words.append(Words(right, base, label.price, _shrunk(label.price, points, room), is_bold=True, align="right"))
    words.append(Words(right, bottom - 2.6, label.printed_on, SMALL_PT, align="right"))
    if label.code is None or label.symbol is None:
        words.append(Words(EDGE, bottom - 2.6, label.note, SMALL_PT))
        return Layout((), tuple(words))
    return _with_code(label.code, label.symbol, sheet, words)


def _with_code(text: str, symbol: str, sheet: Sheet, words: list[Words]) -> Layout:
    top, bottom = 22.5, sheet.label_height - 5.5
    code = drawn(symbol, text, room=sheet.label_width - 2, height=bottom - top)
    left = EDGE if code.width <= sheet.label_width - 2 * EDGE else _in_dots((sheet.label_width - code.width) / 2)
    boxes = tuple(Box(left + box.x, top + box.y, box.width, box.height) for box in code.boxes)
    # Beside a square, which reaches further down than bars; below bars.
    start = EDGE + code.width + 2 if code.is_square else EDGE
    room = sheet.label_width - EDGE - start - (0 if code.is_square else 14)
    base = sheet.label_height - (6 if code.is_square else 2.6)
    words.append(Words(start, base, fitted(text, SMALL_PT, room), SMALL_PT))
    return Layout(boxes, tuple(words))


def _in_dots(millimetres: float) -> float:
    return int(millimetres * 8) / 8


def _shrunk(text: str, points: float, room: float) -> float:
    """The size at which a price of any length fits."""
    while points > SMALL_PT and fitted(text, points, room, is_bold=True) != text:
        points -= 1
    return points
