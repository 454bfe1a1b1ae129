"""How much to order, why, and what an order may refuse.

The rule is the order-up-to level of a periodic review: S = d·(L + R) + SS, with d the mean demand a day, L the
lead time, R the days until somebody orders again and SS the safety stock (Silver, Pyke, Thomas: Inventory and
Production Management in Supply Chains, chapter on the (R, s, S) policy). It acts when available stock plus what is
on order is below SS, and orders whole packs. A product that has hardly sold still gets up to twice its safety stock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final

from app.domain.errors import ShopError
from app.domain.quantity import ONE, Unit, as_text

HISTORY_DAYS: Final = 28
REVIEW_DAYS: Final = 3
LEAST_COVER: Final = 2


class State(StrEnum):
    """The life of an order."""

    DRAFT = "draft"
    APPROVED = "approved"
    PLACED = "placed"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class NotWholePacks(ShopError):
    """A supplier delivers whole packs, at least one; `pack_size` says how many make one."""

    code = "not_whole_packs"


class OrderLineUnknown(ShopError):
    """`lines` are not lines of that order."""

    code = "order_line_unknown"


class SupplierInactive(ShopError):
    """Nothing new is ordered from this supplier."""

    code = "supplier_inactive"


class NothingCounted(ShopError):
    """A delivery without a single counted line."""

    code = "nothing_counted"


class ReceiptUuidConflict(ShopError):
    """This UUID already stands for another delivery."""

    code = "receipt_uuid_conflict"


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of one product in one store; quantities in thousandths.

    `sold` is what left the shop in the last `days` closed days, net of returns; no days mean no history.
    """

    available: int
    on_order: int
    safety_stock: int
    sold: int
    days: int
    lead_time_days: int
    pack_size: int
    unit: str = Unit.PIECE.value

    def __post_init__(self) -> None:
        if self.pack_size <= 0:
            raise ValueError("pack size must be positive")
        if self.lead_time_days < 0 or self.days < 0:
            raise ValueError("days must not be negative")
        if self.safety_stock < 0 or self.on_order < 0:
            raise ValueError("safety stock and on order must not be negative")

    @property
    def position(self) -> int:
        """What is there to sell plus what will come."""
        return self.available + self.on_order

    @property
    def is_short(self) -> bool:
        """Whether an order is due."""
        return self.position < self.safety_stock


def target(need: Need) -> int:
    """The level to order up to, in thousandths; see the head of this file."""
    demand = -(-max(need.sold, 0) * (need.lead_time_days + REVIEW_DAYS) // need.days) if need.days else 0
    return max(need.safety_stock + demand, LEAST_COVER * need.safety_stock)


def packs_to_order(need: Need) -> int:
    """Whole packs that bring a short product to its target or just above it; 0 when nothing is short."""
    if not need.is_short:
        return 0
    return -(-(target(need) - need.position) // need.pack_size)


def quantity_to_order(need: Need) -> int:
    """The same in thousandths."""
    return packs_to_order(need) * need.pack_size


def reason_of(need: Need) -> dict[str, Any]:
    """The figures behind an order line, as stored with it."""
    return {
        "unit": need.unit,
        "sold": need.sold,
        "days": need.days,
        "available": need.available,
        "on_order": need.on_order,
        "safety_stock": need.safety_stock,
        "lead_time_days": need.lead_time_days,
        "review_days": REVIEW_DAYS,
        "target": target(need),
        "pack_size": need.pack_size,
        "quantity": quantity_to_order(need),
    }


def _(text: str) -> str:
    """Mark a text for the translators; the caller translates."""
    return text


SELLS: Final = _("Sells %(daily)s a day")
NOT_SOLD: Final = _("Not sold lately")
STOCK: Final = _("%(available)s available of safety stock %(safety)s, %(on_order)s on order")
ONE_DAY: Final = _("delivery in 1 day")
DAYS: Final = _("delivery in %(days)s days")
ONE_PACK: Final = _("%(quantity)s ordered = 1 pack of %(pack)s")
PACKS: Final = _("%(quantity)s ordered = %(packs)s packs of %(pack)s")
CHANGED: Final = _("changed by hand to %(edited)s")
JOIN: Final = _("; ")
STOP: Final = _(".")


def reason_sentence(reason: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """One sentence that says why a line was ordered, in the language of `translate` (English without one).

    A line that somebody wrote by hand has no figures and gives an empty text.
    """
    if "target" not in reason:
        return ""
    figures = _figures(reason)
    parts = [
        SELLS if reason["sold"] > 0 and reason["days"] else NOT_SOLD,
        STOCK,
        ONE_DAY if reason["lead_time_days"] == 1 else DAYS,
        ONE_PACK if figures["packs"] == "1" else PACKS,
        *([CHANGED] if "edited" in reason else []),
    ]
    return translate(JOIN).join(translate(part) % figures for part in parts) + translate(STOP)


def _figures(reason: Mapping[str, Any]) -> dict[str, str]:
    def shown(quantity: int) -> str:
        text = as_text(quantity, reason["unit"])
        return f"{text} kg" if reason["unit"] == Unit.KG else text

    return {
        "daily": _daily(reason["sold"], reason["days"], reason["unit"]),
        "available": shown(reason["available"]),
        "safety": shown(reason["safety_stock"]),
        "on_order": shown(reason["on_order"]),
        "days": str(reason["lead_time_days"]),
        "quantity": shown(reason["quantity"]),
        "packs": str(reason["quantity"] // reason["pack_size"]),
        "pack": shown(reason["pack_size"]),
        "edited": shown(reason.get("edited", 0)),
    }


def _daily(sold: int, days: int, unit: str) -> str:
    """Pieces or kg a day with one decimal, two for slow sellers."""
    if days == 0:
        return "0"
    rate = Decimal(sold) / (days * ONE)
    step = Decimal("0.01") if rate < 1 else Decimal("0.1")
    text = f"{rate.quantize(step, ROUND_HALF_UP)}"
    return f"{text} kg" if unit == Unit.KG else text
