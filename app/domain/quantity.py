"""Quantities: integer thousandths (1 piece = 1000, 1 kg = 1000 g), so that every database is exact."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

ONE: Final = 1000


class Unit(StrEnum):
    """How a product is sold."""

    PIECE = "piece"
    KG = "kg"


def is_whole(quantity: int) -> bool:
    """Whether `quantity` is a whole number of pieces."""
    return quantity % ONE == 0


def as_text(quantity: int, unit: Unit | str = Unit.PIECE) -> str:
    """`quantity` for people: "3" pieces, "0.250" kg."""
    amount = Decimal(quantity).scaleb(-3)
    if unit == Unit.KG:
        return f"{amount:.3f}"
    return f"{amount.normalize():f}"
