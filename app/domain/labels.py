"""What stands on a label: its price by the kilogram or litre, its code, and the sheets labels are printed on."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

from app.domain import barcode, money, quantity
from app.domain.errors import ShopError
from app.domain.quantity import Unit

PRINTED_FIELDS: Final = frozenset({"name", "selling_price", "unit", "barcode", "net_quantity", "sku", "plu"})
"""Fields of a product that stand on its label: when one changes, the label is out of date."""
MOST_LABELS: Final = 480
"""Labels of one batch: twenty sheets, a second of work."""
_MEASURES: Final = {"kg": (1_000_000, "kg"), "g": (1000, "kg"), "l": (1_000_000, "l"), "dl": (100_000, "l"),
                    "cl": (10_000, "l"), "ml": (1000, "l")}  # fmt: skip
_CONTENTS: Final = re.compile(r"(?:(\d{1,3}) ?[x×*] ?)?(\d{1,6}(?:[.,]\d{1,3})?) ?(kg|g|l|dl|cl|ml)", re.IGNORECASE)


class SheetFormat(StrEnum):
    """Paper labels come on."""

    A4 = "a4_3x8"
    ROLL = "roll_58"


class Symbol(StrEnum):
    """How a code is drawn."""

    EAN13 = "ean13"
    EAN8 = "ean8"
    CODE128 = "code128"


class NothingToPrint(ShopError):
    """No label waits to be printed."""

    code = "nothing_to_print"


class LabelNotPossible(ShopError):
    """No in-store label can be made for this: `reason` is rule, plu, unit or weight."""

    code = "label_not_possible"


@dataclass(frozen=True, slots=True)
class PricePerMeasure:
    """Minor units for a kilogram or a litre."""

    amount: int
    measure: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label as printed: every text as it stands there, so that it can be printed again the same."""

    name: str
    price: str
    detail: str
    code: str | None
    symbol: str | None
    note: str
    printed_on: str

    def stored(self) -> dict[str, Any]:
        """For a batch that is kept."""
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From a batch that was kept."""
        return cls(**{name: stored[name] for name in cls.__slots__})


def per_measure(contents: str | None, price: int) -> PricePerMeasure | None:
    """What a kilogram or litre costs by "500 g", "0,75 l" or "6 x 330 ml"; None where the text says no such thing.

    Directive 98/6/EC asks for it on the shelf.
    """
    found = _CONTENTS.fullmatch((contents or "").strip())
    if found is None:
        return None
    thousandths_of_a_gram, measure = _MEASURES[found[3].lower()]
    whole, _, part = found[2].replace(",", ".").partition(".")
    thousandths = int(whole) * 1000 + int(part.ljust(3, "0") or "0")
    # thousandths of a measure × its millionths of a kg or litre: 10^-9 in all
    contained = int(found[1] or 1) * thousandths * thousandths_of_a_gram
    if contained <= 0:
        return None
    return PricePerMeasure(money.divide_half_up(price * 1_000_000_000, contained), measure)


def symbol_of(code: str | None) -> tuple[Symbol, str] | None:
    """How a product's key is drawn: GTINs as the trade prints them, everything else as Code 128."""
    if not code:
        return None
    if len(code) == 14 and barcode.is_gtin(code) and code[0] == "0":
        return (Symbol.EAN8, code[-8:]) if code.startswith("000000") else (Symbol.EAN13, code[-13:])
    return Symbol.CODE128, code


def shelf_label(product: Any, currency: str, today: date) -> Label:
    """The label on the shelf of a product."""
    drawn = symbol_of(product.barcode)
    price = f"{money.as_text(product.selling_price)} {currency}"
    by_measure = per_measure(product.net_quantity, product.selling_price)
    details = [product.net_quantity or ""]
    if by_measure is not None and product.unit == Unit.PIECE:
        details.append(f"{money.as_text(by_measure.amount)} {currency}/{by_measure.measure}")
    return Label(
        name=product.name, price=f"{price}/kg" if product.unit == Unit.KG else price,
        detail=" · ".join(detail for detail in details if detail), code=drawn[1] if drawn else None,
        symbol=drawn[0].value if drawn else None, note=product.sku, printed_on=today.isoformat(),
    )  # fmt: skip


def weight_label(product: Any, rule: barcode.LabelRule, *, grams: int, currency: str, today: date) -> Label:
    """The label of a weighed piece, with an in-store code that the tills read by the same rule.

    Raises:
        LabelNotPossible: the product is not sold by weight, has no item number, or does not fit the rule.
    """
    if product.unit != Unit.KG:
        raise LabelNotPossible(reason="unit")
    price = money.divide_half_up(product.selling_price * grams, quantity.ONE)
    try:
        code = barcode.make_label(rule, product.plu or "", grams if rule.value == "weight" else price)
    except ValueError:
        raise LabelNotPossible(reason="weight" if product.plu else "plu") from None
    by_kg = f"{money.as_text(product.selling_price)} {currency}/kg"
    return Label(
        name=product.name, price=f"{money.as_text(price)} {currency}",
        detail=f"{quantity.as_text(grams, Unit.KG)} kg × {by_kg}", code=code, symbol=Symbol.EAN13.value,
        note=product.sku, printed_on=today.isoformat(),
    )  # fmt: skip
