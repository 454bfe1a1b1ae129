"""Questions about forecasts: what is expected, how far a run has come, how old it all is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.domain.forecast import Outlook
from app.models.catalog import Product
from app.models.forecast import Forecast, ForecastChunk, ForecastRun
from app.models.reports import DailyHour, DailySales, SummarisedDay
from app.models.stock import StockLevel, Store

FAILED: Final = "failed"
LOST: Final = "worker lost"
"""Why a chunk was given up whose worker never came back to say it."""
PROFILE_DAYS: Final = 28
A_PAST: Final = timedelta(days=2)
"""A shop that sold something so long ago should have been forecast by now."""


def outlooks(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, Outlook]:
    """The newest forecasts of the named products in a store, by product; see `Outlook.holds_on`."""
    rows: Iterable[Any] = session.execute(
        select(
            Forecast.product_id, Forecast.method, Forecast.first_day, Forecast.mean, Forecast.quantiles,
            Forecast.cover, Forecast.wape, Forecast.history_days, Forecast.note, Forecast.state,
        ).where(
            Forecast.store_id == store_id, Forecast.product_id.in_(product_ids), Forecast.first_day.is_not(None)
        )
    )  # fmt: skip
    return {
        row.product_id: Outlook(
            product_id=row.product_id, method=row.method, first_day=row.first_day, mean=row.mean,
            quantiles=row.quantiles, cover=row.cover, wape=row.wape, history_days=row.history_days, note=row.note,
            is_failed=row.state == FAILED,
        )
        for row in rows
    }  # fmt: skip


def selling_outlooks(session: Session, store_id: int) -> dict[int, Outlook]:
    """The same for every product of a store that has stock and may be sold."""
    statement = (
        select(Forecast.product_id)
        .join(Product, Product.id == Forecast.product_id)
        .join(StockLevel, (StockLevel.store_id == Forecast.store_id) & (StockLevel.product_id == Forecast.product_id))
        .where(Forecast.store_id == store_id, StockLevel.on_hand - StockLevel.reserved > 0, *_kept())
    )
    return outlooks(session, store_id, list(session.scalars(statement)))


def _kept() -> tuple[Any, ...]:
    return Product.is_archived.is_(False), Product.is_stocked.is_(True)


def products_to_forecast(session: Session, store_id: int, since: date) -> list[int]:
    """What a store sells or has, one category after the other: products are learned with their neighbours."""
    sold = exists().where(
        DailySales.product_id == Product.id, DailySales.store_id == store_id, DailySales.business_date >= since
    )
    held = exists().where(StockLevel.product_id == Product.id, StockLevel.store_id == store_id, StockLevel.on_hand != 0)
    statement = select(Product.id).where(*_kept(), or_(held, sold)).order_by(Product.category_id, Product.id)
    return list(session.scalars(statement))


@dataclass(frozen=True, slots=True)
class Progress:
    """A run: what it covers and how far it is. `finished_at` None: at work."""

    id: int
    store: str
    first_day: date
    method: str | None
    started_at: datetime
    finished_at: datetime | None
    products: int
    chunks: int
    chunks_done: int
    failed: int


def progress(session: Session, *, run_id: int | None = None, limit: int = 10) -> list[Progress]:
    """The newest runs of all stores, or the one named."""
    failed = func.coalesce(func.sum(ForecastChunk.failed), 0)
    statement = (
        select(
            ForecastRun.id, Store.code, ForecastRun.first_day, ForecastRun.method, ForecastRun.started_at,
            ForecastRun.finished_at, ForecastRun.products, func.count(ForecastChunk.number),
            func.count(ForecastChunk.done_at), failed,
        )
        .join(Store, Store.id == ForecastRun.store_id)
        .outerjoin(ForecastChunk, ForecastChunk.run_id == ForecastRun.id)
        .group_by(ForecastRun.id, Store.code)
        .order_by(ForecastRun.id.desc())
        .limit(limit)
    )  # fmt: skip
    if run_id is not None:
        statement = statement.where(ForecastRun.id == run_id)
    return [Progress(*row[:9], failed=int(row[9])) for row in session.execute(statement)]


def open_run(session: Session, store_id: int) -> int | None:
    """The run of a store that is at work."""
    return session.scalar(select(ForecastRun.id).where(ForecastRun.open_key == str(store_id)))


def open_runs(session: Session) -> list[int]:
    """Every run at work."""
    return list(session.scalars(select(ForecastRun.id).where(ForecastRun.open_key.is_not(None))))


def to_do(session: Session, run_id: int) -> int:
    """How many chunks of a run are not done."""
    statement = select(func.count()).where(ForecastChunk.run_id == run_id, ForecastChunk.done_at.is_(None))
    return session.scalar(statement) or 0


def free(*, since: datetime, gone: Collection[str]) -> ColumnElement[bool]:
    """Whether nobody is at work on a chunk: a claim before `since`, or by one of `gone`, counts for nothing."""
    return or_(ForecastChunk.claimed_at.is_(None), ForecastChunk.claimed_at < since, ForecastChunk.claimed_by.in_(gone))


def hopeless(session: Session, run_id: int, *, free: ColumnElement[bool], attempts: int) -> list[int]:
    """The chunks of a run that are not done and were tried so often already."""
    statement = select(ForecastChunk.number).where(
        ForecastChunk.run_id == run_id, ForecastChunk.done_at.is_(None), ForecastChunk.attempts >= attempts, free
    )
    return list(session.scalars(statement.order_by(ForecastChunk.number)))


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A chunk that could not be forecast: how many products, how often it was tried, and what went wrong last."""

    run_id: int
    number: int
    products: int
    attempts: int
    problem: str


