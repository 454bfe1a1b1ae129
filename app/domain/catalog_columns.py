"""The columns of a product list: which form a heading has, and what a misspelt one meant."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from app.domain.catalog import CatalogFileRefused

OWN: Final = (
    "sku", "barcode", "name", "brand", "category", "supplier", "unit", "purchase_price", "selling_price",
    "safety_stock", "pack_size", "minimum_order", "shelf_life_days", "net_quantity", "shelf", "plu",
    "shortage_policy", "further_barcodes", "stocked", "archived",
)  # fmt: skip
"""Aisle's own form, in the order of the export."""
REQUIRED: Final = ("name", "category", "selling_price")

PRICE_LIST: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chain_product_id": "sku",
        "ean": "barcode",
        "name": "name",
        "brand": "brand",
        "net_quantity": "net_quantity",
        "sale_unit": "unit",
        "category_en": "category",
    }
)
"""Columns of a public price list and what they are called here."""
PRICE_LIST_IGNORED: Final = ("category_hr",)
STORE_PRICES: Final = ("store_code", "chain_product_id", "price_eur", "special_price_eur")
STORE_PRICES_IGNORED: Final = ("date", "unit_price_eur", "lowest_price_30d_eur", "anchor_price_20250502_eur")


@dataclass(frozen=True, slots=True)
class Heading:
    """Where each of our columns stands in the file, and what the file calls it."""

    places: Mapping[str, int]
    labels: Mapping[str, str]
    is_price_list: bool = False


def plain(name: str) -> str:
    """A column name as it is compared: "Selling price " -> "selling_price"."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def product_heading(columns: Sequence[str]) -> Heading:
    """Recognise Aisle's own form or a price list.

    Raises:
        CatalogFileRefused: a column is missing, doubled or unknown; says which was expected and found.
    """
    names = _names(columns)
    if "chain_product_id" in names:
        _refuse_wrong(names, (*PRICE_LIST, *PRICE_LIST_IGNORED), tuple(PRICE_LIST))
        places = {ours: names.index(theirs) for theirs, ours in PRICE_LIST.items()}
        return Heading(places, {ours: theirs for theirs, ours in PRICE_LIST.items()}, is_price_list=True)
    _refuse_wrong(names, OWN, REQUIRED)
    if not {"sku", "barcode"} & set(names):
        raise CatalogFileRefused("no_key_column")
    return Heading({name: place for place, name in enumerate(names) if name}, {name: name for name in OWN})


def price_heading(columns: Sequence[str]) -> Heading:
    """The columns of a file of store prices; same refusals."""
    names = _names(columns)
    _refuse_wrong(names, (*STORE_PRICES, *STORE_PRICES_IGNORED), STORE_PRICES)
    return Heading({name: names.index(name) for name in STORE_PRICES}, {name: name for name in STORE_PRICES})


def _names(columns: Sequence[str]) -> list[str]:
    names = [plain(column) for column in columns]
    doubled = sorted({name for name in names if name and names.count(name) > 1})
    if doubled:
        raise CatalogFileRefused("column_twice", columns=", ".join(doubled))
    return names


def _refuse_wrong(names: Sequence[str], known: tuple[str, ...], required: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in names]
    unknown = [name for name in names if name and name not in known]
    if not missing and not unknown:
        return
    problems = [f"missing {', '.join(missing)}"] if missing else []
    problems += [f"unknown {_with_guess(name, known, names)}" for name in unknown]
    found = ", ".join(name[:40] for name in names[:64] if name)
    raise CatalogFileRefused("columns", problems="; ".join(problems), expected=", ".join(known), found=found)


def _with_guess(name: str, known: tuple[str, ...], names: Sequence[str]) -> str:
    free = [one for one in known if one not in names]
    near = difflib.get_close_matches(name[:60], free, n=1, cutoff=0.6)
    return f"{name[:40]} (did you mean {near[0]}?)" if near else name[:40]
