"""How much to order, why, and what an order may refuse.

The rule is the (R, s, S) policy (Silver, Pyke, Thomas: Inventory and Production Management in Supply Chains): below
the reorder point s, order whole packs up to S. L is the lead time, R the days until somebody orders again.

With a forecast, s is what is needed in L days and the one in which the order is approved, S what is needed in L + R
days; both are exceeded as rarely as the service level of the category allows. The shop calls s "safety stock": the
level below which an order is written. A manager may pin it; then S is the mean demand of L + R days on top of it.

Without one, S = d·(L + R) + SS with d the mean of the last four weeks; a product that has hardly sold still gets up
to twice its safety stock.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from app.domain import forecast
from app.domain.errors import ShopError
from app.domain.forecast import Outlook
from app.domain.quantity import ONE, Unit
from app.domain.replenishment_reason import reason_sentence as reason_sentence

HISTORY_DAYS: Final = 28
REVIEW_DAYS: Final = 3
APPROVAL_DAYS: Final = 1
LEAST_COVER: Final = 2
PER_MILLE: Final = 1000


class State(StrEnum):
    """The life of an order."""

    DRAFT = "draft"
    APPROVED = "approved"
    PLACED = "placed"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class SeenLine:
    """What one was shown to be ordered of a product: thousandths, and minor units each."""

    product_id: int
    quantity: int
    unit_cost: int


class OrderChanged(ShopError):
    """The order is no longer what was seen; `products` are those that differ, `lines` the ones in force."""

    code = "order_changed"


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
class Demand:
    """What a forecast says of one product for ordering; thousandths, `service_level` of 1000.

    `mean` and `most` are those of the days until a later order would arrive, `reorder` what is needed until this one
    does. `daily` is the rate the stock then lasts by; `in_shelf_life` what sells before goods delivered spoil.
    """

    daily: int
    mean: int
    most: int
    reorder: int
    service_level: int
    method: str
    wape: float | None = None
    in_shelf_life: int | None = None


def demand_of(
    outlook: Outlook, today: date, *, lead_time_days: int, service_level: int, shelf_life_days: int | None = None
) -> Demand:
    """Read off a forecast what ordering needs to know today."""
    days, level = lead_time_days + REVIEW_DAYS, service_level / PER_MILLE
    mean = forecast.expected(outlook, today, days)
    return Demand(
        daily=round(mean / days),
        mean=mean,
        most=forecast.needed(outlook, today, days, level),
        reorder=forecast.needed(outlook, today, lead_time_days + APPROVAL_DAYS, level),
        service_level=service_level,
        method=outlook.method,
        wape=outlook.wape,
        in_shelf_life=None if shelf_life_days is None else forecast.expected(outlook, today, shelf_life_days),
    )


def proposed_safety(demand: Demand, unit: str) -> int | None:
    """The level below which an order should be written; None for what is not expected to sell.

    At least one piece of anything that sells: a product that is gone sells nothing, and would be forgotten.
    """
    if demand.most <= 0:
        return None
    whole = -(-demand.reorder // ONE) * ONE if unit == Unit.PIECE else demand.reorder
    return max(whole, ONE)


@dataclass(frozen=True, slots=True)
class Need:
    """What is known of one product in one store; quantities in thousandths.

    `sold` is what left the shop in the last `days` closed days, net of returns; no days mean no history. `demand` is
    what the forecast expects, None without one that holds. `is_pinned`: a manager has set the safety stock.
    """

    available: int
    on_order: int
    safety_stock: int
    sold: int
    days: int
    lead_time_days: int
    pack_size: int
    unit: str = Unit.PIECE.value
    demand: Demand | None = None
    is_pinned: bool = False
    minimum_order: int = 0

    def __post_init__(self) -> None:
        if self.pack_size <= 0:
            raise ValueError("pack size must be positive")
        if self.lead_time_days < 0 or self.days < 0:
            raise ValueError("days must not be negative")
        if self.safety_stock < 0 or self.on_order < 0 or self.minimum_order < 0:
            raise ValueError("safety stock, on order and the least order must not be negative")

    @property
    def position(self) -> int:
        """What is there to sell plus what will come."""
        return self.available + self.on_order

    @property
    def is_short(self) -> bool:
        """Whether an order is due."""
        return self.position < self.safety_stock

    @property
    def spoils_above(self) -> int | None:
        """More than this would not be sold before it spoils; None for what keeps."""
        return None if self.demand is None else self.demand.in_shelf_life


def target(need: Need) -> int:
    """The level to order up to, in thousandths; see the head of this file."""
    if need.demand is None:
        demand = -(-max(need.sold, 0) * (need.lead_time_days + REVIEW_DAYS) // need.days) if need.days else 0
        return max(need.safety_stock + demand, LEAST_COVER * need.safety_stock)
    wanted = need.safety_stock + need.demand.mean if need.is_pinned else max(need.demand.most, need.safety_stock)
    return wanted if need.spoils_above is None else min(wanted, max(need.spoils_above, need.safety_stock))


def packs_to_order(need: Need) -> int:
    """Whole packs that bring a short product to its target or just above it; 0 when nothing is short.

    Never less than the supplier's least order; a pack that would spoil is left out as long as one remains.
    """
    if not need.is_short:
        return 0
    least = max(-(-need.minimum_order // need.pack_size), 1)
    packs = max(-(-(target(need) - need.position) // need.pack_size), least)
    if need.spoils_above is not None:
        packs = min(packs, max((need.spoils_above - need.position) // need.pack_size, least))
    return packs


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
        **({"minimum_order": need.minimum_order} if need.minimum_order else {}),
        **({} if need.demand is None else {"forecast": _forecast_part(need, need.demand)}),
    }


def _forecast_part(need: Need, demand: Demand) -> dict[str, Any]:
    after = max(need.position + quantity_to_order(need), 0)
    return {
        "daily": demand.daily,
        "mean": demand.mean,
        "most": demand.most,
        "service_level": demand.service_level,
        "method": demand.method,
        "wape": None if demand.wape is None else round(demand.wape, 3),
        "cover_days": round(after / demand.daily) if demand.daily else None,
        "is_pinned": need.is_pinned,
        "spoils_above": demand.in_shelf_life,
    }
