"""The ledger beside its documents: each movement has one that says the same, and where the books first went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models.checkout import RefundLine, SaleLine
from app.models.receiving import GoodsReceiptLine
from app.models.stock import StockAdjustment, StockMovement
from app.models.stocktake import StocktakeLine

# The document line behind each kind of movement, and the sign and quantity it stands for.
DOCUMENTS: Final[Mapping[str, tuple[InstrumentedAttribute[int], ColumnElement[int]]]] = {
    "sale_line": (SaleLine.id, -SaleLine.quantity),
    "refund_line": (RefundLine.id, RefundLine.quantity + 0),
    "refund_waste": (RefundLine.id, -RefundLine.quantity),
    "receipt_line": (GoodsReceiptLine.id, GoodsReceiptLine.counted + 0),
    "stocktake_line": (StocktakeLine.id, func.coalesce(StocktakeLine.variance, 0)),
    "adjustment": (StockAdjustment.id, StockAdjustment.quantity + 0),
}


def movement_has_its_document(source_kind: str) -> Select[*tuple[Any, ...]]:
    """4c. a movement ⇒ there is a document line of its kind, which says the same quantity."""
    key, documented = DOCUMENTS[source_kind]
    return (
        select(
            StockMovement.id.label("movement_id"), StockMovement.source_kind, StockMovement.source_id,
            StockMovement.quantity, documented.label("documented"),
        )
        .outerjoin(key.parent.class_, key == StockMovement.source_id)
        .where(StockMovement.source_kind == source_kind, _is_bad(key, documented))
    )  # fmt: skip


def adjustments_are_booked() -> Select[*tuple[Any, ...]]:
    """4d. an adjustment ⇒ one movement of its product in its store; 4c compares the quantity."""
    return (
        select(StockAdjustment.id.label("adjustment_id"), StockAdjustment.store_id, StockAdjustment.product_id)
        .outerjoin(
            StockMovement,
            and_(StockMovement.source_kind == "adjustment", StockMovement.source_id == StockAdjustment.id),
        )
        .where(
            or_(
                StockMovement.id.is_(None),
                StockMovement.product_id != StockAdjustment.product_id,
                StockMovement.store_id != StockAdjustment.store_id,
            )
        )
    )


def _is_bad(key: InstrumentedAttribute[int], documented: ColumnElement[int]) -> ColumnElement[bool]:
    return or_(key.is_(None), documented != StockMovement.quantity)


@dataclass(frozen=True, slots=True)
class BadMovement:
    """A movement and what its document says (None: there is no such document)."""

    movement_id: int
    kind: str
    source_kind: str
    source_id: int
    quantity: int
    documented: int | None


def first_bad_movement(session: Session, store_id: int, product_id: int) -> BadMovement | None:
    """The oldest movement of a product in a store that differs from its document; None when all agree."""
    found = [_first_of(session, store_id, product_id, source_kind) for source_kind in DOCUMENTS]
    return min((bad for bad in found if bad), key=lambda bad: bad.movement_id, default=None)


def _first_of(session: Session, store_id: int, product_id: int, source_kind: str) -> BadMovement | None:
    key, documented = DOCUMENTS[source_kind]
    row: Any = session.execute(
        select(
            StockMovement.id, StockMovement.kind, StockMovement.source_kind, StockMovement.source_id,
            StockMovement.quantity, documented,
        )
        .outerjoin(key.parent.class_, key == StockMovement.source_id)
        .where(
            StockMovement.store_id == store_id,
            StockMovement.product_id == product_id,
            StockMovement.source_kind == source_kind,
            _is_bad(key, documented),
        )
        .order_by(StockMovement.id)
        .limit(1)
    ).first()  # fmt: skip
    return BadMovement(*row) if row else None
