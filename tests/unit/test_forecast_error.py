"""What the benchmark of forecasts calls worse than "same weekday last week"."""

from datetime import date

import numpy as np

from benchmarks.forecast_data import DailySales
from benchmarks.forecast_error import Said, worse
from benchmarks.inventory import Numbers

DAYS = 42
ORIGIN = 35


def said(week: list[list[float]]) -> Said:
    """A method that said these weeks on the one origin."""
    return Said({ORIGIN: np.array(week)}, {}, {})


def sales(week: list[list[float]]) -> DailySales:
    """Products whose history goes up and down by one a day, and what came then."""
    past = np.tile(np.arange(ORIGIN) % 2, (len(week), 1)).astype(float)
    units: Numbers = np.concatenate([past, np.array(week)], axis=1)
    return DailySales("made_up", date(2026, 1, 5), units, [], frozenset())


def test_worse_is_an_rmsse_more_than_a_tenth_above_that_of_last_week() -> None:
    came = [[4.0] * 7] * 3
    made = {
        "aisle": said([[3.0] * 7, [2.93] * 7, [2.85] * 7]), "arima700": said(came),
        "seasonal_naive": said([[3.0] * 7] * 3),
    }  # fmt: skip

    found = worse(sales(came), [ORIGIN], made)

    assert found["aisle"] == {"rmsse": 1, "rmsse_of": 3, "absolute": 1, "squared": 2, "of": 3}
    assert found["own_mean"] == {"rmsse": 0, "rmsse_of": 3, "absolute": 0, "squared": 0, "of": 3}


def test_where_last_week_never_errs_an_rmsse_above_a_tenth_is_worse() -> None:
    made = {"aisle": said([[0.05] * 7, [0.2] * 7])}
    made |= dict.fromkeys(("arima700", "seasonal_naive"), said([[0.0] * 7] * 2))

    found = worse(sales([[0.0] * 7] * 2), [ORIGIN], made)

    assert found["aisle"] == {"rmsse": 1, "rmsse_of": 2, "absolute": 0, "squared": 0, "of": 0}
