"""Questions about what is short and what is on order."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stock import StockLevel, Store


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


def levels_below_safety() -> Select[*tuple[Any, ...]]:
    """Store and product of every level whose available stock is below its safety stock."""
    return (
        select(StockLevel.store_id, StockLevel.product_id)
        .join(Product, Product.id == StockLevel.product_id)
        .join(Store, Store.id == StockLevel.store_id)
        .where(
            StockLevel.on_hand - StockLevel.reserved < effective_safety(),
            Product.is_archived.is_(False),
            Product.is_stocked.is_(True),
        )
        .order_by(StockLevel.store_id, StockLevel.product_id)
    )


def below_safety(session: Session, store_id: int, product_ids: Collection[int]) -> list[int]:
    """Which of `product_ids` have less available in `store_id` than their safety stock.

    What is on order is left to the order itself: an open draft line has to grow with further sales.
    """
    statement = levels_below_safety().where(StockLevel.store_id == store_id, StockLevel.product_id.in_(product_ids))
    return [row.product_id for row in session.execute(statement)]


def shortages_without_order(session: Session) -> int:
    """How many levels are below their safety stock with nothing on order."""
    short = levels_below_safety().where(on_order() == 0).subquery()
    return session.scalar(select(func.count()).select_from(short)) or 0
