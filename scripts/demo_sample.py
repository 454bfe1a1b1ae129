"""Make the sample data of the demo shop from public price lists and CC0 receipts; see app/data/README.md.

    python -m scripts.demo_sample catalogue_products.csv.gz catalogue_store_prices.csv.gz \
        cj_receipt_lines.csv.gz cj_products.csv.gz app/data
"""

import csv
import gzip
import hashlib
import io
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.domain.barcode import check_digit
from app.domain.catalog_columns import OWN
from app.services.catalog_files import read_path
from app.services.catalog_rows import store_prices
from scripts.demo_chinese import CHINESE
from scripts.demo_words import DEPARTMENTS, WORDS

FIRST_DAY = "2017-10-02"
WEEKS = 13
SUPPLIERS = {
    "Food": ("Adria Grocery", "Northern Pantry", "Riverside Foods", "Golden Mill", "Blue Cold Chain"),
    "Drinks": ("Clear Spring Drinks", "Old Cellar Wines"),
    "Cosmetics": ("Bright Day Care", "Linden Cosmetics"),
    "Toiletries": ("Bright Day Care",),
    "Cleaning products": ("White Sail Household",),
    "Household goods": ("White Sail Household", "Corner House Goods"),
}
FRESH = "Morning Fresh"
COST_PERCENT = {"Food": 62, "Drinks": 58, "Cosmetics": 48, "Toiletries": 54, "Cleaning products": 56}
CARTON_EVERY = 150


def number_of(text: str, below: int) -> int:
    """A number from 0 to below - 1 that `text` always gives."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % below


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a gzipped CSV."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A gzipped CSV that is the same bytes for the same rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def products(product_file: Path, price_file: Path) -> list[dict[str, str]]:
    """The price list in Aisle's own form; what it does not say is derived by the rules in the README."""
    prices = store_prices(read_path(price_file), None)
    found = [_product(row, prices[row["chain_product_id"]]) for row in read(product_file)]
    weighed = sorted((row for row in found if row["unit"] == "kg"), key=lambda row: row["sku"])
    for number, row in enumerate(weighed, start=10_001):
        row["plu"] = str(number)
    for row in [row for row in found if row["unit"] == "piece" and len(row["barcode"]) == 13][::CARTON_EVERY]:
        row["further_barcodes"] = _carton(row)
    return found


def _product(row: Mapping[str, str], list_price: str) -> dict[str, str]:
    category, unit = row["category_en"], row["sale_unit"]
    price = round(float(list_price) + 1e-9, 2)
    product = dict.fromkeys(OWN, "") | {
        "sku": row["chain_product_id"], "barcode": row["ean"], "name": row["name"], "brand": row["brand"],
        "category": category, "unit": unit, "net_quantity": row["net_quantity"], "selling_price": f"{price:.2f}",
        "purchase_price": f"{price * COST_PERCENT.get(category, 52) / 100:.2f}",
        "supplier": supplier(category, unit, row["brand"]), "pack_size": pack_size(price, unit),
        "stocked": "yes", "archived": "no",
    }  # fmt: skip
    if unit == "kg" and number_of(row["chain_product_id"], 8) == 0:
        product["shortage_policy"] = "allow"
    elif price > 40:
        product["shortage_policy"] = "block"
    return product


def supplier(category: str, unit: str, brand: str) -> str:
    """One invented supplier per brand and category; fresh goods by weight come from one."""
    names = SUPPLIERS[category]
    return FRESH if unit == "kg" else names[number_of(brand, len(names))]


def pack_size(price: float, unit: str) -> str:
    """What is cheap comes in larger packs."""
    if unit == "kg":
        return "5"
    return "24" if price < 1 else "12" if price < 3 else "6" if price < 12 else "1"


def _carton(row: Mapping[str, str]) -> str:
    """The carton code of a GTIN-13: packaging indicator 1 before it and a check digit of its own (GS1)."""
    body = "1" + row["barcode"][:12]
    pack = row["pack_size"] if row["pack_size"] != "1" else "6"
    return f"{body}{check_digit(body)}*{pack}"


