"""Where a product is, and what is to come of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stock import StockLevel, Store
from app.models.stocktake import Stocktake, StocktakeLine
from app.queries.replenishment import effective_safety


@dataclass(frozen=True, slots=True)
class StoreStock:
    """A product in one store; quantities in thousandths."""

    code: str
    name: str
    on_hand: int
    reserved: int
    available: int
    safety_stock: int
    is_being_counted: bool


@dataclass(frozen=True, slots=True)
class ProductStock:
    """A product in all stores that may be seen, and what open orders will bring to the asking one."""

    product_id: int
    name: str
    unit: str
    price: int
    shelf: str | None
    stores: tuple[StoreStock, ...]
    on_order: int
    expected_on: date | None


def product_stock(
    session: Session, product_id: int, *, store_id: int, visible: Collection[int] | None
) -> ProductStock | None:
    """The stock of a product in the `visible` stores (None: all), the own store first; None: no such product."""
    head = session.execute(
        select(Product.id, Product.name, Product.unit, Product.selling_price, Product.shelf).where(
            Product.id == product_id
        )
    ).one_or_none()
    if head is None:
        return None
    on_order, expected_on = _on_order(session, store_id, product_id)
    return ProductStock(*head, _stores(session, product_id, store_id, visible), on_order, expected_on)


def _stores(session: Session, product_id: int, own: int, visible: Collection[int] | None) -> tuple[StoreStock, ...]:
    available = StockLevel.on_hand - StockLevel.reserved
    counted = exists().where(
        StocktakeLine.product_id == product_id, StocktakeLine.open_key.is_not(None),
        Stocktake.id == StocktakeLine.stocktake_id, Stocktake.store_id == Store.id,
    )  # fmt: skip
    statement = (
        select(Store.code, Store.name, StockLevel.on_hand, StockLevel.reserved, available, effective_safety(), counted)
        .join(StockLevel, StockLevel.store_id == Store.id)
        .join(Product, Product.id == StockLevel.product_id)
        .where(StockLevel.product_id == product_id, Store.is_active.is_(True))
        .order_by(Store.id != own, Store.code)
    )
    if visible is not None:
        statement = statement.where(Store.id.in_(visible))
    return tuple(StoreStock(*row[:-1], is_being_counted=bool(row[-1])) for row in session.execute(statement))


def _on_order(session: Session, store_id: int, product_id: int) -> tuple[int, date | None]:
    waiting = func.coalesce(func.sum(ReplenishmentOrderLine.quantity - ReplenishmentOrderLine.received), 0)
    row = session.execute(
        select(waiting, func.min(ReplenishmentOrder.expected_on))
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .where(
            ReplenishmentOrder.store_id == store_id,
            ReplenishmentOrderLine.product_id == product_id,
            ReplenishmentOrderLine.open_key.is_not(None),
        )
    ).one()
    return int(row[0]), row[1]
