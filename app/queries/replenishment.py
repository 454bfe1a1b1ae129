"""Questions about what is short and what is on order."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, case, exists, func, select
from sqlalchemy.orm import Session

from app.domain.replenishment import State
from app.models.catalog import Category, Product, Supplier
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.reports import DailySales, SummarisedDay
from app.models.stock import StockLevel, Store
from app.queries.locks import BY_KEY

FIRM: Final = (State.APPROVED.value, State.PLACED.value)
"""An order that a manager has approved: top-ups leave it alone."""


def effective_safety() -> ColumnElement[int]:
    """Safety stock of a level: its own, else the product's in a shop, else none."""
    inherited = case((Store.kind == "shop", Product.safety_stock), else_=0)
    return func.coalesce(StockLevel.safety_stock, inherited)


def on_order() -> ScalarSelect[int]:
    """Thousandths still to come on open order lines for the level's store and product (a draft counts too)."""
    return (
        select(func.coalesce(func.sum(ReplenishmentOrderLine.quantity - ReplenishmentOrderLine.received), 0))
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .where(
            ReplenishmentOrder.store_id == StockLevel.store_id,
            ReplenishmentOrderLine.product_id == StockLevel.product_id,
            ReplenishmentOrderLine.open_key.is_not(None),
        )
        .correlate(StockLevel)
        .scalar_subquery()
    )


def is_below_safety() -> ColumnElement[bool]:
    """Whether less is available of a level than its safety stock; of no account where no stock is kept."""
    return and_(
        StockLevel.on_hand - StockLevel.reserved < effective_safety(),
        Product.is_archived.is_(False),
        Product.is_stocked.is_(True),
    )


def levels_below_safety() -> Select[*tuple[Any, ...]]:
    """Store and product of every level whose available stock is below its safety stock."""
    return (
        select(StockLevel.store_id, StockLevel.product_id)
        .join(Product, Product.id == StockLevel.product_id)
        .join(Store, Store.id == StockLevel.store_id)
        .where(is_below_safety())
        .order_by(StockLevel.store_id, StockLevel.product_id)
    )


def has_active_supplier() -> ColumnElement[bool]:
    """Whether somebody can be asked to deliver the product."""
    return exists().where(Supplier.id == Product.supplier_id, Supplier.is_active.is_(True)).correlate(Product)


def shortages_to_order() -> Select[*tuple[Any, ...]]:
    """The levels below safety stock that somebody can be asked to deliver: active store, active supplier."""
    return levels_below_safety().where(has_active_supplier(), Store.is_active.is_(True))


def _below_safety() -> Select[int]:
    """The products `ids` of the store `store_id` that are short there."""
    statement = (
        select(Product.id)
        .join(StockLevel, and_(StockLevel.store_id == bindparam("store_id"), StockLevel.product_id == Product.id))
        .join(Store, Store.id == StockLevel.store_id)
        .where(Product.id.in_(bindparam("ids", expanding=True)), is_below_safety())
        .order_by(Product.id)
    )
    # A database that knows little of a young shop would begin with all levels of the store.
    for dialect in ("mysql", "mariadb"):
        statement = statement.prefix_with("STRAIGHT_JOIN", dialect=dialect).with_hint(Product, BY_KEY, dialect)
    return statement


_BELOW_SAFETY: Final = _below_safety()


def below_safety(session: Session, store_id: int, product_ids: Collection[int]) -> list[int]:
    """Which of `product_ids` have less available in `store_id` than their safety stock.

    What is on order is left to the order itself: an open draft line has to grow with further sales.
    """
    return list(session.scalars(_BELOW_SAFETY, {"store_id": store_id, "ids": list(product_ids)}))


def only_shop(session: Session) -> int | None:
    """The one open shop, warehouses aside; None where there are several, or none."""
    shops = session.scalars(select(Store.id).where(Store.kind == "shop", Store.is_active.is_(True)).limit(2)).all()
    return shops[0] if len(shops) == 1 else None


def shortages_without_order(session: Session) -> int:
    """How many levels that could be ordered are below their safety stock with nothing on order."""
    short = shortages_to_order().where(on_order() == 0).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(short)) or 0


