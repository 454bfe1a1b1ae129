"""Sales, payments, refunds and parked baskets."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import NAME_LENGTH
from app.models.stock import Store

ClientUuid = Uuid(native_uuid=False)
"""The same CHAR(32) on every database."""


class Sale(Base):
    """A paid basket. `posted_at` None means: stock reserved, ledger still to be written (the table is the queue)."""

    __tablename__ = "sales"
    __table_args__ = (
        CheckConstraint("total >= 0 AND change_given >= 0", name="amounts"),
        Index("ix_sales_posted_at_id", "posted_at", "id"),
        Index("ix_sales_store_id_business_date", "store_id", "business_date"),
        Index("ix_sales_store_id_sold_at", "store_id", "sold_at"),
        Index("ix_sales_business_date_id", "business_date", "id"),
        Index("ix_sales_till_id", "till", "id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    till: Mapped[str] = mapped_column(short_code(16))
    cashier_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sold_at: Mapped[datetime] = mapped_column(UtcDateTime)
    business_date: Mapped[date] = mapped_column(Date)
    total: Mapped[int] = mapped_column(BigInteger)
    change_given: Mapped[int] = mapped_column(BigInteger, default=0)
    request_hash: Mapped[str] = mapped_column(short_code(64))
    copy_count: Mapped[int] = mapped_column(Integer, default=0)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship()
    lines: Mapped[list["SaleLine"]] = relationship(back_populates="sale", order_by="SaleLine.id")
    payments: Mapped[list["Payment"]] = relationship(back_populates="sale", order_by="Payment.id")


class SaleLine(Base):
    """A line as sold: name, price and cost of that moment. `is_stocked` decides whether the ledger knows it."""

    __tablename__ = "sale_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_sale_lines_product_id", "product_id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), index=True)
    product_id: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    unit: Mapped[str] = mapped_column(short_code(8))
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit_price: Mapped[int] = mapped_column(BigInteger)
    unit_cost: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger)
    barcode: Mapped[str | None] = mapped_column(short_code(48))
    is_stocked: Mapped[bool] = mapped_column(Boolean, default=True)

    sale: Mapped[Sale] = relationship(back_populates="lines")


class Payment(Base):
    """What was handed over, per tender; cash may exceed the total by the change given."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("tender IN ('cash', 'card', 'mobile')", name="tender"),
        CheckConstraint("amount > 0", name="amount"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), index=True)
    tender: Mapped[str] = mapped_column(short_code(8))
    amount: Mapped[int] = mapped_column(BigInteger)

    sale: Mapped[Sale] = relationship(back_populates="payments")


class Refund(Base):
    """Goods brought back against one sale, money returned to its tenders."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("total >= 0", name="total"),
        Index("ix_refunds_store_id_business_date", "store_id", "business_date"),
        Index("ix_refunds_business_date_id", "business_date", "id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), index=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    till: Mapped[str] = mapped_column(short_code(16))
    cashier_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refunded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    business_date: Mapped[date] = mapped_column(Date)
    total: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[str] = mapped_column(short_code(64))

    sale: Mapped[Sale] = relationship()
    lines: Mapped[list["RefundLine"]] = relationship(order_by="RefundLine.id")
    payments: Mapped[list["RefundPayment"]] = relationship(order_by="RefundPayment.id")


class RefundLine(Base):
    """Part of a sale line brought back, to the shelf or to waste."""

    __tablename__ = "refund_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("destination IN ('shelf', 'waste')", name="destination"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"), index=True)
    sale_line_id: Mapped[int] = mapped_column(ForeignKey("sale_lines.id"), index=True)
    product_id: Mapped[int] = mapped_column(Integer)
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)
    destination: Mapped[str] = mapped_column(short_code(8))

    sale_line: Mapped[SaleLine] = relationship()


class RefundPayment(Base):
    """Money given back, per tender of the sale."""

    __tablename__ = "refund_payments"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refund_id: Mapped[int] = mapped_column(ForeignKey("refunds.id"), index=True)
    tender: Mapped[str] = mapped_column(short_code(8))
    amount: Mapped[int] = mapped_column(BigInteger)


class ParkedBasket(Base):
    """A basket set aside; any till of the store may take it once."""

    __tablename__ = "parked_baskets"
    __table_args__ = (Index("ix_parked_baskets_store_id_resumed_at", "store_id", "resumed_at"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    label: Mapped[str] = mapped_column(String(60), default="")
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    parked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    parked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resumed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    resumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