def history(lines: Sequence[Mapping[str, str]], kinds: Mapping[str, Mapping[str, str]], shelf: "Shelf") -> list[Any]:
    """Receipt number, local time, article number and thousandths of every line of the last 13 weeks."""
    kept = [line for line in lines if line["ts"] >= FIRST_DAY and line["product_id"] in kinds]
    popular = Counter(line["product_id"] for line in kept)
    article = {key: shelf.place(kinds[key], lines_sold) for key, lines_sold in popular.most_common()}
    numbers: dict[str, int] = {}
    return [
        (
            numbers.setdefault(line["receipt_id"], len(numbers) + 1),
            line["ts"],
            article[line["product_id"]]["sku"],
            _thousandths(line, article[line["product_id"]]),
        )
        for line in kept
    ]


def _thousandths(line: Mapping[str, str], product: Mapping[str, str]) -> int:
    count = min(int(float(line["quantity"])), 24)
    if product["unit"] == "piece":
        return count * 1000
    return min(count, 4) * (180 + number_of(line["receipt_id"] + line["product_id"], 900))


class Shelf:
    """Gives every product of the receipts its own article of a like kind and price, the popular ones first."""

    def __init__(self, articles: Sequence[dict[str, str]]) -> None:
        self._articles = sorted(articles, key=lambda row: (float(row["selling_price"]), row["sku"]))
        self._pools: dict[str, list[dict[str, str]]] = {}
        self._used: dict[str, int] = defaultdict(int)

    def place(self, kind: Mapping[str, str], lines_sold: int) -> dict[str, str]:
        """The article for one product of the receipts; rare ones share theirs with a popular one."""
        pool = self._pool(kind["product_category"], kind["department"])
        prices = [float(row["selling_price"]) for row in pool]
        at = bisect_left(prices, float(kind["median_regular_price"] or 2))
        near = sorted(range(max(0, at - 12), min(len(pool), at + 12)), key=lambda place: abs(place - at))
        limit = 1 if lines_sold >= 8 else 3 if lines_sold >= 3 else 1_000_000
        free = [place for place in near if self._used[pool[place]["sku"]] < limit]
        chosen = pool[free[0] if free else near[number_of(kind["product_id"], len(near))]]
        self._used[chosen["sku"]] += 1
        return chosen

    def _pool(self, category: str, department: str) -> list[dict[str, str]]:
        words = next((words for kinds, words in WORDS if re.search(kinds, category)), None)
        found = self._pools.get(words or department)
        if found is None:
            shelf = next(shelf for kinds, shelf in DEPARTMENTS if re.search(kinds, department))
            named = [row for row in self._articles if words and re.search(words, row["name"])]
            found = named or [row for row in self._articles if row["category"] == shelf and row["unit"] == "piece"]
            self._pools[words or department] = found
        return found


def set_safety(articles: Sequence[dict[str, str]], rows: Sequence[Any]) -> None:
    """Four days of mean sales, at least two pieces (one of a dear product, two kg of a weighed one)."""
    sold: Counter[str] = Counter()
    for _, _, sku, thousandths in rows:
        sold[sku] += thousandths
    for row in articles:
        least = 1 if float(row["selling_price"]) > 20 else 2
        four_days = -(-sold[row["sku"]] * 4 // (WEEKS * 7 * 1000))
        row["safety_stock"] = str(max(least, four_days))


def main() -> int:
    """Write catalogue.csv.gz and receipts.csv.gz into the last argument."""
    product_file, price_file, line_file, kind_file, target = (Path(argument) for argument in sys.argv[1:6])
    articles = products(product_file, price_file)
    kinds = {row["product_id"]: row for row in read(kind_file)}
    rows = history(read(line_file), kinds, Shelf(articles))
    set_safety(articles, rows)
    chinese = [dict.fromkeys(OWN, "") | row for row in CHINESE]
    write(target / "catalogue.csv.gz", OWN, ([row[name] for name in OWN] for row in [*articles, *chinese]))
    write(target / "receipts.csv.gz", ("receipt", "sold_at", "sku", "thousandths"), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
