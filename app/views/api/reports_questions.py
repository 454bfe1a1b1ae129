"""Questions of reports, as the API and the files ask them: shaped, of the replica where it is near enough."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from flask import current_app, g
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.domain import reports as domain
from app.domain.back_office import RowUnknown
from app.domain.reports import Period
from app.queries import back_office, ops, reports_period, reports_stock, reports_today
from app.services import reports_expiring, reports_shelf
from app.services import reports_period as periods
from app.services import reports_today as today_service
from app.services.reports_period import Scope
from app.views.access import current_staff
from app.views.admin.kept import KeptFigures
from app.views.api import reports_answers as shapes
from app.views.api import reports_now_answers as now_shapes
from app.views.api.payloads import Payload
from app.views.recent_writes import near, old_data_time, reaches

T = TypeVar("T")
USUAL_DAYS = 28
WORST = 8
COUNTED_DAYS = timedelta(days=90)
KEPT = "aisle_kept_report_shortages"


def _day(text: object) -> object:
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise PydanticCustomError("no_day", "a day of the calendar is needed, such as 2026-02-28")


Day = Annotated[date, BeforeValidator(_day)]


class StoreQuery(Payload):
    """Which store: none names one's own, 0 all that share its currency."""

    store: int | None = Field(default=None, ge=0, le=2**31 - 1)


class PeriodQuery(StoreQuery):
    """Business days, both included; without them the last 28 including today."""

    first: Day | None = None
    last: Day | None = None


class RowsQuery(PeriodQuery):
    """At most so many rows."""

    limit: int = Field(default=50, ge=1, le=1000)


class ProductsQuery(RowsQuery):
    """Products of one category, or of all."""

    category: int | None = Field(default=None, ge=1, le=2**31 - 1)


class StockQuery(StoreQuery):
    """At most so many products in each list."""

    limit: int = Field(default=20, ge=1, le=1000)


def asked(session: Session, query: StoreQuery) -> Scope:
    """The stores of a question."""
    return periods.scope(session, current_staff().store_id, query.store)


def period_of(where: Scope, query: PeriodQuery) -> Period:
    """The days of a question.

    Raises:
        DateRange: in the wrong order, too many, or in another century.
    """
    last = query.last or max(where.today(utc_now()), query.first or domain.EARLIEST)
    first = query.first or max(domain.EARLIEST, last - timedelta(days=min(USUAL_DAYS, last.toordinal()) - 1))
    return domain.period(first, last)


def _read(work: Callable[[Session, datetime], T]) -> tuple[T, datetime | None]:
    """Ask the replica where it is near enough; the answer, and what it reaches when it is not this moment."""
    found = near(lambda session: work(session, utc_now()))
    return found, old_data_time()


def today(query: StoreQuery) -> now_shapes.TodayAnswer:
    """The day so far against what was expected, and what waits for somebody."""
    found, as_of = _read(lambda session, now: _today(session, query, now))
    where = found.pop("where")
    return now_shapes.TodayAnswer(about=shapes.About.of(where, as_of), **found)


def _today(session: Session, query: StoreQuery, now: datetime) -> dict[str, Any]:
    where = asked(session, query)
    ids = frozenset(store.id for store in where.stores)
    day, short = today_service.today(session, where, now=now), _shortages(session, ids)
    choices = reports_period.stores_of_currency(session, where.currency)
    return {
        "where": where, "choices": [shapes.StoreAnswer.model_validate(one) for one in choices],
        "hours": [now_shapes.HourAnswer.model_validate(one) for one in day.hours],
        "below_safety": short.below, "nobody_delivers": short.nobody_delivers,
        "alerts": [now_shapes.AlertAnswer.model_validate(one) for one in short.shortest],
        "orders": back_office.open_orders(session, ids), "exceptions": back_office.open_exceptions(session, ids),
        "unposted": back_office.unposted(session, ids).count,
        "shelf_checks": reports_today.shelves_to_check(session, ids), "accuracy": _accuracy(session, ids, now),
    } | {
        name: getattr(day, name)
        for name in ("day", "gross", "refunded", "receipts", "lines", "refunds", "expected", "expected_by_now",
                     "expected_from")
    }  # fmt: skip


def _shortages(session: Session, ids: frozenset[int]) -> back_office.Shortages:
    """The one figure that reads every level: kept for a while when it was slow, like on the overview."""
    figures: KeptFigures[tuple[datetime, back_office.Shortages]] = current_app.extensions.setdefault(
        KEPT, KeptFigures()
    )
    as_of, found = figures.get(ids, lambda: (reaches(session), back_office.shortages(session, ids, WORST))).value
    g.aisle_as_of = min(as_of, g.get("aisle_as_of", as_of))
    return found


