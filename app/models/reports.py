"""Nightly summaries and signs of life."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import MYSQL, Base, UtcDateTime, short_code


class DailySales(Base):
    """What one product sold in one store on one business day. Quantities thousandths, amounts minor units."""

    __tablename__ = "daily_sales"
    __table_args__ = (Index("ix_daily_sales_product_id_business_date", "product_id", "business_date"), MYSQL)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    units: Mapped[int] = mapped_column(BigInteger, default=0)
    returned: Mapped[int] = mapped_column(BigInteger, default=0)
    gross: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    cost: Mapped[int] = mapped_column(BigInteger, default=0)


class SummarisedDay(Base):
    """A business day of a store and when it was last summarised; None: touched since, summarise again."""

    __tablename__ = "summarised_days"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    summarised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Heartbeat(Base):
    """When a process of a role on a host was last seen alive."""

    __tablename__ = "heartbeats"

    role: Mapped[str] = mapped_column(short_code(32), primary_key=True)
    host: Mapped[str] = mapped_column(short_code(100), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
