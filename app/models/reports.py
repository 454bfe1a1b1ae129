"""Nightly summaries and signs of life."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import MYSQL, Base, UtcDateTime, short_code


class DailySales(Base):
    """What one product sold in one store on one business day. Quantities thousandths, amounts minor units.

    Net is gross − refunded; margin is net − cost + returned_cost, where the cost of goods thrown away is not given
    back. `is_promoted`: sold clearly below its usual price. A product that was missing while the store sold has a
    row too, with nothing sold.
    """

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
    returned_cost: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    is_promoted: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    out_of_stock_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class FortnightSales(Base):
    """What one product sold in one store in the fourteen days from `first_day` on: a sum of `daily_sales`.

    Less what came back: `units`, `net` and `cost`. It holds as long as `SummedFortnight` says so.
    """

    __tablename__ = "fortnight_sales"
    __table_args__ = (Index("ix_fortnight_sales_product_id_first_day", "product_id", "first_day"), MYSQL)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)
    product_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    units: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger)
    is_promoted: Mapped[bool] = mapped_column(Boolean)
    out_of_stock_minutes: Mapped[int] = mapped_column(Integer)


class SummedFortnight(Base):
    """A fortnight of a store and when it was summed up; None: one of its days was summarised since, sum it up again."""

    __tablename__ = "summed_fortnights"
    __table_args__ = (MYSQL,)

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_day: Mapped[date] = mapped_column(Date, primary_key=True)
    summed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DailyHour(Base):
    """What one store took in one hour of its own clock on one business day."""

    __tablename__ = "daily_hours"

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    receipts: Mapped[int] = mapped_column(Integer, default=0)
    lines: Mapped[int] = mapped_column(Integer, default=0)
    gross: Mapped[int] = mapped_column(BigInteger, default=0)
    refunds: Mapped[int] = mapped_column(Integer, default=0)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)


class DailyCashier(Base):
    """What one cashier took in one store on one business day."""

    __tablename__ = "daily_cashiers"

    store_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    cashier_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    receipts: Mapped[int] = mapped_column(Integer, default=0)
    lines: Mapped[int] = mapped_column(Integer, default=0)
    gross: Mapped[int] = mapped_column(BigInteger, default=0)
    refunds: Mapped[int] = mapped_column(Integer, default=0)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)


class SummarisedDay(Base):
    """A business day of a store and when it was last summarised; None: touched since, summarise again.

    `edition` says which columns the summary knows: days of an older one are counted again bit by bit.
    `open_minutes` runs from the first receipt of the day to the last.
    """

    __tablename__ = "summarised_days"

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id"), primary_key=True)
    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    summarised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edition: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    open_minutes: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Heartbeat(Base):
    """When a process of a role on a host was last seen alive."""

    __tablename__ = "heartbeats"

    role: Mapped[str] = mapped_column(short_code(32), primary_key=True)
    host: Mapped[str] = mapped_column(short_code(100), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