def given_up(session: Session, *run_ids: int) -> list[GivenUp]:
    """The chunks of some runs that were given up."""
    rows = session.execute(
        select(
            ForecastChunk.run_id, ForecastChunk.number, ForecastChunk.failed, ForecastChunk.attempts,
            ForecastChunk.problem,
        )
        .where(ForecastChunk.run_id.in_(run_ids), was_given_up())
        .order_by(ForecastChunk.run_id, ForecastChunk.number)
    )  # fmt: skip
    return [GivenUp(*row) for row in rows]


def was_given_up() -> ColumnElement[bool]:
    """Whether a chunk ended without a forecast."""
    return and_(ForecastChunk.done_at.is_not(None), ForecastChunk.problem != "")


def has_run(session: Session, store_id: int, first_day: date) -> bool:
    """Whether a run from that day on was begun, whatever became of it."""
    statement = select(ForecastRun.id).where(ForecastRun.store_id == store_id, ForecastRun.first_day == first_day)
    return session.scalar(statement.limit(1)) is not None


def is_summarised(session: Session, store_id: int, day: date) -> bool:
    """Whether the summary of a closed day holds."""
    mark = select(SummarisedDay.summarised_at).where(
        SummarisedDay.store_id == store_id, SummarisedDay.business_date == day
    )
    return session.scalar(mark) is not None


def shops(session: Session) -> list[tuple[int, str]]:
    """Id and time zone of every active store that sells."""
    rows = session.execute(
        select(Store.id, Store.time_zone).where(Store.is_active.is_(True), Store.kind == "shop").order_by(Store.id)
    )
    return [(row[0], row[1]) for row in rows]


def finished(session: Session, *, now: datetime) -> list[datetime | None]:
    """When the newest complete forecast of each shop with a past was finished; None where there is none."""
    newest = _newest_finished().subquery()
    a_past = exists().where(SummarisedDay.store_id == Store.id, SummarisedDay.business_date < (now - A_PAST).date())
    return list(
        session.scalars(
            select(newest.c.at)
            .select_from(Store)
            .outerjoin(newest, newest.c.store_id == Store.id)
            .where(Store.is_active.is_(True), Store.kind == "shop", a_past)
        )
    )


def _newest_finished() -> Select[*tuple[Any, ...]]:
    return (
        select(ForecastRun.store_id, func.max(ForecastRun.finished_at).label("at"))
        .where(ForecastRun.finished_at.is_not(None))
        .group_by(ForecastRun.store_id)
    )


def failed_products(session: Session) -> int:
    """Products that the newest complete run of a store could not forecast."""
    newest = select(func.max(ForecastRun.id)).where(ForecastRun.finished_at.is_not(None)).group_by(ForecastRun.store_id)
    return int(session.scalar(select(func.sum(ForecastRun.failed)).where(ForecastRun.id.in_(newest))) or 0)


def hourly_profile(session: Session, store_id: int, today: date) -> list[float]:
    """The part of a day's receipt lines that falls into each hour of the store's clock; 24 figures that make 1.

    Empty when nothing was sold in the last four weeks.
    """
    rows: Sequence[Any] = session.execute(
        select(DailyHour.hour, func.sum(DailyHour.lines))
        .where(
            DailyHour.store_id == store_id,
            DailyHour.business_date.between(today - timedelta(days=PROFILE_DAYS), today - timedelta(days=1)),
        )
        .group_by(DailyHour.hour)
    ).all()
    total = sum(int(row[1]) for row in rows)
    by_hour = {row[0]: int(row[1]) for row in rows}
    return [by_hour.get(hour, 0) / total for hour in range(24)] if total else []