def to_look_at(session: Session) -> dict[int, list[int]]:
    """Products per store that a top-up should look at: everything short, and every line of a draft."""
    drafted = (
        select(ReplenishmentOrder.store_id, ReplenishmentOrderLine.product_id)
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .where(ReplenishmentOrder.draft_key.is_not(None))
    )
    found: dict[int, set[int]] = {}
    for statement in (shortages_to_order(), drafted):
        for row in session.execute(statement):
            found.setdefault(row.store_id, set()).add(row.product_id)
    return {store_id: sorted(products) for store_id, products in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class Position:
    """A product in a store as ordering sees it. `supplier_id` None: nothing can be ordered.

    `safety_stock` is the one in force, `own_safety` the level's own if it has one, set by a manager or proposed.
    """

    product_id: int
    unit: str
    available: int
    safety_stock: int
    pack_size: int
    purchase_price: int
    supplier_id: int | None
    lead_time_days: int
    own_safety: int | None
    is_pinned: bool
    minimum_order: int
    shelf_life_days: int | None
    service_level: int


def positions(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, Position]:
    """The named products as they stand in a store, by id; those without a level there are left out."""
    is_wanted = (
        Supplier.is_active.is_(True)
        & Store.is_active.is_(True)
        & Product.is_archived.is_(False)
        & Product.is_stocked.is_(True)
    )
    rows = session.execute(
        select(
            Product.id, Product.unit, StockLevel.on_hand - StockLevel.reserved, effective_safety(), Product.pack_size,
            Product.purchase_price, case((is_wanted, Supplier.id)), func.coalesce(Supplier.lead_time_days, 0),
            StockLevel.safety_stock, StockLevel.is_safety_pinned, Product.minimum_order, Product.shelf_life_days,
            Category.service_level,
        )
        .join(Product, Product.id == StockLevel.product_id)
        .join(Category, Category.id == Product.category_id)
        .join(Store, Store.id == StockLevel.store_id)
        .outerjoin(Supplier, Supplier.id == Product.supplier_id)
        .where(StockLevel.store_id == store_id, StockLevel.product_id.in_(product_ids))
        .order_by(Product.id)
    )  # fmt: skip
    return {row[0]: Position(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class OpenLine:
    """The one open order line of a product in a store."""

    id: int
    order_id: int
    product_id: int
    supplier_id: int
    state: str
    quantity: int
    received: int
    is_edited: bool

    @property
    def is_firm(self) -> bool:
        """Whether a manager has approved it."""
        return self.state in FIRM

    @property
    def is_proposal(self) -> bool:
        """Whether top-ups may still change it."""
        return self.state == State.DRAFT and not self.is_edited


def open_key(store_id: int, product_id: int) -> str:
    """What makes an open line the only one of its product in its store."""
    return f"{store_id}:{product_id}"


def open_lines(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, OpenLine]:
    """The open order lines of the named products, by product."""
    rows = session.execute(
        select(
            ReplenishmentOrderLine.id, ReplenishmentOrderLine.order_id, ReplenishmentOrderLine.product_id,
            ReplenishmentOrder.supplier_id, ReplenishmentOrder.state, ReplenishmentOrderLine.quantity,
            ReplenishmentOrderLine.received, ReplenishmentOrderLine.is_edited,
        )
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .where(ReplenishmentOrderLine.open_key.in_([open_key(store_id, product_id) for product_id in product_ids]))
    )  # fmt: skip
    return {row.product_id: OpenLine(*row) for row in rows}


def sold_between(
    session: Session, store_id: int, product_ids: Collection[int], *, first: date, last: date
) -> dict[int, int]:
    """Thousandths per product sold less returned on the summarised days `first` to `last`."""
    rows = session.execute(
        select(DailySales.product_id, func.sum(DailySales.units - DailySales.returned))
        .where(
            DailySales.store_id == store_id,
            DailySales.product_id.in_(product_ids),
            DailySales.business_date.between(first, last),
        )
        .group_by(DailySales.product_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def first_summarised_day(session: Session, store_id: int) -> date | None:
    """The first business day of a store that has a summary."""
    return session.scalar(select(func.min(SummarisedDay.business_date)).where(SummarisedDay.store_id == store_id))
