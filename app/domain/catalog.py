"""Checks of one cell of an imported product list: text in, value out, or a named fault."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from app.domain import barcode
from app.domain.errors import BarcodeCheckDigit, NotAProductCode, ShopError
from app.domain.money import as_text, from_text
from app.domain.quantity import ONE, Unit

MAX_PRICE: Final = 99_999_999
MAX_QUANTITY: Final = 1_000_000 * ONE
MOST_DAYS: Final = 3650
PLU_LENGTH: Final = 8
SKU_LENGTH: Final = 48
PRICE_RULE: Final = "write 1234.50, 1234,50, 1.234,50 or 1,234.50"

TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "required": "must not be empty",
        "too_long": "is %(length)s characters long, at most %(limit)s",
        "control_character": "contains the invisible character %(character)s",
        "not_a_number": "“%(value)s” is not a number",
        "price_form": "“%(value)s” is not a price: %(rule)s",
        "price_ambiguous": "“%(value)s” may be thousands or decimals: %(rule)s",
        "price_decimals": "“%(value)s” has more than two decimals",
        "negative": "“%(value)s” is negative",
        "zero": "must be more than zero",
        "over_limit": "“%(value)s” is over the limit of %(limit)s",
        "not_whole": "“%(value)s” is not a whole number of pieces",
        "decimals": "“%(value)s” has more than three decimals",
        "not_one_of": "“%(value)s” is none of %(choices)s",
        "barcode_lost_digits": "“%(value)s”: the barcode lost digits in Excel - format the column as text",
        "barcode_check_digit": "“%(value)s”: the check digit is wrong",
        "not_a_product_code": "“%(value)s” is not a product code",
        "duplicate": "“%(value)s” stands in rows %(first)s and %(second)s",
        "two_products": "the barcode belongs to article %(by_barcode)s, the article number to another product",
        "taken": "“%(value)s” already belongs to article %(owner)s",
        "no_price": "has no price in any store of the price file",
        "cells": "has %(found)s cells, the heading has %(expected)s",
    }
)
"""What each fault says; `%` parameters come with the fault, so that a page can say it in another language."""


class BadCell(ValueError):
    """A cell that cannot be used, with the code of why."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, Any] = params


@dataclass(frozen=True, slots=True)
class Fault:
    """One bad cell: row as a spreadsheet numbers it (heading = 1), column, and what is wrong."""

    row: int
    field: str
    code: str
    params: Mapping[str, Any] = dataclass_field(default_factory=dict)

    @property
    def reason(self) -> str:
        """What is wrong, in English."""
        return TEXTS[self.code] % self.params


FILE_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "file_missing": "There is no file %(name)s.",
        "too_large": "The file is larger than the limit of %(limit)s MB.",
        "unpacks_too_large": "The file unpacks to more than the limit of %(limit)s MB.",
        "too_many_parts": "The file has %(found)s parts, the limit is %(limit)s.",
        "too_many_rows": "The file has more than %(limit)s rows.",
        "too_many_columns": "The file has more than %(limit)s columns.",
        "no_data_rows": "The file has no data rows.",
        "encoding": "The encoding is not recognised: save the file as UTF-8.",
        "unbalanced_quote": "Unbalanced quote near row %(row)s.",
        "old_excel": "This is an old or password-protected Excel file: save it as .xlsx without a password, or as CSV.",
        "macros": "The file contains macros: save it as .xlsx or as CSV.",
        "kind": "A %(kind)s file is not read: send .csv, .csv.gz or .xlsx.",
        "damaged": "The file is damaged and cannot be read.",
        "column_twice": "The column %(columns)s stands there more than once.",
        "columns": "The columns do not fit: %(problems)s. Expected: %(expected)s. Found: %(found)s.",
        "no_key_column": "The file has neither a column sku nor a column barcode.",
        "prices_missing": "This price list has its prices in a second file: name that too.",
        "prices_unwanted": "A file of store prices only goes with a price list.",
        "store_unknown": "The price file has no store %(store)s; it has %(stores)s.",
    }
)


class CatalogFileRefused(ShopError):
    """The file as a whole cannot be used; `why` is a key of `FILE_TEXTS`."""

    code = "catalog_file_refused"

    def __init__(self, why: str, **params: Any) -> None:
        self.why = why
        self.reason = FILE_TEXTS[why] % params
        super().__init__(why=why, reason=self.reason, **params)


def text(value: str, *, limit: int) -> str:
    """`value` with runs of blanks joined, checked for length and for characters nobody can see."""
    for char in value:
        if _is_hidden(char):
            raise BadCell("control_character", character=f"U+{ord(char):04X}")
    joined = " ".join(value.split())
    if len(joined) > limit:
        raise BadCell("too_long", length=len(joined), limit=limit)
    return joined


def _is_hidden(char: str) -> bool:
    if char.isspace() and char in " \t\u00a0\u3000":
        return False
    # Cc: control characters; Cf holds the marks that turn the reading direction around.
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def price(value: str) -> int:
    """Minor units of a price as people write it; see `PRICE_RULE`."""
    amount = _decimal(value, "price_form")
    if amount < 0:
        raise BadCell("negative", value=_shown(value))
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        raise BadCell("price_decimals", value=_shown(value))
    if cents > MAX_PRICE:
        raise BadCell("over_limit", value=_shown(value), limit=f"{Decimal(MAX_PRICE).scaleb(-2):,}")
    return int(cents)


def positive_price(value: str) -> int:
    """A price that is not zero."""
    amount = price(value)
    if amount == 0:
        raise BadCell("zero")
    return amount


