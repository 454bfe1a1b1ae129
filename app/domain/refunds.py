"""What comes back of a sale: how much, for how much, to which tenders. Integers only."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.checkout import MAX_LINES, Tender
from app.domain.errors import (
    InvalidBasket,
    LineFault,
    QuantityOutOfRange,
    RefundExceeds,
    RefundLineMismatch,
    ShopError,
)  # fmt: skip
from app.domain.money import divide_half_up
from app.domain.pricing import Tendered
from app.domain.quantity import Unit, is_whole

# Money that leaves no cash first: a card refund cannot be stolen from the drawer.
ORDER: Final = (Tender.CARD.value, Tender.MOBILE.value, Tender.CASH.value)


class NothingReturned(ShopError):
    """A refund without lines."""

    code = "nothing_returned"


class Destination(StrEnum):
    """Where returned goods go."""

    SHELF = "shelf"
    WASTE = "waste"


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Thousandths of one sale line that come back."""

    line_id: int
    quantity: int
    to: str


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A refund to make. `uuid` is made by the till, once per refund, and makes retries harmless.

    `may_exceed_limit`: the cashier may refund any amount; else `approver_id` names who agreed.
    """

    uuid: UUID
    sale_uuid: UUID
    store_id: int
    till: str
    cashier_id: int
    lines: tuple[ReturnedLine, ...]
    reason: str
    approver_id: int | None = None
    may_exceed_limit: bool = False

    @property
    def request_hash(self) -> str:
        """What makes two requests with one UUID the same: the sale, the lines and the reason."""
        content = {
            "sale": str(self.sale_uuid),
            "lines": [asdict(line) for line in self.lines],
            "reason": self.reason,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of the sale and how much of it has come back already."""

    id: int
    product_id: int
    name: str
    unit: str
    quantity: int
    total: int
    is_stocked: bool
    returned: int


@dataclass(frozen=True, slots=True)
class RefundedLine:
    """A returned line with its amount in minor units."""

    sold: SoldLine
    quantity: int
    amount: int
    to: str


def share(sold: SoldLine, quantity: int) -> int:
    """What the first `quantity` of a line cost: proportional, rounded half up, all of it for all of it."""
    return divide_half_up(sold.total * quantity, sold.quantity)


def refunded_lines(sold: Mapping[int, SoldLine], wanted: Sequence[ReturnedLine]) -> list[RefundedLine]:
    """The lines with their amounts; however a line is split into returns, the amounts add up to its total.

    Raises:
        NothingReturned: no lines.
        RefundLineMismatch: lines of another sale; names all.
        QuantityOutOfRange: quantities that are not positive; names all.
        InvalidBasket: part of a piece, or too many lines.
        RefundExceeds: more than was sold and not yet returned; names every line.
    """
    _check(sold, wanted)
    gone = {line.id: line.returned for line in sold.values()}
    found = []
    for line in wanted:
        of, before = sold[line.line_id], gone[line.line_id]
        amount = share(of, before + line.quantity) - share(of, before)
        gone[line.line_id] = before + line.quantity
        found.append(RefundedLine(of, line.quantity, amount, line.to))
    return found


def _check(sold: Mapping[int, SoldLine], wanted: Sequence[ReturnedLine]) -> None:
    if not wanted:
        raise NothingReturned
    if len(wanted) > MAX_LINES:
        raise InvalidBasket([LineFault(MAX_LINES, "too_many_lines", {"limit": MAX_LINES})])
    if foreign := [line.line_id for line in wanted if line.line_id not in sold]:
        raise RefundLineMismatch(lines=foreign)
    if wrong := [asdict(line) for line in wanted if line.quantity <= 0]:
        raise QuantityOutOfRange(lines=wrong)
    parts = [
        LineFault(place, "quantity_not_whole", {"quantity": line.quantity})
        for place, line in enumerate(wanted)
        if sold[line.line_id].unit == Unit.PIECE and not is_whole(line.quantity)
    ]
    if parts:
        raise InvalidBasket(parts)
    _check_left(sold, wanted)


def _check_left(sold: Mapping[int, SoldLine], wanted: Iterable[ReturnedLine]) -> None:
    asked: Counter[int] = Counter()
    for line in wanted:
        asked[line.line_id] += line.quantity
    beyond = [
        {"line_id": key, "name": sold[key].name, "wanted": quantity, "left": sold[key].quantity - sold[key].returned}
        for key, quantity in asked.items()
        if quantity > sold[key].quantity - sold[key].returned
    ]
    if beyond:
        raise RefundExceeds(lines=beyond)


def money_back(total: int, paid: Mapping[str, int]) -> list[Tendered]:
    """`total` spread over what each tender paid (net of change and of earlier refunds): card, mobile, then cash.

    Raises:
        RefundExceeds: more than was paid and not yet given back.
    """
    found, left = [], total
    for tender in ORDER:
        amount = min(left, max(paid.get(tender, 0), 0))
        if amount:
            found.append(Tendered(tender, amount))
            left -= amount
    if left:
        raise RefundExceeds(total=total, missing=left)
    return found
