"""The public face: series in, forecasts out, every one finite and labelled."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from app.forecasting import sums
from app.forecasting.backtest import LEAST_TRAINING, ORIGINS, Backtest, backtest, bias, rmsse, wape
from app.forecasting.calibrate import spread
from app.forecasting.choose import choose, shares, together
from app.forecasting.methods import METHODS, SLOW, beside, learned, spoken_name
from app.forecasting.panel import Flags, Numbers, Panel, panel_of
from app.forecasting.series import (
    LEAST_HISTORY,
    LONGEST_HORIZON,
    Forecast,
    HorizonOutOfRange,
    MethodUnknown,
    Series,
)
from app.forecasting.shape import WEEK
from app.forecasting.smoothing import smoothed
from app.forecasting.year import highest

BLOCK: Final = 1_000
"""Series forecast together; bounds the memory of a night of any size."""
SHORT_BACKTEST: Final = 2


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
    """Forecast one block by what its own last weeks teach."""
    past = _past(panel, method)
    chosen = choose(past, list(past.said))
    share = shares(past, list(past.said), chosen)
    history = panel.history_days
    sold = np.nansum(panel.demand, axis=1) > 0
    methods = learned(panel, method, band=True)
    names = [spoken_name(name, methods[name]) for name in past.said]
    said = np.stack([one(panel) for one in methods.values()])
    mean = np.where(sold[:, None], np.maximum(np.nan_to_num(together(said, chosen, share)), 0.0), 0.0)
    then = together(np.stack(list(past.said.values())), chosen, share)
    strayed = spread(past.actual, then, panel.demand)
    by_model, high = beside(methods, panel) or (None, None)
    bands = strayed.quantiles(mean, high, panel.whole, highest(panel))
    quantiles = {level: np.where(sold[:, None], one, 0.0) for level, one in bands.items()}
    deviation = np.where(sold[:, None], strayed.deviation(mean), 0.0)
    expected = np.where(sold[:, None], sums.expected(mean, by_model), 0.0)
    usual, unrest = _of_sums(panel, sold)
    errors = [wape(past.actual, then), rmsse(past.actual, then, panel.demand), bias(past.actual, then)]
    return {
        key: Forecast(
            key=key,
            method=_method(names[chosen[row]], int(history[row]), bool(sold[row])),
            first_day=today,
            mean=mean[row].tolist(),
            quantiles={level: one[row].tolist() for level, one in quantiles.items()},
            wape=_or_none(errors[0][row]),
            rmsse=_or_none(errors[1][row]),
            bias=_or_none(errors[2][row]),
            history_days=int(history[row]),
            note=_note(int(history[row]), bool(sold[row])),
            deviation=deviation[row].tolist(),
            correlation=strayed.correlation,
            usual=float(usual[row]),
            unrest=float(unrest[row]),
            expected=expected[row].tolist(),
        )
        for row, key in enumerate(keys)
    }


def _of_sums(panel: Panel, sold: Flags) -> tuple[Numbers, Numbers]:
    """The usual demand of a day, and how far sums of days stray."""
    quick, slow = (smoothed(panel.demand, weight) for weight in (sums.QUICK, sums.SLOW))
    return slow[:, -1], np.where(sold, sums.unrest(panel.demand, quick, slow), 0.0)


def _past(panel: Panel, method: str | None) -> Backtest:
    """The backtest of the methods in question, fitted to what lies before its first week."""
    origins = SHORT_BACKTEST if method in SLOW else ORIGINS
    begun = panel.days - WEEK * origins
    before = panel.until(begun, WEEK) if begun >= LEAST_TRAINING else panel.until(min(panel.days, LEAST_TRAINING), 0)
    return backtest(panel, learned(before, method, band=False), origins)


def _method(chosen: str, history: int, sold: bool) -> str:
    """The name of what spoke: rules speak for products too young or too quiet for methods."""
    if history < LEAST_HISTORY:
        return "recent_mean"
    return chosen if sold else "nothing_sold"


def _note(history: int, sold: bool) -> str:
    if history < LEAST_HISTORY:
        return f"not enough history ({history} of {LEAST_HISTORY} days)"
    return "" if sold else f"nothing sold in {history} days"


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
