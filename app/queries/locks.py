"""The only place that locks rows. Stock levels are always locked in key order, sales before levels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.models.checkout import Sale
from app.models.replenishment import ReplenishmentOrder
from app.models.stock import StockLevel


@dataclass(frozen=True, slots=True)
class LockedLevel:
    """A stock level nobody else can change until this transaction ends."""

    product_id: int
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """What may still be sold."""
        return self.on_hand - self.reserved


def stock_levels(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, LockedLevel]:
    """Lock the levels of `product_ids` in `store_id` in key order, making missing rows first."""
    wanted = sorted(set(product_ids))
    found = _lock_levels(session, store_id, wanted)
    missing = [product_id for product_id in wanted if product_id not in found]
    if missing:
        _make_levels(session, store_id, missing)
        found = _lock_levels(session, store_id, wanted)
    return found


def _lock_levels(session: Session, store_id: int, product_ids: Sequence[int]) -> dict[int, LockedLevel]:
    if not product_ids:
        return {}
    rows = session.execute(
        select(StockLevel.product_id, StockLevel.on_hand, StockLevel.reserved)
        .where(StockLevel.store_id == store_id, StockLevel.product_id.in_(product_ids))
        .order_by(StockLevel.product_id)
        .with_for_update()
    )
    return {row.product_id: LockedLevel(row.product_id, row.on_hand, row.reserved) for row in rows}


def _make_levels(session: Session, store_id: int, product_ids: Sequence[int]) -> None:
    # Two tills may meet a product's first sale together: the second insert is ignored.
    ignore = "OR IGNORE" if session.get_bind().dialect.name == "sqlite" else "IGNORE"
    session.execute(
        insert(StockLevel).prefix_with(ignore),
        [{"store_id": store_id, "product_id": product_id, "on_hand": 0, "reserved": 0} for product_id in product_ids],
    )


def unposted_sales(session: Session, *, limit: int) -> list[int]:
    """Claim up to `limit` sales whose ledger rows are still to be written, oldest first.

    Sales another worker holds are skipped, so any number of workers may run.
    """
    return list(
        session.scalars(
            select(Sale.id)
            .where(Sale.posted_at.is_(None))
            .order_by(Sale.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def sale(session: Session, sale_id: int) -> Sale:
    """Lock one sale: refunds of it wait for each other."""
    return session.execute(
        select(Sale).where(Sale.id == sale_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def replenishment_order(session: Session, order_id: int) -> ReplenishmentOrder | None:
    """Lock one order, or None when there is none."""
    return session.execute(
        select(ReplenishmentOrder)
        .where(ReplenishmentOrder.id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
