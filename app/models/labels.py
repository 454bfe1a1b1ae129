"""Shelf labels: which are out of date, and what was printed together."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import Product
from app.models.stock import Store


class LabelFlag(Base):
    """The label on a store's shelf no longer says what the catalogue says: print it."""

    __tablename__ = "label_flags"
    __table_args__ = (
        Index("ix_label_flags_store_id_product_id", "store_id", "product_id", unique=True),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"), index=True)
    flagged_at: Mapped[datetime] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship()
    product: Mapped[Product] = relationship()


class LabelBatch(Base):
    """Labels printed together; `labels` holds each as it was printed, so that it can be printed again."""

    __tablename__ = "label_batches"
    __table_args__ = (
        CheckConstraint("label_count > 0", name="label_count"),
        Index("ix_label_batches_store_id_id", "store_id", "id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    kind: Mapped[str] = mapped_column(short_code(12), default="shelf")
    label_count: Mapped[int] = mapped_column(Integer)
    labels: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    printed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    store: Mapped[Store] = relationship()
