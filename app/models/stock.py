"""Where goods are, how many, and the ledger that says why."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    ScalarSelect,
    String,
    UniqueConstraint,
    case,
    exists,
    false,
    func,
    select,
)  # fmt: skip
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import Product


class Store(Base):
    """A place with stock of its own: a shop that sells or a warehouse."""

    __tablename__ = "stores"
    __table_args__ = (
        CheckConstraint("kind IN ('shop', 'warehouse')", name="kind"),
        CheckConstraint("shortage_policy IN ('block', 'allow')", name="shortage_policy"),
        CheckConstraint("refund_limit >= 0", name="refund_limit"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(short_code(8), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(short_code(12), default="shop")
    address: Mapped[str] = mapped_column(String(300), default="")
    currency: Mapped[str] = mapped_column(short_code(3), default="EUR")
    time_zone: Mapped[str] = mapped_column(short_code(50), default="Europe/Zagreb")
    shortage_policy: Mapped[str] = mapped_column(short_code(8), default="block")
    refund_limit: Mapped[int] = mapped_column(BigInteger, default=5000)
    count_limit: Mapped[int] = mapped_column(BigInteger, default=50000)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class StockLevel(Base):
    """Stock of one product in one store. available = on_hand − reserved; both in thousandths.

    `safety_stock` None means: the product's own for a shop, none for a warehouse. `is_safety_pinned`: a manager has
    set it; otherwise the forecast proposes it and may change it every night. `revision` counts the changes of on_hand
    and reserved: of two readings the one of the higher revision is newer.
    No foreign key of a ledger or line table points here: it would deadlock tills.
    """

    __tablename__ = "stock_levels"
    __table_args__ = (
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("safety_stock IS NULL OR safety_stock >= 0", name="safety_stock"),
        Index("ix_stock_levels_product_id", "product_id"),
        MYSQL,
    )

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="RESTRICT"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(BigInteger, default=0)
    reserved: Mapped[int] = mapped_column(BigInteger, default=0)
    safety_stock: Mapped[int | None] = mapped_column(BigInteger)
    is_safety_pinned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    revision: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")

    store: Mapped[Store] = relationship()
    product: Mapped[Product] = relationship()

    @property
    def available(self) -> int:
        """What may still be sold."""
        return self.on_hand - self.reserved


class StockMovement(Base):
    """One append-only ledger row: why on_hand changed by `quantity`.

    (`source_kind`, `source_id`) names the document line behind it and is unique: nothing is booked twice.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        UniqueConstraint("source_kind", "source_id"),
        Index("ix_stock_movements_store_id_product_id", "store_id", "product_id", "id"),
        Index("ix_stock_movements_occurred_at", "occurred_at"),
        Index("ix_stock_movements_kind_id", "kind", "id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(Integer)
    product_id: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(short_code(16))
    quantity: Mapped[int] = mapped_column(BigInteger)
    source_kind: Mapped[str] = mapped_column(short_code(20))
    source_id: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    booked_at: Mapped[datetime] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship(primaryjoin="foreign(StockMovement.store_id) == Store.id", viewonly=True)
    product: Mapped[Product] = relationship(
        primaryjoin="foreign(StockMovement.product_id) == Product.id", viewonly=True
    )


class StockAdjustment(Base):
    """The document behind a change that no sale or delivery explains: opening balance, waste, correction."""

    __tablename__ = "stock_adjustments"
    __table_args__ = (MYSQL,)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), index=True)
    quantity: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(short_code(16))
    note: Mapped[str] = mapped_column(String(200), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    adjusted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StockException(Base):
    """The shelf and the books disagree and somebody should count; at most one open per store and product.

    `open_key` is "store:product" while open and None afterwards: a unique index that every database has.
    """

    __tablename__ = "stock_exceptions"
    __table_args__ = (Index("ix_stock_exceptions_store_id_product_id", "store_id", "product_id"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(short_code(24), default="sold_beyond_books")
    open_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    sale_id: Mapped[int | None] = mapped_column(BigInteger)
    wanted: Mapped[int] = mapped_column(BigInteger, default=0)
    available: Mapped[int] = mapped_column(BigInteger, default=0)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    note: Mapped[str] = mapped_column(String(200), default="")

    store: Mapped[Store] = relationship()
    product: Mapped[Product] = relationship()


def _summed(column: Mapped[int]) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(column), 0))
        .where(StockLevel.product_id == Product.id)
        .correlate_except(StockLevel)
        .scalar_subquery()
    )


# Asked for only by the back office (undefer); tills never pay for them.
Product.current_stock = column_property(_summed(StockLevel.on_hand), deferred=True)
Product.reserved_stock = column_property(_summed(StockLevel.reserved), deferred=True)
Product.need_replenishment = column_property(
    exists()
    .where(
        StockLevel.product_id == Product.id,
        Store.id == StockLevel.store_id,
        Product.is_archived.is_(False),
        Product.is_stocked.is_(True),
        StockLevel.on_hand - StockLevel.reserved
        < func.coalesce(StockLevel.safety_stock, case((Store.kind == "shop", Product.safety_stock), else_=0)),
    )
    .correlate_except(StockLevel, Store),
    deferred=True,
)
