"""Money: integer minor units of the store's currency."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MINOR_DIGITS: Final = 2
MAX_AMOUNT: Final = 10**12


def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` rounded half away from zero, in integers only.

    Commercial rounding (DIN 1333, "kaufmännisches Runden"): 0.5 goes away from zero.
    """
    if denominator <= 0:
        raise ValueError("denominator must be positive")
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def from_text(text: str) -> int:
    """Minor units of a plain decimal text such as "1.99"; more than two decimals are rounded half up."""
    scaled = Decimal(text).scaleb(MINOR_DIGITS)
    return int(scaled.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def as_text(amount: int, digits: int = MINOR_DIGITS) -> str:
    """`amount` with a decimal point: 199 -> "1.99"."""
    return f"{Decimal(amount).scaleb(-digits):.{digits}f}"
