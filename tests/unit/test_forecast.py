"""What the forecasts of a made-up shop must get right: weekdays, levels, bands, the choice, sums of days."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.forecasting import Forecast, Series, boosting, forecast_many, lead_time_quantile
from app.forecasting.backtest import Backtest
from app.forecasting.choose import choose
from app.forecasting.panel import Panel, panel_of
from app.forecasting.shape import weekday_shape
from app.forecasting.simple import moving_average, seasonal_naive

TODAY = date(2026, 3, 2)
"""A Monday."""
DAYS = 210
WEEKDAYS = np.array([0.7, 0.7, 0.8, 0.9, 1.2, 1.5, 1.2])


def shop(products: int, *, seed: int = 1, days: int = DAYS) -> list[Series]:
    """Products of different speed that share a weekday shape, with the noise of single customers."""
    random = np.random.default_rng(seed)
    speed = random.lognormal(0.5, 1.0, products)
    first_day = TODAY - timedelta(days=days)
    shape = WEEKDAYS[(first_day.weekday() + np.arange(days)) % 7]
    units = random.poisson(speed[:, None] * shape)
    return [Series(key, first_day, row.astype(float).tolist(), group="all") for key, row in enumerate(units)]


@pytest.fixture(scope="module")
def forecasts() -> dict[int, Forecast]:
    """The next two weeks of thirty products."""
    return forecast_many(shop(30), today=TODAY)


def test_the_pooled_shape_shows_in_a_slow_product(forecasts: dict[int, Forecast]) -> None:
    week = np.array([found.mean[:7] for found in forecasts.values()])

    found = week.sum(axis=0) / week.sum() * 7

    assert found == pytest.approx(WEEKDAYS, abs=0.12)


def test_the_total_is_neither_too_high_nor_too_low(forecasts: dict[int, Forecast]) -> None:
    sold = sum(float(unit or 0.0) for one in shop(30) for unit in one.units[-56:]) / 8

    assert sum(sum(found.mean[:7]) for found in forecasts.values()) == pytest.approx(sold, rel=0.05)


def test_the_band_holds_what_it_promises() -> None:
    history = shop(60, seed=2, days=DAYS + 7)
    came = np.array([one.units[-7:] for one in history])
    past = [Series(one.key, one.first_day, one.units[:-7], group="all") for one in history]

    made = forecast_many(past, today=TODAY - timedelta(days=7))

    for level, slack in ((0.8, 0.07), (0.95, 0.05)):
        held = (came <= np.array([made[one.key].quantiles[level][:7] for one in history])).mean()
        assert level - slack <= held <= min(level + slack + 0.03, 0.995)


def test_every_forecast_names_its_method_its_errors_and_its_history(forecasts: dict[int, Forecast]) -> None:
    methods = {found.method for found in forecasts.values()}

    assert "blend" in methods
    assert {found.history_days for found in forecasts.values()} == {DAYS}
    assert all(
        found.wape is not None and found.rmsse is not None and found.bias is not None for found in forecasts.values()
    )
    assert {found.note for found in forecasts.values()} == {""}


def test_the_same_history_gives_the_same_forecast(forecasts: dict[int, Forecast]) -> None:
    assert forecast_many(shop(30), today=TODAY) == forecasts


def test_without_the_booster_the_weekday_shape_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "_booster", lambda: None)

    made = forecast_many(shop(12, days=100), today=TODAY)

    assert made[0].method == "weekday_shape"
    assert sum(made[0].mean) > 0.0


def test_a_method_asked_for_by_name_is_the_one_that_speaks() -> None:
    made = forecast_many(shop(1, days=60), today=TODAY, method="arima700", horizon=7)

    assert {found.method for found in made.values()} == {"arima700"}


def panel(units: list[float], horizon: int = 7) -> Panel:
    """One product."""
    one = Series(1, TODAY - timedelta(days=len(units)), units)
    return panel_of([one], horizon=horizon, holidays=frozenset(), today=TODAY)


def test_same_weekday_last_week_is_just_that() -> None:
    units = [float(day) for day in range(1, 36)]

    assert seasonal_naive(panel(units, 9))[0].tolist() == [29, 30, 31, 32, 33, 34, 35, 29, 30]


def test_the_mean_of_28_days_forgets_older_ones() -> None:
    assert moving_average(panel([900.0] * 30 + [2.0, 4.0] * 14))[0].tolist() == [3.0] * 7


def test_the_level_follows_a_step() -> None:
    found = weekday_shape(panel([2.0] * 120 + [8.0] * 60), weight=0.1)

    assert found.mean() == pytest.approx(8.0, abs=0.2)


def backtest_of(blend_error: float, rival_error: float) -> Backtest:
    """Eight weeks in which the two methods are that far off every day."""
    actual = np.full((1, 8, 7), 10.0)
    return Backtest(actual, {"blend": actual + blend_error, "seasonal_naive": actual - rival_error})


@pytest.mark.parametrize(("rival_error", "chosen"), [(1.0, 1), (1.9, 0), (2.5, 0)])
def test_only_a_clearly_better_rival_takes_a_product_from_the_blend(rival_error: float, chosen: int) -> None:
    assert choose(backtest_of(2.0, rival_error), ["blend", "seasonal_naive"]).tolist() == [chosen]


def test_a_blend_that_loses_to_last_week_falls_back_to_it() -> None:
    assert choose(backtest_of(6.0, 0.5), ["blend", "seasonal_naive"]).tolist() == [1]


def test_more_days_and_a_higher_level_ask_for_more_stock(forecasts: dict[int, Forecast]) -> None:
    found = forecasts[0]

    covers = [lead_time_quantile(found, days, 0.975) for days in (0, 1, 7, 14, 30)]

    assert covers[0] == 0.0
    assert covers == sorted(set(covers))
    assert lead_time_quantile(found, 7, 0.99) > lead_time_quantile(found, 7, 0.9) > sum(found.mean[:7])
