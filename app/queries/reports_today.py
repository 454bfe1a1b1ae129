"""What a manager looks at first, beside the figures of sales: what waits, how right the books are, what is foreseen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.domain.forecast import HOLDS_FOR
from app.models.forecast import Forecast, ForecastChunk, ForecastRun, ShelfCheck
from app.models.stocktake import Stocktake
from app.queries import forecast as forecasts


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counted lines of posted stocktakes, and how many of them were as the books said."""

    counted: int
    right: int


@dataclass(frozen=True, slots=True)
class Fan:
    """The newest forecast of a product; thousandths a day from `first_day`, quantiles by level."""

    first_day: date
    mean: list[int]
    quantiles: dict[str, list[int]]
    method: str
    wape: float | None
    bias: float | None
    history_days: int


def accuracy(session: Session, stores: Collection[int], since: datetime) -> Accuracy:
    """How right the books were where somebody counted since then."""
    row = session.execute(
        select(func.coalesce(func.sum(Stocktake.lines_counted), 0), func.coalesce(func.sum(Stocktake.lines_right), 0))
        .where(Stocktake.state == "posted", Stocktake.posted_at >= since, Stocktake.store_id.in_(stores))
    ).one()  # fmt: skip
    return Accuracy(int(row[0]), int(row[1]))


def expected_takings(session: Session, store_id: int, day: date) -> int | None:
    """What the newest forecast of all a store sells expects it to take on `day`; None when it does not say."""
    gap = exists().where(ForecastChunk.run_id == ForecastRun.id, forecasts.was_given_up())
    run = session.execute(
        select(ForecastRun.id, ForecastRun.first_day)
        .where(ForecastRun.store_id == store_id, ForecastRun.finished_at.is_not(None), ~gap)
        .order_by(ForecastRun.id.desc())
        .limit(1)
    ).one_or_none()
    if run is None:
        return None
    ahead = (day - run.first_day).days
    amounts = session.scalars(select(ForecastChunk.amounts).where(ForecastChunk.run_id == run.id)).all()
    known = [one[ahead] for one in amounts if one and 0 <= ahead < len(one)]
    return sum(known) if known else None


def fan(session: Session, store_id: int, product_id: int, today: date) -> Fan | None:
    """The newest forecast of a product in a store; None when there is none that anybody should still believe."""
    row: Any = session.execute(
        select(
            Forecast.first_day, Forecast.mean, Forecast.quantiles, Forecast.method, Forecast.wape, Forecast.bias,
            Forecast.history_days,
        ).where(
            Forecast.store_id == store_id, Forecast.product_id == product_id, Forecast.first_day >= today - HOLDS_FOR
        )
    ).one_or_none()  # fmt: skip
    return Fan(*row) if row else None


def shelves_to_check(session: Session, stores: Collection[int]) -> int:
    """How many shelves somebody should look at."""
    return (
        session.scalar(
            select(func.count())
            .select_from(ShelfCheck)
            .where(ShelfCheck.open_key.is_not(None), ShelfCheck.store_id.in_(stores))
        )
        or 0
    )
