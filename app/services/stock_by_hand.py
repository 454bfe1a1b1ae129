"""Stock changed by a person at a desk: checked, audited, and not twice by a double click."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import quantity as quantities
from app.domain.back_office import FieldFault, InvalidFields, RowUnknown
from app.domain.catalog import MAX_QUANTITY
from app.domain.errors import ShopError
from app.domain.quantity import Unit
from app.models.catalog import Product
from app.models.stock import StockAdjustment
from app.queries import locks
from app.services import audit, stock
from app.services.stock import Adjusted

REASONS: Final = ("correction", "waste", "theft", "found")
TAKE_AWAY: Final = frozenset({"waste", "theft"})
ADD: Final = frozenset({"found"})
"""The sign that a reason asks for; a correction goes either way."""
SAME_AGAIN: Final = timedelta(seconds=10)


class JustDone(ShopError):
    """The same person booked the very same a moment ago: a double click."""

    code = "just_done"


def adjust(
    session: Session,
    *,
    store_id: int,
    product_id: int,
    quantity: int,
    reason: str,
    note: str,
    user_id: int,
    now: datetime,
) -> Adjusted:
    """Book a correction.

    Raises:
        RowUnknown: no such product.
        InvalidFields: nothing, too much, part of a piece, an unknown reason, or one that says the opposite.
        JustDone: the same again within seconds.
    """  # fmt: skip
    product = session.get(Product, product_id)
    if product is None:
        raise RowUnknown(product_id=product_id)
    faults = list(_faults(product, quantity, reason))
    if faults:
        raise InvalidFields(faults)
    locks.stock_levels(session, store_id, [product_id])
    _refuse_double(session, store_id, product_id, quantity, reason, user_id, now)
    done = stock.adjust(
        session, store_id=store_id, product_id=product_id, quantity=quantity, reason=reason, note=note,
        user_id=user_id, now=now,
    )  # fmt: skip
    audit.record(
        session, user_id=user_id, action="stock.adjusted", subject_kind="stock_level",
        subject_id=f"{store_id}:{product_id}", details={"quantity": quantity, "reason": reason, "note": note}, now=now,
    )  # fmt: skip
    return done


def _faults(product: Product, quantity: int, reason: str) -> list[FieldFault]:
    found = []
    if not 0 < abs(quantity) <= MAX_QUANTITY:
        found.append(FieldFault("quantity", "not_nothing"))
    elif product.unit == Unit.PIECE and not quantities.is_whole(quantity):
        found.append(FieldFault("quantity", "whole_pieces"))
    elif reason in (TAKE_AWAY if quantity > 0 else ADD):
        found.append(FieldFault("quantity", "takes_away" if quantity > 0 else "adds"))
    if reason not in REASONS:
        found.append(FieldFault("reason", "unknown"))
    return found


def _refuse_double(
    session: Session, store_id: int, product_id: int, quantity: int, reason: str, user_id: int, now: datetime
) -> None:
    # The level is locked: the second click waits for the first and then sees it.
    twin = select(StockAdjustment.id).where(
        StockAdjustment.store_id == store_id,
        StockAdjustment.product_id == product_id,
        StockAdjustment.quantity == quantity,
        StockAdjustment.reason == reason,
        StockAdjustment.user_id == user_id,
        StockAdjustment.adjusted_at > now - SAME_AGAIN,
    )
    if session.scalar(twin.limit(1)) is not None:
        raise JustDone