def list_price(value: str) -> int:
    """Minor units of a machine-written price: a point before the decimals, a third one rounded half up."""
    if re.fullmatch(r"\d{1,9}\.\d{3,}", value.strip()):
        value = as_text(from_text(value.strip()))
    return positive_price(value)


_GROUPED: Final = re.compile(r"[+-]?\d{1,3}([.,' ])\d{3}(\1\d{3})*([.,]\d+)?")
_PLAIN: Final = re.compile(r"[+-]?\d+([.,]\d+)?")


def _decimal(value: str, fault: str) -> Decimal:
    """The number in `value` with a point or a comma as the decimal sign."""
    compact = value.strip().replace("\u00a0", " ").replace("\u202f", " ").removeprefix("€").removesuffix("€").strip()
    if re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", compact) and not compact.lstrip("+-").startswith("0"):
        raise BadCell("price_ambiguous", value=_shown(value), rule=PRICE_RULE)
    grouped = _GROUPED.fullmatch(compact)
    if grouped and grouped.group(3) and grouped.group(3)[0] == grouped.group(1):
        raise BadCell(fault, value=_shown(value), rule=PRICE_RULE)
    if grouped:
        compact = compact.replace(grouped.group(1), "")
    elif not _PLAIN.fullmatch(compact):
        raise BadCell(fault, value=_shown(value), rule=PRICE_RULE)
    return Decimal(compact.replace(",", "."))


def quantity(value: str) -> int:
    """Thousandths of a quantity such as "12", "0.5" or "0,250"."""
    compact = value.strip()
    if not _PLAIN.fullmatch(compact):
        raise BadCell("not_a_number", value=_shown(value))
    amount = Decimal(compact.replace(",", "."))
    if amount < 0:
        raise BadCell("negative", value=_shown(value))
    thousandths = amount.scaleb(3)
    if thousandths != thousandths.to_integral_value():
        raise BadCell("decimals", value=_shown(value))
    if thousandths > MAX_QUANTITY:
        raise BadCell("over_limit", value=_shown(value), limit=MAX_QUANTITY // ONE)
    return int(thousandths)


def positive_quantity(value: str) -> int:
    """A quantity that is not zero."""
    amount = quantity(value)
    if amount == 0:
        raise BadCell("zero")
    return amount


def days(value: str) -> int:
    """Whole days from 1 to ten years."""
    compact = value.strip()
    if not (compact.isascii() and compact.isdigit()):
        raise BadCell("not_a_number", value=_shown(value))
    if int(compact[:9]) == 0:
        raise BadCell("zero")
    if len(compact) > len(str(MOST_DAYS)) or int(compact) > MOST_DAYS:
        raise BadCell("over_limit", value=_shown(value), limit=MOST_DAYS)
    return int(compact)


def code(value: str) -> str:
    """The normalised form of a barcode cell."""
    compact = value.strip()
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", compact):
        raise BadCell("barcode_lost_digits", value=_shown(value))
    try:
        return barcode.normalise(compact)
    except BarcodeCheckDigit:
        raise BadCell("barcode_check_digit", value=_shown(value)) from None
    except NotAProductCode:
        raise BadCell("not_a_product_code", value=_shown(value)) from None


def article_number(value: str) -> str:
    """A sku: plain ASCII without blanks at its ends, never read as a number."""
    compact = text(value, limit=SKU_LENGTH)
    if not compact.isascii():
        raise BadCell("not_a_product_code", value=_shown(value))
    return compact


def item_number(value: str) -> str:
    """A PLU: up to eight digits, as printed on in-store labels."""
    compact = value.strip()
    if not (compact.isascii() and compact.isdigit() and len(compact) <= PLU_LENGTH):
        raise BadCell("not_a_product_code", value=_shown(value))
    return compact


def identity(name: str, value: str) -> str:
    """What no two products may share of a number: labels fill up item numbers with zeros that mean nothing."""
    return value.lstrip("0") if name == "plu" else value


def with_any_zeros(plu: str) -> list[str]:
    """Every way to write an item number."""
    bare = plu.lstrip("0")
    return [bare.zfill(digits) for digits in range(max(len(bare), 1), PLU_LENGTH + 1)] if plu else []


def one_of(value: str, choices: tuple[str, ...]) -> str:
    """`value` in lower case when it is one of `choices`."""
    compact = value.strip().lower()
    if compact not in choices:
        raise BadCell("not_one_of", value=_shown(value), choices=", ".join(choices))
    return compact


def unit(value: str) -> str:
    """`piece` or `kg`."""
    return one_of(value, tuple(Unit))


def yes_no(value: str) -> bool:
    """`yes` or `no`."""
    return one_of(value, ("yes", "no")) == "yes"


@dataclass(frozen=True, slots=True, order=True)
class FurtherCode:
    """A further barcode: what it sells, in thousandths, and the price of the whole pack when it has its own."""

    code: str
    pack_quantity: int = ONE
    pack_price: int | None = None


def further_codes(value: str) -> tuple[FurtherCode, ...]:
    """Codes divided by blanks, each `CODE`, `CODE*12` (a carton of 12) or `CODE*12@9.99` (at its own price)."""
    return tuple(sorted({_further_code(part) for part in value.split()}))


def _further_code(part: str) -> FurtherCode:
    body, _, pack_price = part.partition("@")
    plain, _, pack = body.partition("*")
    return FurtherCode(
        code(plain), positive_quantity(pack) if pack else ONE, positive_price(pack_price) if pack_price else None
    )


def _shown(value: str) -> str:
    return barcode.shown(value)
