"""Safety stock of one store's level, where it differs from the product's own."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.domain import quantity
from app.domain.back_office import FieldFault, InvalidFields, RowUnknown
from app.domain.catalog import MAX_QUANTITY
from app.domain.quantity import Unit
from app.models.catalog import Product
from app.models.stock import StockLevel
from app.queries import locks
from app.services import audit, ledger


def set_safety_stock(
    session: Session, *, store_id: int, product_id: int, safety_stock: int | None, user_id: int, now: datetime
) -> None:
    """Pin the level's safety stock, or None to follow the product again, and the forecast from its next run on.

    Raises:
        RowUnknown: no such product.
        InvalidFields: negative, absurdly large, or part of a piece.
    """
    product = session.get(Product, product_id)
    if product is None:
        raise RowUnknown(product_id=product_id)
    _check(safety_stock, product.unit)
    locks.stock_levels(session, store_id, [product_id])
    level = session.get_one(StockLevel, (store_id, product_id))
    before, level.safety_stock = level.safety_stock, safety_stock
    level.is_safety_pinned = safety_stock is not None
    session.flush()
    audit.record(
        session, user_id=user_id, action="stock.safety_changed", subject_kind="stock_level",
        subject_id=f"{store_id}:{product_id}", details={"safety_stock": [before, safety_stock]}, now=now,
    )  # fmt: skip
    ledger.announce_changes(session, store_id, [product_id])


def _check(safety_stock: int | None, unit: str) -> None:
    if safety_stock is None:
        return
    if not 0 <= safety_stock <= MAX_QUANTITY:
        raise InvalidFields([FieldFault("safety_stock", "not_negative")])
    if unit == Unit.PIECE and not quantity.is_whole(safety_stock):
        raise InvalidFields([FieldFault("safety_stock", "whole_pieces")])
