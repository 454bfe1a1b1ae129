"""What must always be true of the books: each invariant is a question that returns no row (`proof` asks them).

Those of the reports stand in `reports_proof`, those between the ledger and its documents also in `ledger_check`.
"""

from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.models.checkout import Payment, Refund, RefundLine, RefundPayment, Sale, SaleLine
from app.models.receiving import GoodsReceiptLine
from app.models.replenishment import ReplenishmentOrder, ReplenishmentOrderLine
from app.models.stock import StockException, StockLevel, StockMovement
from app.models.stocktake import Stocktake, StocktakeCount, StocktakeLine
from app.queries.replenishment import effective_safety, on_order, shortages_to_order


def sale_total_is_sum_of_lines() -> Select[*tuple[Any, ...]]:
    """1a. sale total = Σ line totals."""
    lines = func.coalesce(func.sum(SaleLine.total), 0)
    return (
        select(Sale.id.label("sale_id"), Sale.total, lines.label("lines"))
        .outerjoin(SaleLine, SaleLine.sale_id == Sale.id)
        .group_by(Sale.id)  # of the key alone: by more columns the database sorts all sales first
        .having(lines != Sale.total)
    )


def payments_cover_total() -> Select[*tuple[Any, ...]]:
    """1b. Σ payments − change = total."""
    paid = func.coalesce(func.sum(Payment.amount), 0)
    return (
        select(Sale.id.label("sale_id"), Sale.total, Sale.change_given, paid.label("paid"))
        .outerjoin(Payment, Payment.sale_id == Sale.id)
        .group_by(Sale.id)
        .having(paid - Sale.change_given != Sale.total)
    )


def reserved_is_unposted(store_id: int) -> Select[*tuple[Any, ...]]:
    """2. reserved = Σ quantity of unposted stocked lines, per product of a store (missing levels too)."""
    level = select(StockLevel.store_id, StockLevel.product_id, StockLevel.reserved.label("quantity")).where(
        StockLevel.store_id == store_id
    )
    unposted = (
        select(Sale.store_id, SaleLine.product_id, -SaleLine.quantity)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .where(Sale.store_id == store_id, Sale.posted_at.is_(None), SaleLine.is_stocked.is_(True))
    )
    return _sums_to_zero(union_all(level, unposted))


def on_hand_is_sum_of_movements(store_id: int, product_id: int) -> Select[*tuple[Any, ...]]:
    """3. on_hand = Σ movements, of a product in a store (a missing level too)."""
    level = select(StockLevel.store_id, StockLevel.product_id, StockLevel.on_hand.label("quantity")).where(
        StockLevel.store_id == store_id, StockLevel.product_id == product_id
    )
    moved = select(StockMovement.store_id, StockMovement.product_id, -StockMovement.quantity).where(
        StockMovement.store_id == store_id, StockMovement.product_id == product_id
    )
    return _sums_to_zero(union_all(level, moved))


def _sums_to_zero(parts: Any) -> Select[*tuple[Any, ...]]:
    both = parts.subquery()
    difference = func.sum(both.c.quantity)
    return (
        select(both.c.store_id, both.c.product_id, difference.label("difference"))
        .group_by(both.c.store_id, both.c.product_id)
        .having(difference != 0)
    )


def posted_has_its_movement() -> Select[*tuple[Any, ...]]:
    """4a. posted ⇒ one movement per stocked line with the line's quantity."""
    return (
        select(SaleLine.id.label("sale_line_id"), SaleLine.sale_id, SaleLine.quantity)
        .join(Sale, Sale.id == SaleLine.sale_id)
        .outerjoin(
            StockMovement,
            and_(StockMovement.source_kind == "sale_line", StockMovement.source_id == SaleLine.id),
        )
        .where(
            Sale.posted_at.is_not(None),
            SaleLine.is_stocked.is_(True),
            or_(
                StockMovement.id.is_(None),
                StockMovement.quantity != -SaleLine.quantity,
                StockMovement.product_id != SaleLine.product_id,
                StockMovement.store_id != Sale.store_id,
            ),
        )
    )


