"""Fitting without a database: series in, rows to store out. One product that cannot be forecast stops no other."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import structlog

from app import forecasting
from app.domain.forecast import Outlook
from app.domain.money import divide_half_up
from app.domain.quantity import ONE
from app.forecasting import Forecast, Series
from app.forecasting.cover import lead_time_quantiles
from app.services.forecast_series import Past

HORIZON: Final = 14
NOTE: Final = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of some products: a row each, those that failed with a note, and the takings of each day."""

    made: Sequence[Mapping[str, Any]]
    failed: Mapping[int, str]
    amounts: Sequence[int]


def fit(past: Past, *, today: date, holidays: frozenset[date], method: str | None = None) -> Fitted:
    """Forecast every series; one that cannot be is named with what went wrong."""
    found: dict[int, Forecast] = {}
    failed: dict[int, str] = {}
    _fit(past.series, {"today": today, "holidays": holidays, "method": method}, found, failed)
    made = [_row(one) for one in found.values()]
    # Rounded once: half a cent of each of ten thousand products would be missed.
    worth = [0] * HORIZON
    for row in made:
        price = past.heads[row["product_id"]].selling_price
        worth = [amount + mean * price for amount, mean in zip(worth, row["mean"], strict=True)]
    return Fitted(made, failed, [divide_half_up(amount, ONE) for amount in worth])


def _fit(
    series: Sequence[Series],
    settings: Mapping[str, Any],
    found: dict[int, Forecast],
    failed: dict[int, str],
) -> None:
    """All together; when that goes wrong in halves, until the one product that is to blame stands alone."""
    if not series:
        return
    try:
        answers = forecasting.forecast_many(series, horizon=HORIZON, **settings)
        found.update({one.key: _checked(answers[one.key]) for one in series})
    except Exception as error:
        if len(series) == 1:
            failed[series[0].key] = f"{type(error).__name__}: {error}"[:NOTE]
            log.warning("forecast_failed", product_id=series[0].key, exc_info=True)
            return
        middle = len(series) // 2
        _fit(series[:middle], settings, found, failed)
        _fit(series[middle:], settings, found, failed)


def _checked(forecast: Forecast) -> Forecast:
    """Refuse what nobody could order by: a figure that is missing, endless or below nothing."""
    figures = [
        *forecast.mean, *(value for values in forecast.quantiles.values() for value in values), *forecast.deviation,
        *forecast.expected, forecast.usual, forecast.unrest,
    ]  # fmt: skip
    if len(forecast.mean) != HORIZON or not all(math.isfinite(value) and value >= 0 for value in figures):
        raise ValueError("a figure of the forecast is missing, endless or negative")
    return forecast


def outlook_of(one: Forecast) -> Outlook:
    """A forecast as ordering reads it from the database."""
    return Outlook(**{name: value for name, value in _row(one).items() if name not in ("rmsse", "bias")})


def _row(one: Forecast) -> dict[str, Any]:
    return {
        "product_id": one.key,
        "method": one.method[:40],
        "first_day": one.first_day,
        "mean": _thousandths(one.mean),
        "quantiles": {str(level): _thousandths(values) for level, values in one.quantiles.items()},
        "cover": {str(level): _thousandths(values) for level, values in lead_time_quantiles(one, HORIZON).items()},
        "wape": one.wape,
        "rmsse": one.rmsse,
        "bias": one.bias,
        "history_days": one.history_days,
        "note": one.note[:NOTE],
    }


def _thousandths(values: Sequence[float]) -> list[int]:
    return [round(value * ONE) for value in values]
