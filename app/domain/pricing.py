"""What a line and a basket cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.domain.money import divide_half_up
from app.domain.quantity import ONE


class PriceTag(NamedTuple):
    """The price in force for one scan.

    `unit_price` is minor units per piece or kg; a carton code has `pack_price` for `pack_quantity`
    thousandths; an in-store label has its printed `label_total`, kept to the cent.
    """

    unit_price: int
    pack_quantity: int | None = None
    pack_price: int | None = None
    label_total: int | None = None


def line_total(quantity: int, tag: PriceTag) -> int:
    """Minor units for `quantity` thousandths under `tag`, rounded half up once per line."""
    if tag.label_total is not None:
        return tag.label_total
    if tag.pack_price is not None and tag.pack_quantity:
        return divide_half_up(quantity * tag.pack_price, tag.pack_quantity)
    return divide_half_up(quantity * tag.unit_price, ONE)


def quantity_for_total(total: int, unit_price: int) -> int:
    """Thousandths that `total` buys at `unit_price`: how a price-embedded label gives its weight."""
    if unit_price <= 0:
        raise ValueError("unit price must be positive")
    return divide_half_up(total * ONE, unit_price)


@dataclass(frozen=True, slots=True)
class Tendered:
    """One payment as the cashier took it."""

    tender: str
    amount: int


def change_due(total: int, payments: Iterable[Tendered]) -> int:
    """Cash to hand back (negative: still to pay)."""
    return sum(payment.amount for payment in payments) - total