def movement_has_its_posted_line() -> Select[*tuple[Any, ...]]:
    """4b. a sale movement ⇒ its line exists, is stocked and posted."""
    return (
        select(StockMovement.id.label("movement_id"), StockMovement.source_id.label("sale_line_id"))
        .outerjoin(SaleLine, SaleLine.id == StockMovement.source_id)
        .outerjoin(Sale, Sale.id == SaleLine.sale_id)
        .where(
            StockMovement.source_kind == "sale_line",
            or_(Sale.id.is_(None), Sale.posted_at.is_(None), SaleLine.is_stocked.is_(False)),
        )
    )


def short_stock_has_exception(store_id: int) -> Select[*tuple[Any, ...]]:
    """5. reserved ≥ 0; on_hand < 0 or reserved > on_hand only with an open exception."""
    is_open = exists().where(
        StockException.store_id == StockLevel.store_id,
        StockException.product_id == StockLevel.product_id,
        StockException.open_key.is_not(None),
    )
    short = or_(StockLevel.on_hand < 0, StockLevel.reserved > StockLevel.on_hand)
    return select(StockLevel.store_id, StockLevel.product_id, StockLevel.on_hand, StockLevel.reserved).where(
        StockLevel.store_id == store_id, or_(StockLevel.reserved < 0, and_(short, ~is_open))
    )


def one_open_order_line() -> Select[*tuple[Any, ...]]:
    """6a. at most one open replenishment line per store and product."""
    return (
        select(ReplenishmentOrder.store_id, ReplenishmentOrderLine.product_id, func.count().label("open_lines"))
        .join(ReplenishmentOrder, ReplenishmentOrder.id == ReplenishmentOrderLine.order_id)
        .where(ReplenishmentOrderLine.open_key.is_not(None))
        .group_by(ReplenishmentOrder.store_id, ReplenishmentOrderLine.product_id)
        .having(func.count() > 1)
    )


def shortage_is_on_order(store_id: int) -> Select[*tuple[Any, ...]]:
    """6b. below safety stock with nothing on order (only judged once the posting queue is empty).

    A product without an active supplier cannot be ordered: the back office lists it instead.
    """
    waiting = exists().where(Sale.posted_at.is_(None))
    return shortages_to_order().add_columns(
        StockLevel.on_hand, StockLevel.reserved, effective_safety().label("safety_stock")
    ).where(StockLevel.store_id == store_id, on_order() == 0, ~waiting)  # fmt: skip


def refund_total_is_sum_of_lines() -> Select[*tuple[Any, ...]]:
    """1c. refund total = Σ amounts of its lines."""
    lines = func.coalesce(func.sum(RefundLine.amount), 0)
    return (
        select(Refund.id.label("refund_id"), Refund.total, lines.label("lines"))
        .outerjoin(RefundLine, RefundLine.refund_id == Refund.id)
        .group_by(Refund.id)
        .having(lines != Refund.total)
    )


def refund_is_paid_out() -> Select[*tuple[Any, ...]]:
    """1d. Σ money given back = refund total."""
    paid = func.coalesce(func.sum(RefundPayment.amount), 0)
    return (
        select(Refund.id.label("refund_id"), Refund.total, paid.label("paid"))
        .outerjoin(RefundPayment, RefundPayment.refund_id == Refund.id)
        .group_by(Refund.id)
        .having(paid != Refund.total)
    )


def refunded_within_sold() -> Select[*tuple[Any, ...]]:
    """7a. refunds ≤ sold, per sale line."""
    returned = func.sum(RefundLine.quantity)
    amount = func.sum(RefundLine.amount)
    return (
        select(RefundLine.sale_line_id, returned.label("returned"), SaleLine.quantity.label("sold"))
        .join(SaleLine, SaleLine.id == RefundLine.sale_line_id)
        .group_by(RefundLine.sale_line_id, SaleLine.quantity, SaleLine.total)
        .having(or_(returned > SaleLine.quantity, amount > SaleLine.total))
    )


def refunded_within_paid() -> Select[*tuple[Any, ...]]:
    """7b. refunds ≤ paid, per sale."""
    refunded = func.sum(Refund.total)
    return (
        select(Refund.sale_id, refunded.label("refunded"), Sale.total.label("paid"))
        .join(Sale, Sale.id == Refund.sale_id)
        .group_by(Refund.sale_id, Sale.total)
        .having(refunded > Sale.total)
    )


