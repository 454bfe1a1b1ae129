"""From the text of a product list to checked rows: every bad cell is found, none stops the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from app.domain import catalog as check
from app.domain.catalog import BadCell, CatalogFileRefused, Fault, FurtherCode
from app.domain.catalog_columns import Heading, price_heading
from app.domain.quantity import Unit, is_whole
from app.models.catalog import NAME_LENGTH, SHELF_LENGTH
from app.services.catalog_files import Table

REQUIRED_CELLS: Final = ("name", "category", "selling_price")
KEPT_APART: Final = ("category", "supplier", "further_barcodes")
"""Columns that name rows of other tables."""

Parser = Callable[[str], Any]


def _named(limit: int) -> Parser:
    return lambda value: check.text(value, limit=limit)


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        "sku": check.article_number,
        "barcode": check.code,
        "name": _named(NAME_LENGTH),
        "brand": _named(100),
        "category": _named(100),
        "supplier": _named(100),
        "unit": check.unit,
        "purchase_price": check.price,
        "selling_price": check.positive_price,
        "safety_stock": check.quantity,
        "pack_size": check.positive_quantity,
        "minimum_order": check.quantity,
        "shelf_life_days": check.days,
        "net_quantity": _named(30),
        "shelf": _named(SHELF_LENGTH),
        "plu": check.item_number,
        "shortage_policy": lambda value: check.one_of(value, ("block", "allow")),
        "further_barcodes": check.further_codes,
        "stocked": check.yes_no,
        "archived": check.yes_no,
    }
)
EMPTY: Final[Mapping[str, Any]] = MappingProxyType(
    {"unit": Unit.PIECE.value, "purchase_price": 0, "safety_stock": 0, "pack_size": 1000, "minimum_order": 0,
     "further_barcodes": (), "stocked": True, "archived": False}
)  # fmt: skip
"""What an empty cell means where it does not mean nothing."""
COLUMN_NAMES: Final = MappingProxyType({"stocked": "is_stocked", "archived": "is_archived"})


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """One row that can be stored: `values` are columns of `Product`, the rest names rows of other tables.

    None means: the file says nothing about it, leave it as it is.
    """

    number: int
    values: dict[str, Any]
    category: str
    supplier: str | None = None
    has_supplier: bool = False
    further_barcodes: tuple[FurtherCode, ...] | None = None

    @property
    def sku(self) -> str | None:
        """The article number."""
        sku: str | None = self.values.get("sku")
        return sku

    @property
    def barcode(self) -> str | None:
        """The normalised barcode."""
        barcode: str | None = self.values.get("barcode")
        return barcode


@dataclass(slots=True)
class Checked:
    """What became of a file."""

    rows: list[CheckedRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def checked_rows(table: Table, heading: Heading, prices: Mapping[str, str] | None) -> Checked:
    """Check every row; `prices` gives the selling price by article number where the file has none itself."""
    found = Checked()
    for number, cells in table.rows:
        if len(cells) > len(table.columns) and any(cell.strip() for cell in cells[len(table.columns) :]):
            found.faults.append(Fault(number, "", "cells", {"found": len(cells), "expected": len(table.columns)}))
            continue
        texts = _texts(heading, cells, prices)
        row_faults: list[Fault] = []
        row = _checked_row(number, texts, heading, row_faults)
        found.faults += row_faults
        if row is not None and not row_faults:
            found.rows.append(row)
    found.faults += _duplicates(found.rows, heading)
    found.faults.sort(key=lambda fault: fault.row)
    return found


def _texts(heading: Heading, cells: tuple[str, ...], prices: Mapping[str, str] | None) -> dict[str, str]:
    texts = {name: _unescaped(cells[place]) if place < len(cells) else "" for name, place in heading.places.items()}
    if prices is not None:
        texts["selling_price"] = prices.get(texts["sku"].strip(), "")
    return texts


def _unescaped(cell: str) -> str:
    """Without the apostrophe that our own export puts before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith("'") and is_formula(cell.lstrip("'")) else cell


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run `text` (OWASP, CSV injection)."""
    return text.startswith(("=", "+", "-", "@", "\t", "\r", "\0"))


def _checked_row(number: int, texts: dict[str, str], heading: Heading, faults: list[Fault]) -> CheckedRow | None:
    values = dict(_parsed(number, texts, heading, faults))
    if faults:
        return None
    apart = {name: values.pop(name, None) for name in KEPT_APART}
    faults += _not_whole(number, values, texts)
    return CheckedRow(
        number,
        {COLUMN_NAMES.get(name, name): value for name, value in values.items() if name != "sku" or value},
        category=apart["category"],
        supplier=apart["supplier"],
        has_supplier="supplier" in texts,
        further_barcodes=apart["further_barcodes"],
    )


def _parsed(number: int, texts: dict[str, str], heading: Heading, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    for name, cell in texts.items():
        label = heading.labels.get(name, name)
        if not cell.strip(" \t"):
            if name in REQUIRED_CELLS or (name in ("sku", "barcode") and not _has_key(texts)):
                code = "no_price" if name not in heading.places else "required"
                faults.append(Fault(number, label, code))
            yield name, EMPTY.get(name)
            continue
        try:
            yield name, _parser(name, heading)(cell)
        except BadCell as bad:
            faults.append(Fault(number, label, bad.code, bad.params))


def _parser(name: str, heading: Heading) -> Parser:
    return check.list_price if heading.is_price_list and name == "selling_price" else PARSERS[name]


def _has_key(texts: Mapping[str, str]) -> bool:
    return bool(texts.get("sku", "").strip() or texts.get("barcode", "").strip())


def _not_whole(number: int, values: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[Fault]:
    if values.get("unit", Unit.PIECE.value) != Unit.PIECE.value:
        return
    for name in ("safety_stock", "pack_size", "minimum_order"):
        if not is_whole(values.get(name, 0)):
            yield Fault(number, name, "not_whole", {"value": texts[name].strip()})


def _duplicates(rows: Iterable[CheckedRow], heading: Heading) -> Iterator[Fault]:
    """Two rows for one article number, barcode or item number contradict each other."""
    first_rows: dict[tuple[str, str], int] = {}
    for row in rows:
        for name in ("sku", "barcode", "plu"):
            value = row.values.get(name)
            if value is None:
                continue
            first = first_rows.setdefault((name, check.identity(name, value)), row.number)
            if first != row.number:
                params = {"value": value, "first": first, "second": row.number}
                yield Fault(row.number, heading.labels.get(name, name), "duplicate", params)


def store_prices(table: Table, store_code: str | None) -> dict[str, str]:
    """The price to charge by article number: of the chosen store, else of the one with most prices.

    A special price goes before the regular one. A product without a price there takes another store's, the
    fuller list first.

    Raises:
        CatalogFileRefused: the columns do not fit, or the file has no such store.
    """
    places = price_heading(table.columns).places
    by_store: dict[str, dict[str, str]] = {}
    for _, cells in table.rows:
        cell = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        price = cell["special_price_eur"] or cell["price_eur"]
        if price:
            by_store.setdefault(cell["store_code"], {})[cell["chain_product_id"]] = price
    fullest = sorted(by_store, key=lambda code: (code != store_code, -len(by_store[code]), code))
    if store_code is not None and store_code not in by_store:
        raise CatalogFileRefused("store_unknown", store=store_code, stores=", ".join(sorted(by_store)) or "none")
    prices: dict[str, str] = {}
    for code in reversed(fullest):
        prices |= by_store[code]
    return prices
