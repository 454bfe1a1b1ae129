"""The past of products, day by day, as forecasting wants to read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.catalog import Category, Product
from app.models.reports import DailySales, SummarisedDay


@dataclass(frozen=True, slots=True)
class Day:
    """One product on one day: sold less returned in thousandths, what was paid for the sold, and whether it lasted."""

    product_id: int
    day: date
    sold: int
    units: int
    gross: int
    is_promoted: bool
    out_minutes: int


def days(session: Session, store_id: int, product_ids: Collection[int], first: date, last: date) -> list[Day]:
    """The days of each product that have a row, in order of product and day."""
    rows = session.execute(
        select(
            DailySales.product_id, DailySales.business_date, DailySales.units - DailySales.returned, DailySales.units,
            DailySales.gross, DailySales.is_promoted, DailySales.out_of_stock_minutes,
        )
        .where(
            DailySales.store_id == store_id,
            DailySales.product_id.in_(product_ids),
            DailySales.business_date.between(first, last),
        )
        .order_by(DailySales.product_id, DailySales.business_date)
    )  # fmt: skip
    return [Day(*row) for row in rows]


def summarised(session: Session, store_id: int, first: date, last: date) -> set[date]:
    """The days whose summary holds: of all others nothing is known."""
    return set(
        session.scalars(
            select(SummarisedDay.business_date).where(
                SummarisedDay.store_id == store_id,
                SummarisedDay.summarised_at.is_not(None),
                SummarisedDay.business_date.between(first, last),
            )
        )
    )


def open_minutes(session: Session, store_id: int, first: date, last: date) -> int:
    """Minutes from the first receipt to the last on a usual day; 0 when nobody has counted them."""
    mean = select(func.avg(SummarisedDay.open_minutes)).where(
        SummarisedDay.store_id == store_id,
        SummarisedDay.open_minutes > 0,
        SummarisedDay.business_date.between(first, last),
    )
    return int(session.scalar(mean) or 0)


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a product besides its days."""

    product_id: int
    category: str
    selling_price: int
    purchase_price: int
    pack_size: int
    unit: str


def heads(session: Session, product_ids: Collection[int]) -> dict[int, Head]:
    """The named products."""
    rows = session.execute(
        select(
            Product.id, Category.name, Product.selling_price, Product.purchase_price, Product.pack_size, Product.unit
        )
        .join(Category, Category.id == Product.category_id)
        .where(Product.id.in_(product_ids))
    )
    return {row[0]: Head(*row) for row in rows}
