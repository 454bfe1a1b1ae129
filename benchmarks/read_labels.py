"""Read back printed labels: draw labels of the demo catalogue at 203 dpi and let our own reader read each.

python -m benchmarks.read_labels [--labels 200] [--pdf] [--json]
"""

import argparse
import csv
import gzip
import io
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image

import app
from app.devices.barcode_reader import read_still
from app.devices.label_layout import SHEETS
from app.devices.shelf_labels import pdf, picture
from app.domain import money
from app.domain.barcode import normalise
from app.domain.labels import Label, SheetFormat, shelf_label

CATALOGUE = Path(app.__file__).parent / "data" / "catalogue.csv.gz"
DPI = 203


@dataclass(frozen=True)
class Article:
    """What a label asks of a product."""

    name: str
    sku: str
    plu: str | None
    barcode: str | None
    unit: str
    net_quantity: str | None
    selling_price: int


def labels(wanted: int) -> list[Label]:
    """Labels of products all over the catalogue."""
    with gzip.open(CATALOGUE, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["barcode"]]
    return [shelf_label(_article(row), "EUR", date(2026, 1, 2)) for row in rows[:: len(rows) // wanted]][:wanted]


def _article(row: dict[str, str]) -> Article:
    return Article(
        row["name"], row["sku"], None, normalise(row["barcode"]), row["unit"], row["net_quantity"],
        money.from_text(row["selling_price"]),
    )  # fmt: skip


def from_pdf(drawn: Sequence[Label], form: SheetFormat) -> Iterator[Image.Image]:
    """Each label cut out of its page, as a printer of 203 dpi gets it."""
    sheet, per_mm = SHEETS[form], DPI / 25.4
    with tempfile.TemporaryDirectory() as folder:
        command = ["pdftoppm", "-r", str(DPI), "-gray", "-png", "-", f"{folder}/page"]
        subprocess.run(command, input=pdf(drawn, form, title="labels"), check=True)
        pages = [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(Path(folder).iterdir())]
    for place in range(len(drawn)):
        page, on_page = divmod(place, sheet.labels)
        row, column = divmod(on_page, sheet.columns)
        left, top = column * sheet.label_width * per_mm, (sheet.top + row * sheet.label_height) * per_mm
        right, bottom = left + sheet.label_width * per_mm, top + sheet.label_height * per_mm
        yield pages[page].crop((round(left), round(top), round(right), round(bottom)))


def measure(drawn: Sequence[Label], pictures: Iterator[Image.Image]) -> dict[str, float]:
    """How many labels are read, misread, and how long it takes."""
    read = misread = 0
    began = time.thread_time()  # on a busy machine the reader would run out of time, not out of wits
    for label, image in zip(drawn, pictures, strict=True):
        texts = [found.text for found in read_still(np.asarray(image), clock=time.thread_time)]
        read += texts == [label.code]
        misread += any(text != label.code for text in texts)
    seconds = time.thread_time() - began
    return {"labels": len(drawn), "read": read, "misread": misread, "ms_each": round(seconds * 1000 / len(drawn), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--pdf", action="store_true", help="also render the PDF (pdftoppm)")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    drawn = labels(given.labels)
    found = {f"{form.value} drawn": measure(drawn, (picture(label, form) for label in drawn)) for form in SheetFormat}
    if given.pdf:
        found |= {f"{form.value} pdf": measure(drawn, from_pdf(drawn, form)) for form in SheetFormat}
    if given.json:
        print(json.dumps(found))
        return
    for name, row in found.items():
        print(f"{name:16} {row['read']:4} of {row['labels']} read, {row['misread']} misread, {row['ms_each']} ms each")


if __name__ == "__main__":
    main()
