"""What makes a basket a sale: line checks, merging, shortages and payments."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.domain.errors import ChangeOnlyCash, InvalidBasket, LineFault, PaymentAmount, PaymentShort
from app.domain.money import MAX_AMOUNT
from app.domain.pricing import PriceTag, Tendered, change_due, line_total
from app.domain.quantity import ONE, Unit, is_whole

MAX_LINES: Final = 500
MAX_QUANTITY: Final = 999 * ONE


class Tender(StrEnum):
    """Ways of paying."""

    CASH = "cash"
    CARD = "card"
    MOBILE = "mobile"


class Policy(StrEnum):
    """What happens when the books hold less than the basket wants."""

    BLOCK = "block"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line as the till sends it: no prices; `barcode` as scanned says which price holds."""

    product_id: int
    quantity: int
    barcode: str | None = None


class Article(NamedTuple):
    """A product as the till needs it, in one store. `policy` is the effective one, `revision` its stock level's."""

    product_id: int
    sku: str
    barcode: str | None
    plu: str | None
    name: str
    unit: str
    unit_price: int
    unit_cost: int
    category: str
    policy: str
    is_archived: bool
    is_stocked: bool
    on_hand: int
    reserved: int
    revision: int = 0

    @property
    def available(self) -> int:
        """What may still be sold, by the books."""
        return self.on_hand - self.reserved


class PricedLine(NamedTuple):
    """A line with its price tag; `total` in minor units."""

    article: Article
    quantity: int
    tag: PriceTag
    barcode: str | None = None

    @property
    def total(self) -> int:
        """What the line costs."""
        return line_total(self.quantity, self.tag)


@dataclass(frozen=True, slots=True)
class Shortage:
    """One product the books cannot cover."""

    product_id: int
    name: str
    wanted: int
    available: int
    policy: str


@dataclass(frozen=True)
class NewSale:
    """A basket to ring up. `uuid` is made by the till, once per basket, and makes retries harmless."""

    uuid: UUID
    store_id: int
    till: str
    cashier_id: int
    lines: tuple[BasketLine, ...]
    payments: tuple[Tendered, ...]
    expected_total: int
    goods_in_hand: bool = False
    approver_id: int | None = None
    cashier_name: str = ""

    @cached_property
    def request_hash(self) -> str:
        """What makes two requests with one UUID the same: lines, payments and the total shown."""
        content = (
            [(line.product_id, line.quantity, line.barcode) for line in self.lines],
            [(payment.tender, payment.amount) for payment in self.payments],
            self.expected_total,
        )
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def check_size(lines: Sequence[BasketLine]) -> None:
    """Refuse an empty or endless basket.

    Raises:
        InvalidBasket: `empty_basket` or `too_many_lines`.
    """
    if not lines:
        raise InvalidBasket([LineFault(0, "empty_basket", {})])
    if len(lines) > MAX_LINES:
        raise InvalidBasket([LineFault(MAX_LINES, "too_many_lines", {"limit": MAX_LINES})])


def line_fault(place: int, line: BasketLine, article: Article | None) -> LineFault | None:
    """What is wrong with a line by itself, or None."""
    if article is None:
        return LineFault(place, "product_unknown", {"product_id": line.product_id})
    if article.is_archived:
        return LineFault(place, "product_archived", {"product_id": line.product_id, "name": article.name})
    if line.quantity <= 0:
        return LineFault(place, "quantity_out_of_range", {"quantity": line.quantity})
    if line.quantity > MAX_QUANTITY:
        return LineFault(place, "quantity_over_limit", {"limit": MAX_QUANTITY // ONE})
    if article.unit == Unit.PIECE and not is_whole(line.quantity):
        return LineFault(place, "quantity_not_whole", {"quantity": line.quantity})
    return None


def merge(lines: Iterable[PricedLine]) -> list[PricedLine]:
    """Join lines of one product at one price tag, in order of first appearance; printed labels stay apart."""
    merged: dict[Any, PricedLine] = {}
    for place, line in enumerate(lines):
        is_label = line.tag.label_total is not None
        key = place if is_label else (line.article.product_id, line.tag)
        known = merged.get(key)
        merged[key] = known._replace(quantity=known.quantity + line.quantity) if known else line
    return list(merged.values())


def basket_total(lines: Iterable[PricedLine]) -> int:
    """What the basket costs."""
    return sum(line.total for line in lines)


def wanted_by_product(lines: Iterable[PricedLine]) -> dict[int, int]:
    """Thousandths per stocked product."""
    wanted: dict[int, int] = {}
    for line in lines:
        if line.article.is_stocked:
            product_id = line.article.product_id
            wanted[product_id] = wanted.get(product_id, 0) + line.quantity
    return wanted


def shortages(lines: Sequence[PricedLine], available: Mapping[int, int]) -> list[Shortage]:
    """Every product of which the basket wants more than is available."""
    articles = {line.article.product_id: line.article for line in lines}
    return [
        Shortage(product_id, articles[product_id].name, wanted, available[product_id], articles[product_id].policy)
        for product_id, wanted in wanted_by_product(lines).items()
        if wanted > available[product_id]
    ]


def check_payments(total: int, payments: Sequence[Tendered]) -> int:
    """The change to give.

    Raises:
        PaymentAmount: a payment that is not positive or absurdly large, or two of one tender.
        PaymentShort: less than `total`.
        ChangeOnlyCash: card or mobile payments alone exceed `total`.
    """
    tenders = [payment.tender for payment in payments]
    # A barcode scanned into the field of the cash: sums of such amounts are more than a database can hold.
    if not all(0 < payment.amount <= MAX_AMOUNT for payment in payments) or len(set(tenders)) < len(tenders):
        raise PaymentAmount()
    change = change_due(total, payments)
    if change < 0:
        raise PaymentShort(total=total, missing=-change)
    cash = sum(payment.amount for payment in payments if payment.tender == Tender.CASH)
    if change > cash or (change and change == cash):
        raise ChangeOnlyCash(total=total)
    return change
