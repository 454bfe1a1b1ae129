"""What the reports were counted from, beside what they say: each question returns the rows that differ.

A day is judged when its summary holds: it is marked, and no sale of it waits for the ledger (posting that sale opens
the day again). What a figure should be stands beside it as `…_counted`. Offers and hours without stock are not judged
by day: they were told from what was usual and on the shelf when the day was summarised, and only added up later.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from app.domain.quantity import ONE
from app.domain.reports import FORTNIGHT
from app.models.checkout import Refund, RefundLine, Sale, SaleLine
from app.models.reports import DailyCashier, DailyHour, DailySales, FortnightSales, SummarisedDay, SummedFortnight
from app.queries import reports_sums
from app.queries.reports import EDITION, shelf_cost

Question = Select[*tuple[Any, ...]]
COUNTED: Final = "_counted"
THOUSANDTHS: Final = "_thousandths"
TAKEN: Final = ("receipts", "lines", "gross", "refunds", "refunded")
SOLD: Final = ("units", "returned", "gross", "refunded", "cost_thousandths", "returned_cost_thousandths")
SUMMED: Final = ("units", "net", "cost", "is_promoted", "out_of_stock_minutes")
NOTHING: Final = literal(0)


def daily_summary_is_recomputed_summary(store_id: int, first: date, end: date) -> Question:
    """7d. daily summary = recomputed summary: products of days before `end`."""
    days = _days(store_id, first, end)
    both = _beside(
        ("store_id", "business_date", "product_id"),
        SOLD,
        _stored_products().where(*days(DailySales)),
        [_sold_products().where(*days(Sale)), _returned_products().where(*days(Refund))],
    )
    # The summary's costs are rounded once a day, the receipts' are exact; an older edition does not know the second.
    exact = [_differ(both, name) for name in SOLD[:4]]
    cost, returned_cost = (_off(both, name) > ONE // 2 for name in SOLD[4:])
    return _judged(both).where(or_(*exact, cost, and_(SummarisedDay.edition == EDITION, returned_cost)))


def daily_cashiers_are_recomputed(store_id: int, first: date, end: date) -> Question:
    """7h. what a cashier took on a day = the receipts and refunds with that name."""
    return _takings(DailyCashier, store_id, first, end, "cashier_id")


def daily_hours_are_recomputed(store_id: int, first: date, end: date) -> Question:
    """7i. what the hours of a day took together = the day's receipts and refunds.

    Not hour by hour: the clock of a shop may be set to another time zone, and days that are over keep their hours.
    """
    return _takings(DailyHour, store_id, first, end)


def opening_minutes_are_recomputed(store_id: int, first: date, end: date) -> Question:
    """7j. the first and the last receipt of each day beside the minutes between them; `minutes_differ` tells."""
    return (
        select(
            SummarisedDay.store_id, SummarisedDay.business_date, SummarisedDay.open_minutes,
            func.min(Sale.sold_at).label("first_sale"), func.max(Sale.sold_at).label("last_sale"),
        )
        .outerjoin(Sale, and_(*_same_day(Sale)))
        .where(*_days(store_id, first, end)(SummarisedDay), *_holds(), SummarisedDay.edition == EDITION)
        .group_by(SummarisedDay.store_id, SummarisedDay.business_date, SummarisedDay.open_minutes)
    )  # fmt: skip


def minutes_differ(row: Row[*tuple[Any, ...]]) -> bool:
    """Whether a row of that question says something wrong. No two databases subtract times alike."""
    return bool(row.open_minutes != minutes_between(row.first_sale, row.last_sale))


def minutes_between(first_sale: datetime | None, last_sale: datetime | None) -> int:
    """Whole minutes from the first receipt of a day to its last; none: the shop did not sell."""
    return round((last_sale - first_sale).total_seconds() / 60) if first_sale and last_sale else 0


def fortnight_is_sum_of_days(store_id: int, first: date) -> Question:
    """7k. the sums of a fortnight = its days added up, unless one was summarised since: it is due to be summed up."""
    last = first + timedelta(days=FORTNIGHT - 1)
    both = _beside(
        ("product_id",),
        SUMMED,
        _stored_fortnight(store_id, first),
        [_added_days(store_id, first, last)],
    )
    newer = exists().where(
        SummarisedDay.store_id == SummedFortnight.store_id, SummarisedDay.business_date.between(first, last),
        SummarisedDay.summarised_at > SummedFortnight.summed_at,
    )  # fmt: skip
    mark = and_(SummedFortnight.store_id == store_id, SummedFortnight.first_day == first)
    return (
        select(SummedFortnight.store_id, SummedFortnight.first_day, *both.c)
        .join(both, mark)
        .where(SummedFortnight.summed_at.is_not(None), ~newer, or_(*(_differ(both, name) for name in SUMMED)))
    )


def _days(store_id: int, first: date, end: date) -> Any:
    # Each part by its own index: not every database would take the condition on all of them into each.
    return lambda of: (of.store_id == store_id, of.business_date >= first, of.business_date < end)


def _beside(keys: Sequence[str], figures: Sequence[str], stored: Question, counted: Sequence[Question]) -> Subquery:
    """What is stored and what was counted, of one key in one row."""
    marked = [stored.add_columns(literal(1).label("is_stored")), *(one.add_columns(NOTHING) for one in counted)]
    parts = union_all(*marked).subquery()
    sums: list[ColumnElement[Any]] = []
    for name in figures:
        sums.append(func.sum(parts.c[name] * parts.c.is_stored).label(name))
        sums.append(func.sum(parts.c[name] * (1 - parts.c.is_stored)).label(name + COUNTED))
    return select(*(parts.c[key] for key in keys), *sums).group_by(*(parts.c[key] for key in keys)).subquery()


def _differ(both: Subquery, name: str) -> ColumnElement[bool]:
    return both.c[name] != both.c[name + COUNTED]


def _off(both: Subquery, name: str) -> ColumnElement[int]:
    return func.abs(both.c[name] - both.c[name + COUNTED])


def _same_day(of: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return of.store_id == SummarisedDay.store_id, of.business_date == SummarisedDay.business_date


def _holds() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    waiting = select(Sale.id).where(*_same_day(Sale), Sale.posted_at.is_(None)).correlate(SummarisedDay).exists()
    return SummarisedDay.summarised_at.is_not(None), ~waiting


def _judged(both: Subquery) -> Question:
    return select(*both.c).join(SummarisedDay, and_(*_same_day(both.c))).where(*_holds())


def _takings(table: Any, store_id: int, first: date, end: date, *key: str) -> Question:
    days = _days(store_id, first, end)

    def by_day(of: Any, *figures: Any) -> Question:
        columns = [of.store_id, of.business_date, *(getattr(of, name) for name in key)]
        return select(*columns, *figures).where(*days(of)).group_by(*columns)

    stored = by_day(table, *(func.sum(getattr(table, name)).label(name) for name in TAKEN))
    sold = by_day(Sale, func.count(), NOTHING, func.sum(Sale.total), NOTHING, NOTHING)
    lines = by_day(Sale, NOTHING, func.count(), NOTHING, NOTHING, NOTHING).join(SaleLine, SaleLine.sale_id == Sale.id)
    returned = by_day(Refund, NOTHING, NOTHING, NOTHING, func.count(), func.sum(Refund.total))
    both = _beside(("store_id", "business_date", *key), TAKEN, stored, [sold, lines, returned])
    # Days of an older edition have none of it yet.
    return _judged(both).where(SummarisedDay.edition == EDITION, or_(*(_differ(both, name) for name in TAKEN)))


def _stored_products() -> Question:
    return select(
        DailySales.store_id, DailySales.business_date, DailySales.product_id, DailySales.units, DailySales.returned,
        DailySales.gross, DailySales.refunded, (DailySales.cost * ONE).label("cost_thousandths"),
        (DailySales.returned_cost * ONE).label("returned_cost_thousandths"),
    )  # fmt: skip


def _sold_products() -> Question:
    return select(
        Sale.store_id, Sale.business_date, SaleLine.product_id, SaleLine.quantity, NOTHING, SaleLine.total, NOTHING,
        SaleLine.unit_cost * SaleLine.quantity, NOTHING,
    ).join(Sale, Sale.id == SaleLine.sale_id)  # fmt: skip


def _returned_products() -> Question:
    return (
        select(
            Refund.store_id, Refund.business_date, RefundLine.product_id, NOTHING, RefundLine.quantity, NOTHING,
            RefundLine.amount, NOTHING, shelf_cost(),
        )
        .join(Refund, Refund.id == RefundLine.refund_id)
        .join(SaleLine, SaleLine.id == RefundLine.sale_line_id)
    )  # fmt: skip


def _stored_fortnight(store_id: int, first: date) -> Question:
    of = FortnightSales
    return select(
        of.product_id, of.units, of.net, of.cost,
        type_coerce(of.is_promoted, Integer).label("is_promoted"), of.out_of_stock_minutes,
    ).where(of.store_id == store_id, of.first_day == first)  # fmt: skip


def _added_days(store_id: int, first: date, last: date) -> Question:
    return (
        select(DailySales.product_id, *reports_sums.net_columns(), *reports_sums.flag_columns(DailySales))
        .where(DailySales.store_id == store_id, DailySales.business_date.between(first, last))
        .group_by(DailySales.product_id)
    )
