"""Printers, scales and receipts to print."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import MYSQL, Base, BigId, UtcDateTime, short_code
from app.models.checkout import ClientUuid, Sale
from app.models.stock import Store


class Printer(Base):
    """A receipt printer of a till, or with an empty `till` of every till of the store that has none of its own.

    `failures` in a row decide how long it is left alone: until `quiet_until`.
    """

    __tablename__ = "printers"
    __table_args__ = (
        UniqueConstraint("store_id", "till"),
        CheckConstraint("columns_per_line IN (32, 42, 48)", name="columns_per_line"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="RESTRICT"), index=True)
    till: Mapped[str] = mapped_column(short_code(16), default="")
    address: Mapped[str] = mapped_column(short_code(200))
    columns_per_line: Mapped[int] = mapped_column(Integer, default=48)
    locale: Mapped[str] = mapped_column(short_code(8), default="en")
    footer: Mapped[str] = mapped_column(String(200), default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    has_drawer: Mapped[bool] = mapped_column(Boolean, default=True)
    is_automatic: Mapped[bool] = mapped_column(Boolean, default=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    quiet_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    store: Mapped[Store] = relationship()

    def __str__(self) -> str:
        return self.name


class Scale(Base):
    """The scale of a till, or with an empty `till` of every till of the store that has none of its own."""

    __tablename__ = "scales"
    __table_args__ = (UniqueConstraint("store_id", "till"), MYSQL)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="RESTRICT"), index=True)
    till: Mapped[str] = mapped_column(short_code(16), default="")
    address: Mapped[str] = mapped_column(short_code(200))
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)

    store: Mapped[Store] = relationship()

    def __str__(self) -> str:
        return self.name


class PrintJob(Base):
    """A receipt on its way to paper: waiting → sending → printed, else perhaps (printed) or given up.

    `copy_number` 0 is the original; `original_key` is the sale's id for it, else None: one original each, by
    unique index. `uuid` is client-made so that a retry asks once.
    """

    __tablename__ = "print_jobs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sending', 'printed', 'perhaps', 'given_up')", name="state"),
        CheckConstraint("copy_number >= 0", name="copy_number"),
        Index("ix_print_jobs_printer_id_state_id", "printer_id", "state", "id"),
        Index("ix_print_jobs_store_id_id", "store_id", "id"),
        MYSQL,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(ClientUuid, unique=True)
    printer_id: Mapped[int] = mapped_column(ForeignKey("printers.id", ondelete="RESTRICT"))
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"))
    till: Mapped[str] = mapped_column(short_code(16))
    sale_id: Mapped[int] = mapped_column(ForeignKey("sales.id"), index=True)
    copy_number: Mapped[int] = mapped_column(Integer, default=0)
    original_key: Mapped[str | None] = mapped_column(short_code(32), unique=True)
    state: Mapped[str] = mapped_column(short_code(12), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    problem: Mapped[str] = mapped_column(short_code(24), default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    printer: Mapped[Printer] = relationship()
    sale: Mapped[Sale] = relationship()
    store: Mapped[Store] = relationship()
