"""Real receipts as baskets of the shop's own products."""

import csv
import gzip
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final

from app.domain.quantity import ONE, Unit
from app.queries.sellable import Sellable

COLUMNS: Final = ("receipt_id", "ts", "product_id", "quantity")
SAMPLE: Final[Mapping[str, str]] = {
    "receipt": "receipt_id", "sold_at": "ts", "sku": "product_id", "thousandths": "quantity"
}  # fmt: skip
"""The columns of the receipts that come with the shop (app/data/README.md), and what they are here."""
MAX_WEIGHED: Final = 4


class BadReceipts(Exception):
    """The file is not what `replay` reads; the message says why."""


@dataclass(frozen=True, slots=True)
class Basket:
    """A receipt as it is rung up: thousandths by product, and when it was sold."""

    receipt: str
    sold_at: datetime
    quantities: Mapping[int, int]
    codes: Mapping[int, str]


@dataclass(slots=True)
class Mapped:
    """How the products of the file were found in the shop."""

    by_article_number: int = 0
    by_stand_in: int = 0


def number_of(text: str, below: int) -> int:
    """A number from 0 to below - 1 that `text` always gives."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below


def baskets(path: Path, shelf: Sequence[Sellable], limit: int | None) -> tuple[list[Basket], Mapped]:
    """The first `limit` receipts of `path`, each product by its article number or by a fixed stand-in.

    Raises:
        BadReceipts: a column is missing, a value cannot be read, or the shop sells nothing.
    """
    if not shelf:
        raise BadReceipts("the shop has no products: import some first")
    by_sku = {product.sku: product for product in shelf}
    own: set[str] = set()
    stand_ins: dict[str, Sellable] = {}
    found: list[Basket] = []
    for receipt, lines in groupby(_lines(path), key=lambda line: line["receipt_id"]):
        if limit is not None and len(found) >= limit:
            break
        basket_lines = list(lines)
        for line in basket_lines:
            key = line["product_id"]
            if key in by_sku:
                own.add(key)
            elif key not in stand_ins:
                stand_ins[key] = shelf[number_of(key, len(shelf))]
        found.append(_basket(receipt, basket_lines, by_sku, stand_ins))
    return found, Mapped(len(own), len(stand_ins))


def _basket(
    receipt: str, lines: Sequence[Mapping[str, str]], own: Mapping[str, Sellable], stand_ins: Mapping[str, Sellable]
) -> Basket:
    quantities: dict[int, int] = {}
    codes: dict[int, str] = {}
    for line in lines:
        product = own.get(line["product_id"]) or stand_ins[line["product_id"]]
        quantities[product.product_id] = quantities.get(product.product_id, 0) + _thousandths(line, product)
        codes[product.product_id] = product.code
    return Basket(receipt, datetime.fromisoformat(lines[0]["ts"]), quantities, codes)


def _thousandths(line: Mapping[str, str], product: Sellable) -> int:
    count = max(1, round(float(line["quantity"])))
    if product.unit == Unit.PIECE:
        return count * ONE
    # The file counts pieces; a product sold by weight gets a plausible one, the same in every run.
    return min(count, MAX_WEIGHED) * (180 + number_of(line["receipt_id"] + line["product_id"], 900))


def _lines(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text)
        names = reader.fieldnames or ()
        pieces = ONE if set(SAMPLE) <= set(names) else 1
        reader.fieldnames = [SAMPLE.get(name, name) for name in names] if pieces == ONE else names
        missing = [name for name in COLUMNS if name not in reader.fieldnames]
        if missing:
            raise BadReceipts(f"the columns {', '.join(missing)} are missing")
        for row in reader:
            try:
                row["quantity"] = str(float(row["quantity"]) / pieces)
                datetime.fromisoformat(row["ts"])
            except (TypeError, ValueError):
                raise BadReceipts(f"line {reader.line_num} cannot be read") from None
            yield row
