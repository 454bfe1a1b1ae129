"""Counting sessions: what was to be counted, who counted what and when, and what came of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.catalog import SHELF_LENGTH, Category, Product
from app.models.checkout import ClientUuid
from app.models.stock import Store


class Stocktake(Base):
    """A session of counting: open → counted (closed, variances known) → posted, or cancelled.

    `uuid` is client-made, `request_hash` what it stands for. The figures of accuracy are written when it is posted:
    lines counted and right, the books' value of what was counted, and how far off it was (both ways added up, and net).
    """

    __tablename__ = "stocktakes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'counted', 'posted', 'cancelled')", name="state"),
        CheckConstraint("kind IN ('category', 'shelf', 'list')", name="kind"),
        Index("ix_stocktakes_store_id_state", "store_id", "state"),
        Index("ix_stocktakes_posted_at", "posted_at"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    request_hash: Mapped[str] = mapped_column(short_code(64))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    kind: Mapped[str] = mapped_column(short_code(12))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id", ondelete="SET NULL"))
    shelf: Mapped[str | None] = mapped_column(String(SHELF_LENGTH))
    state: Mapped[str] = mapped_column(short_code(12), default="open")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lines_counted: Mapped[int] = mapped_column(Integer, default=0)
    lines_right: Mapped[int] = mapped_column(Integer, default=0)
    book_value: Mapped[int] = mapped_column(BigInteger, default=0)
    variance_value: Mapped[int] = mapped_column(BigInteger, default=0)
    net_value: Mapped[int] = mapped_column(BigInteger, default=0)

    store: Mapped[Store] = relationship()
    category: Mapped[Category | None] = relationship()


class StocktakeLine(Base):
    """A product to be counted. `open_key` is "store:product" until its session ends: counted in one session at a time.

    From the close on: `counted` (Σ of the round that decides), `book` (what the books say of the moments of those
    counts), `variance` = counted − book, `unit_cost` of then and whether it `needs_recount`.
    """

    __tablename__ = "stocktake_lines"
    __table_args__ = (UniqueConstraint("stocktake_id", "product_id"), MYSQL)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    stocktake_id: Mapped[int] = mapped_column(ForeignKey("stocktakes.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="RESTRICT"), index=True)
    open_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    decided_round: Mapped[int | None] = mapped_column(Integer)
    counted: Mapped[int | None] = mapped_column(BigInteger)
    book: Mapped[int | None] = mapped_column(BigInteger)
    variance: Mapped[int | None] = mapped_column(BigInteger)
    unit_cost: Mapped[int] = mapped_column(BigInteger, default=0)
    needs_recount: Mapped[bool] = mapped_column(Boolean, default=False)
    reason: Mapped[str] = mapped_column(short_code(16), default="")
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    product: Mapped[Product] = relationship()


class StocktakeCount(Base):
    """One figure that somebody counted, written once. `is_instead`: what the same person had said before in this round
    was a mistake, and does not count.

    `uuid` is client-made, `counted_at` the moment it is compared with, `said_at` what the phone's clock said
    (`is_moment_doubtful` when it could not be believed), `book` the books' level of that moment as known when the count
    arrived.
    """

    __tablename__ = "stocktake_counts"
    __table_args__ = (
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("place IN ('shelf', 'back')", name="place"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("stocktake_lines.id"), index=True)
    round: Mapped[int] = mapped_column(Integer, default=1)
    place: Mapped[str] = mapped_column(short_code(8), default="shelf")
    quantity: Mapped[int] = mapped_column(BigInteger)
    book: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_moment_doubtful: Mapped[bool] = mapped_column(Boolean, default=False)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_instead: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
