"""Goods received against orders."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime
from app.models.catalog import Product
from app.models.checkout import ClientUuid
from app.models.replenishment import ReplenishmentOrder


class GoodsReceipt(Base):
    """One delivery as counted at the door; `uuid` is client-made so that a retry books it once."""

    __tablename__ = "goods_receipts"
    __table_args__ = (MYSQL,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("replenishment_orders.id"), index=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(200), default="")

    order: Mapped[ReplenishmentOrder] = relationship()
    lines: Mapped[list["GoodsReceiptLine"]] = relationship(back_populates="receipt", order_by="GoodsReceiptLine.id")


class GoodsReceiptLine(Base):
    """What came of one product beside what was expected."""

    __tablename__ = "goods_receipt_lines"
    __table_args__ = (CheckConstraint("counted >= 0", name="counted"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("goods_receipts.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("replenishment_order_lines.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    expected: Mapped[int] = mapped_column(BigInteger)
    counted: Mapped[int] = mapped_column(BigInteger)
    unit_cost: Mapped[int] = mapped_column(BigInteger, default=0)

    receipt: Mapped[GoodsReceipt] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship()
