"""The public face: series in, forecasts out, every one finite and labelled."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np

from app.forecasting.arima import arima700
from app.forecasting.backtest import Backtest, Method, backtest, bias, rmsse, wape
from app.forecasting.panel import Numbers, Panel, panel_of
from app.forecasting.series import (
    LEAST_HISTORY,
    LEVELS,
    LONGEST_HORIZON,
    Forecast,
    HorizonOutOfRange,
    MethodUnknown,
    Series,
)
from app.forecasting.shape import weekday_shape
from app.forecasting.simple import moving_average, seasonal_naive
from app.forecasting.spread import gamma_quantile

METHODS: Final[Mapping[str, Method]] = {
    "weekday_shape": weekday_shape,
    "moving_average": moving_average,
    "seasonal_naive": seasonal_naive,
    "arima700": arima700,
}
"""What can be asked for by name; left alone, the best of the quick ones is chosen for each product."""
QUICK: Final = ("weekday_shape", "moving_average", "seasonal_naive")
BLOCK: Final = 1_000
"""Series forecast together; bounds the memory of a night of any size."""


def forecast_many(
    series: Sequence[Series],
    *,
    horizon: int = 14,
    holidays: frozenset[date] = frozenset(),
    method: str | None = None,
    today: date,
) -> dict[int, Forecast]:
    """The demand of the `horizon` days from `today` on, by the key of each series.

    Raises HorizonOutOfRange and MethodUnknown. Series given together are learned from together: give those of one
    store, all of a category at once.
    """
    if not 1 <= horizon <= LONGEST_HORIZON:
        raise HorizonOutOfRange(horizon=horizon, least=1, most=LONGEST_HORIZON)
    if method is not None and method not in METHODS:
        raise MethodUnknown(method=method, known=sorted(METHODS))
    found: dict[int, Forecast] = {}
    for begin in range(0, len(series), BLOCK):
        block = series[begin : begin + BLOCK]
        panel = panel_of(block, horizon=horizon, holidays=holidays, today=today)
        found.update(_forecast_block([one.key for one in block], panel, method, today))
    return found


def _forecast_block(keys: Sequence[int], panel: Panel, method: str | None, today: date) -> dict[int, Forecast]:
    """Forecast one block; the best method of each product's backtest speaks, weekday shape where it cannot be told."""
    names = (method,) if method else QUICK
    methods = {name: METHODS[name] for name in names}
    past = backtest(panel, methods)
    chosen = _best(past, names)
    said = np.stack([np.maximum(np.nan_to_num(one(panel)), 0.0) for one in methods.values()])
    mean = said[chosen, np.arange(len(keys))]
    then = np.stack([past.said[name] for name in names])[chosen, np.arange(len(keys))]
    errors = np.stack([wape(past.actual, then), rmsse(past.actual, then, panel.demand), bias(past.actual, then)])
    deviation = _deviation(past.actual, then, mean)
    history = panel.history_days
    found = {}
    for row, key in enumerate(keys):
        short = history[row] < LEAST_HISTORY
        found[key] = Forecast(
            key=key,
            method="recent_mean" if short else names[chosen[row]],
            first_day=today,
            mean=mean[row].tolist(),
            quantiles={level: gamma_quantile(mean[row], deviation[row], level).tolist() for level in LEVELS},
            wape=_or_none(errors[0, row]),
            rmsse=_or_none(errors[1, row]),
            bias=_or_none(errors[2, row]),
            history_days=int(history[row]),
            note=f"not enough history ({history[row]} of {LEAST_HISTORY} days)" if short else "",
            deviation=deviation[row].tolist(),
            correlation=0.1,
        )
    return found


def _best(past: Backtest, names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Place of the method with the least squared error for each product; the first where nothing is known."""
    known = ~np.isnan(past.actual)
    squared = [np.where(known, (past.said[name] - past.actual) ** 2, 0.0).sum(axis=(1, 2)) for name in names]
    return np.asarray(np.argmin(np.stack(squared), axis=0))


def _deviation(actual: Numbers, said: Numbers, mean: Numbers) -> Numbers:
    """Standard deviation of each day: own squared error drawn to what the mean alone would suggest (Poisson)."""
    known = ~np.isnan(actual)
    squared = np.where(known, (said - actual) ** 2, 0.0).sum(axis=(1, 2))
    expected = np.where(known, said, 0.0).sum(axis=(1, 2))
    factor = (squared + WEIGHT) / (expected + WEIGHT)
    return np.asarray(np.sqrt(np.maximum(mean, 1e-9) * np.maximum(factor, 1.0)[:, None]))


WEIGHT: Final = 5.0


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
