"""Labels on paper: a PDF of sheets or of a roll, and the same as a picture in the dots of a label printer."""

import functools
import io
from collections.abc import Iterator, Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.units import mm
from reportlab.pdfbase.ttfonts import TTFOpenFile
from reportlab.pdfgen.canvas import Canvas

from app.devices.label_fonts import BOLD, CHINESE, PLAIN, register, runs, width
from app.devices.label_layout import SHEETS, Layout, Sheet, Words, laid_out
from app.domain.labels import Label, SheetFormat

DOTS_PER_MM: Final = 8
"""203.2 dpi."""


def pdf(labels: Sequence[Label], format: SheetFormat, *, title: str, skipped: int = 0) -> bytes:
    """The labels as a PDF; `skipped` places of the first sheet were used before."""
    register()
    sheet, out = SHEETS[format], io.BytesIO()
    canvas = Canvas(out, pagesize=(sheet.page_width * mm, sheet.page_height * mm), pageCompression=1, invariant=1)
    canvas.setTitle(title)
    canvas.setCreator("Aisle")
    for place, label in enumerate(labels, start=skipped % sheet.labels):
        if place and place % sheet.labels == 0:
            canvas.showPage()
        _paint(canvas, laid_out(label, sheet), *_corner(sheet, place % sheet.labels), sheet)
    canvas.save()
    return out.getvalue()


def picture(label: Label, format: SheetFormat) -> Image.Image:
    """One label as a label printer of 203 dpi sets its dots; Chinese is left out, codes are not."""
    sheet = SHEETS[format]
    layout = laid_out(label, sheet)
    page = Image.new("L", (round(sheet.label_width * DOTS_PER_MM), round(sheet.label_height * DOTS_PER_MM)), 255)
    draw = ImageDraw.Draw(page)
    for box in layout.boxes:
        left, top = round(box.x * DOTS_PER_MM), round(box.y * DOTS_PER_MM)
        right, bottom = round((box.x + box.width) * DOTS_PER_MM), round((box.y + box.height) * DOTS_PER_MM)
        draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
    for words in layout.words:
        _write(draw, words)
    return page


def _corner(sheet: Sheet, place: int) -> tuple[float, float]:
    row, column = divmod(place, sheet.columns)
    return column * sheet.label_width, sheet.top + row * sheet.label_height


def _paint(canvas: Canvas, layout: Layout, left: float, top: float, sheet: Sheet) -> None:
    """PDF counts from the bottom, we from the top."""
    for box in layout.boxes:
        bottom = sheet.page_height - top - box.y - box.height
        canvas.rect((left + box.x) * mm, bottom * mm, box.width * mm, box.height * mm, stroke=0, fill=1)
    for words in layout.words:
        text = canvas.beginText((left + _start(words)) * mm, (sheet.page_height - top - words.y) * mm)
        for font, piece in runs(words.text, is_bold=words.is_bold):
            text.setFont(font, words.points)
            text.textOut(piece)
        canvas.drawText(text)


def _start(words: Words) -> float:
    """Where a text begins."""
    taken = width(words.text, words.points, is_bold=words.is_bold)
    return words.x - {"left": 0.0, "right": taken, "center": taken / 2}[words.align]


def _write(draw: ImageDraw.ImageDraw, words: Words) -> None:
    at, y = _start(words) * DOTS_PER_MM, words.y * DOTS_PER_MM
    for piece, font in _western(words):
        draw.text((at, y), piece, fill=0, font=font, anchor="ls")
        at += font.getlength(piece)


def _western(words: Words) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
    points = words.points * 25.4 / 72 * DOTS_PER_MM
    files = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf"}
    for font, piece in runs(words.text, is_bold=words.is_bold):
        if font != CHINESE:
            yield piece, _sized(files[font], points)


@functools.lru_cache(maxsize=64)
def _sized(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    path, file = TTFOpenFile(name)
    file.close()
    return ImageFont.truetype(path, pixels)