def receipt_lines_are_booked() -> Select[*tuple[Any, ...]]:
    """7c. goods received apply once: every counted line has its movement and the order line's total agrees."""
    counted = func.coalesce(func.sum(GoodsReceiptLine.counted), 0)
    booked = func.coalesce(func.sum(case((StockMovement.id.is_(None), literal(0)), else_=StockMovement.quantity)), 0)
    return (
        select(ReplenishmentOrderLine.id.label("order_line_id"), counted.label("counted"), booked.label("booked"))
        .outerjoin(GoodsReceiptLine, GoodsReceiptLine.order_line_id == ReplenishmentOrderLine.id)
        .outerjoin(
            StockMovement,
            and_(StockMovement.source_kind == "receipt_line", StockMovement.source_id == GoodsReceiptLine.id),
        )
        .group_by(ReplenishmentOrderLine.id, ReplenishmentOrderLine.received)
        .having(or_(counted != booked, counted != ReplenishmentOrderLine.received))
    )


def returns_are_booked() -> Select[*tuple[Any, ...]]:
    """7e. refunds apply once: goods of a stocked line came in, and goods for waste went out again."""
    booked = func.coalesce(func.sum(StockMovement.quantity), 0)
    expected = case((RefundLine.destination == "waste", 0), else_=RefundLine.quantity)
    return (
        select(RefundLine.id.label("refund_line_id"), RefundLine.quantity, booked.label("booked"))
        .join(SaleLine, SaleLine.id == RefundLine.sale_line_id)
        .outerjoin(
            StockMovement,
            and_(
                StockMovement.source_kind.in_(("refund_line", "refund_waste")),
                StockMovement.source_id == RefundLine.id,
            ),
        )
        .where(SaleLine.is_stocked.is_(True))
        .group_by(RefundLine.id, RefundLine.quantity, RefundLine.destination)
        .having(booked != expected)
    )


def counts_are_booked() -> Select[*tuple[Any, ...]]:
    """7f. a posted stocktake has booked the variance of every line, and one that is not posted has booked nothing."""
    booked = func.coalesce(func.sum(StockMovement.quantity), 0)
    expected = case((Stocktake.state == "posted", func.coalesce(StocktakeLine.variance, 0)), else_=0)
    return (
        select(StocktakeLine.id.label("stocktake_line_id"), StocktakeLine.variance, booked.label("booked"))
        .join(Stocktake, Stocktake.id == StocktakeLine.stocktake_id)
        .outerjoin(
            StockMovement,
            and_(StockMovement.source_kind == "stocktake_line", StockMovement.source_id == StocktakeLine.id),
        )
        .group_by(StocktakeLine.id, StocktakeLine.variance, Stocktake.state)
        .having(booked != expected)
    )


def counts_apply_once() -> Select[*tuple[Any, ...]]:
    """7g. what a posted line says was counted is the sum of the counts of the round that decided it, mistakes aside."""
    correction = aliased(StocktakeCount)
    is_mistake = exists().where(
        correction.line_id == StocktakeCount.line_id, correction.round == StocktakeCount.round,
        correction.counted_by_id == StocktakeCount.counted_by_id, correction.id > StocktakeCount.id,
        correction.is_instead.is_(True),
    )  # fmt: skip
    counted = func.sum(StocktakeCount.quantity)
    return (
        select(StocktakeLine.id.label("stocktake_line_id"), StocktakeLine.counted, counted.label("counts"))
        .join(Stocktake, and_(Stocktake.id == StocktakeLine.stocktake_id, Stocktake.state == "posted"))
        .outerjoin(
            StocktakeCount,
            and_(
                StocktakeCount.line_id == StocktakeLine.id,
                StocktakeCount.round == StocktakeLine.decided_round,
                ~is_mistake,
            ),
        )
        .where(StocktakeLine.counted.is_not(None))
        .group_by(StocktakeLine.id, StocktakeLine.counted, StocktakeLine.book, StocktakeLine.variance)
        .having(
            or_(
                func.coalesce(counted, -1) != StocktakeLine.counted,
                StocktakeLine.counted - StocktakeLine.book != StocktakeLine.variance,
            )
        )
    )