def _accuracy(session: Session, ids: frozenset[int], now: datetime) -> now_shapes.AccuracyAnswer:
    found, proof = reports_today.accuracy(session, ids, now - COUNTED_DAYS), ops.last_proof(session)
    return now_shapes.AccuracyAnswer(
        counted_lines=found.counted, right_lines=found.right, percent=domain.share(found.right, found.counted),
        proved_at=proof.at if proof else None, violations=proof.violations if proof else None,
    )  # fmt: skip


def categories(query: RowsQuery) -> shapes.AnalysisAnswer:
    """Quantity, amount, margin and shares of every category, beside earlier days."""
    from app.services import reports_analysis as analysis  # data frames cost every start half a second

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        return where, analysis.categories(session, where, period_of(where, query), now=now, limit=query.limit)

    (where, found), as_of = _read(ask)
    return shapes.AnalysisAnswer.of(shapes.About.of(where, as_of), found)


def products(query: ProductsQuery) -> shapes.AnalysisAnswer:
    """The same of products, the best sellers first."""
    from app.services import reports_analysis as analysis

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        period = period_of(where, query)
        return where, analysis.products(session, where, period, now=now, category_id=query.category, limit=query.limit)

    (where, found), as_of = _read(ask)
    return shapes.AnalysisAnswer.of(shapes.About.of(where, as_of), found)


def product(product_id: int, query: PeriodQuery) -> shapes.ProductAnswer:
    """One product day by day, with its forecast and the days it was missing."""
    found, as_of = _read(lambda session, now: _product(session, product_id, query, now))
    where = found.pop("where")
    return shapes.ProductAnswer(about=shapes.About.of(where, as_of), id=product_id, **found)


def _product(session: Session, product_id: int, query: PeriodQuery, now: datetime) -> dict[str, Any]:
    where = asked(session, query)
    period = period_of(where, query)
    head = reports_period.heads(session, [product_id]).get(product_id) if product_id < 2**31 else None
    if head is None:
        raise RowUnknown(product_id=product_id)
    days = periods.product_days(session, where, product_id, period, now=now)
    ids = [store.id for store in where.stores]
    fan = reports_today.fan(session, ids[0], product_id, where.today(now)) if len(ids) == 1 else None
    available = [reports_stock.available(session, one, [product_id]).get(product_id, 0) for one in ids]
    return {
        "where": where, "period": shapes.span(period), "name": head.name, "sku": head.sku, "unit": head.unit,
        "category_id": head.category_id, "available": sum(available),
        "days": [shapes.DayAnswer.of(one) for one in days],
        "forecast": shapes.FanAnswer.model_validate(fan) if fan else None,
    }  # fmt: skip


def hours(query: PeriodQuery) -> shapes.HoursAnswer:
    """Takings and receipts by hour and by day, and what an average basket is."""

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        period = period_of(where, query)
        return where, period, periods.hours(session, where, period, now=now)

    (where, period, rows), as_of = _read(ask)
    return shapes.hours_answer(shapes.About.of(where, as_of), period, rows)


def cashiers(query: PeriodQuery) -> shapes.CashiersAnswer:
    """What each cashier took and gave back."""

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        period = period_of(where, query)
        rows = periods.cashiers(session, where, period, now=now)
        return where, period, rows, reports_period.staff_names(session, {row.key for row in rows})

    (where, period, rows, names), as_of = _read(ask)
    return shapes.cashiers_answer(shapes.About.of(where, as_of), period, rows, names)


def stock(query: StockQuery) -> now_shapes.StockAnswer:
    """What stock is worth, how long it lasts, what is slow and what is dead."""

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        return where, reports_shelf.shelf(session, where, now=now)

    (where, found), as_of = _read(ask)
    return now_shapes.StockAnswer.of(shapes.About.of(where, as_of), found, query.limit)


def expiring(query: StockQuery) -> now_shapes.ExpiringAnswer:
    """What is about to expire or has expired, as far as deliveries and shelf life tell."""

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        return where, reports_expiring.expiring(session, where, now=now)

    (where, found), as_of = _read(ask)
    return now_shapes.ExpiringAnswer.of(shapes.About.of(where, as_of), found, query.limit)


def shrinkage(query: PeriodQuery) -> now_shapes.ShrinkageAnswer:
    """Waste, theft, corrections and counts, at purchase price."""

    def ask(session: Session, now: datetime) -> Any:
        where = asked(session, query)
        period = period_of(where, query)
        return where, period, reports_shelf.shrinkage(session, where, period)

    (where, period, rows), as_of = _read(ask)
    answers = [
        now_shapes.LossAnswer(
            kind=row.kind, movements=row.movements, quantity=row.quantity, value=row.value,
            worst=[
                now_shapes.LossProductAnswer(product_id=key, name=name, value=value) for key, name, value in row.worst
            ],
        )
        for row in rows
    ]  # fmt: skip
    return now_shapes.ShrinkageAnswer(
        about=shapes.About.of(where, as_of), period=shapes.span(period), value=sum(row.value for row in rows),
        rows=answers,
    )  # fmt: skip
