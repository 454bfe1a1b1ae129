"""What came to the shelf and when, of goods that do not keep: deliveries and opening balances.

The documents are read, not the ledger, which grows with every line sold; each of them is booked as one movement.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.catalog import Product
from app.models.receiving import GoodsReceipt, GoodsReceiptLine
from app.models.stock import StockAdjustment, StockLevel


@dataclass(frozen=True, slots=True)
class Perishable:
    """Stock of a product with a shelf life; `available`: what is on hand and not sold yet."""

    product_id: int
    name: str
    unit: str
    available: int
    purchase_price: int
    shelf_life: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """Goods that came to the shelf as new."""

    product_id: int
    at: datetime
    quantity: int


def perishables(session: Session, store_id: int) -> list[Perishable]:
    """What a store has of products with a shelf life."""
    rows = session.execute(
        select(
            Product.id, Product.name, Product.unit, StockLevel.on_hand - StockLevel.reserved, Product.purchase_price,
            func.coalesce(Product.shelf_life_days, 0),
        )
        .join(Product, Product.id == StockLevel.product_id)
        .where(
            StockLevel.store_id == store_id, StockLevel.on_hand - StockLevel.reserved > 0,
            Product.is_stocked.is_(True), Product.shelf_life_days > 0,
        )
    )  # fmt: skip
    return [Perishable(*row) for row in rows]


def deliveries(session: Session, store_id: int, since: datetime) -> list[Arrival]:
    """Everything that was delivered since then: by the deliveries, of which there are few, to their lines."""
    received = session.execute(
        select(GoodsReceipt.id, GoodsReceipt.received_at).where(
            GoodsReceipt.store_id == store_id, GoodsReceipt.received_at >= since
        )
    )
    moments: dict[int, datetime] = {row.id: row.received_at for row in received}
    rows = session.execute(
        select(GoodsReceiptLine.product_id, GoodsReceiptLine.receipt_id, func.sum(GoodsReceiptLine.counted))
        .where(GoodsReceiptLine.receipt_id.in_(moments))
        .group_by(GoodsReceiptLine.product_id, GoodsReceiptLine.receipt_id)
    )
    return [Arrival(row[0], moments[row[1]], int(row[2])) for row in rows]


def deliveries_of(
    session: Session, store_id: int, product_ids: Collection[int], since: datetime, until: datetime
) -> list[Arrival]:
    """What was delivered of the named products from `since` to before `until`."""
    rows = session.execute(
        select(GoodsReceiptLine.product_id, GoodsReceipt.received_at, GoodsReceiptLine.counted)
        .join(GoodsReceipt, GoodsReceipt.id == GoodsReceiptLine.receipt_id)
        .where(
            GoodsReceiptLine.product_id.in_(product_ids), GoodsReceipt.store_id == store_id,
            GoodsReceipt.received_at >= since, GoodsReceipt.received_at < until,
        )
    )  # fmt: skip
    return [Arrival(*row) for row in rows]


def openings(session: Session, store_id: int, product_ids: Collection[int], since: datetime) -> list[Arrival]:
    """What was put on the shelf as an opening balance of the named products since then."""
    rows = session.execute(
        select(StockAdjustment.product_id, StockAdjustment.adjusted_at, StockAdjustment.quantity).where(
            StockAdjustment.product_id.in_(product_ids), StockAdjustment.store_id == store_id,
            StockAdjustment.reason == "opening", StockAdjustment.adjusted_at >= since, StockAdjustment.quantity > 0,
        )
    )  # fmt: skip
    return [Arrival(*row) for row in rows]
