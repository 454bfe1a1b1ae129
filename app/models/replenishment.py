"""Orders to suppliers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import Product, Supplier
from app.models.stock import Store


class ReplenishmentOrder(Base):
    """An order to one supplier for one store: draft → approved → placed → received (or cancelled).

    `draft_key` is "store:supplier" while the order is a draft, else None: one draft each, by unique index.
    """

    __tablename__ = "replenishment_orders"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'approved', 'placed', 'received', 'cancelled')", name="state"),
        Index("ix_replenishment_orders_state", "state"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("suppliers.id", ondelete="RESTRICT"), index=True)
    state: Mapped[str] = mapped_column(short_code(12), default="draft")
    draft_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    placed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expected_on: Mapped[date | None] = mapped_column(Date)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship()
    supplier: Mapped[Supplier] = relationship()
    lines: Mapped[list["ReplenishmentOrderLine"]] = relationship(
        back_populates="order", order_by="ReplenishmentOrderLine.id"
    )


class ReplenishmentOrderLine(Base):
    """What is ordered of one product, and why.

    `open_key` is "store:product" until the line is fully received or its order closed: at most one open line
    per store and product, by unique index. `reason` holds the figures of the reason sentence, `proposed` what the
    rule wanted to order whatever a manager made of it.
    """

    __tablename__ = "replenishment_order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0", name="received"),
        Index("ix_replenishment_order_lines_product_id", "product_id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("replenishment_orders.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    open_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    quantity: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    proposed: Mapped[int | None] = mapped_column(BigInteger)
    unit_cost: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_edited: Mapped[bool] = mapped_column(Boolean, default=False)

    order: Mapped[ReplenishmentOrder] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()
