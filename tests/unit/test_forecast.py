"""What the forecasts of a made-up shop must get right: weekdays, levels, bands, the choice, sums of days."""

from datetime import date, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from app.forecasting import Forecast, Series, boosting, forecast_many, lead_time_quantile, sums
from app.forecasting.backtest import Backtest
from app.forecasting.blend import Blend
from app.forecasting.calibrate import Spread
from app.forecasting.choose import choose, shares, together
from app.forecasting.panel import Panel, panel_of
from app.forecasting.shape import weekday_shape
from app.forecasting.simple import moving_average, seasonal_naive
from app.forecasting.smoothing import smoothed
from app.forecasting.year import highest

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


def test_a_shop_that_lost_a_fifth_of_its_trade_is_believed_six_weeks_later() -> None:
    random = np.random.default_rng(5)
    fallen = [np.asarray(one.units, dtype=float) for one in shop(60, seed=6)]
    for units in fallen:
        units[-42:] = random.binomial(units[-42:].astype(int), 0.8)
    history = [Series(key, TODAY - timedelta(days=DAYS), units.tolist()) for key, units in enumerate(fallen)]

    made = forecast_many(history, today=TODAY)

    now = sum(float(units[-42:].sum()) for units in fallen) / 6
    assert sum(sum(found.mean[:7]) for found in made.values()) == pytest.approx(now, rel=0.03)


class Trees:
    """Stands for fitted trees: so many times the base for products above one a day, and so many for those below."""

    def __init__(self, fast: float, slow: float) -> None:
        self.fast, self.slow = fast, slow

    def predict(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """By the first feature, the log of the level."""
        return np.where(features[:, 0] > 0.0, self.fast, self.slow)


def test_the_more_a_middle_had_to_be_scaled_up_the_less_it_says() -> None:
    fast, slow = [10.0] * 70, [0.5] * 70
    rows = [Series(key, TODAY - timedelta(days=70), fast if key == 0 else slow) for key in range(21)]
    seen = panel_of(rows, horizon=7, holidays=frozenset(), today=TODAY)
    model = boosting.Boosted(mean=Trees(1, 1), middle=Trees(1, 0), high=None, scale=2.0, base_weight=0.1)

    said = Blend(0.1, model)(seen)

    assert said[0].tolist() == pytest.approx([14.5] * 7)
    assert said[1].tolist() == pytest.approx([0.275] * 7)


def test_the_band_holds_what_it_promises() -> None:
    history = shop(60, seed=2, days=DAYS + 7)
    came = np.array([one.units[-7:] for one in history])
    past = [Series(one.key, one.first_day, one.units[:-7], group="all") for one in history]

    made = forecast_many(past, today=TODAY - timedelta(days=7))

    for level, slack in ((0.8, 0.05), (0.95, 0.03)):
        quantile = np.array([made[one.key].quantiles[level][:7] for one in history])
        assert (came < quantile).mean() <= level + slack
        assert (came <= quantile).mean() >= level - slack


def test_of_what_is_sold_by_the_piece_the_quantiles_are_whole() -> None:
    pieces = shop(12, days=100)
    weighed = [Series(20 + one.key, one.first_day, [0.37 * float(unit or 0) for unit in one.units]) for one in pieces]

    made = forecast_many([*pieces, *weighed], today=TODAY)

    levels = {key: np.array([*found.quantiles.values()]) for key, found in made.items()}
    assert all((levels[one.key] % 1.0 == 0.0).all() for one in pieces)
    assert all((levels[one.key] % 1.0 != 0.0).any() for one in weighed)


def bands(high: float | None) -> dict[float, float]:
    """The band of a day with the mean 10, the deviation 2 and that other opinion of its quantile 0.9."""
    scores = np.array([[-0.1, 0.8, 1.5, 2.0, 2.5]])
    strayed = Spread(np.array([0.4]), np.zeros(1), scores, np.ones(1), 0.0)
    other = None if high is None else np.array([[high]])
    found = strayed.quantiles(np.array([[10.0]]), other, np.array([False]))
    return {level: round(float(one[0, 0]), 3) for level, one in found.items()}


@pytest.mark.parametrize(
    ("high", "upper"),
    [
        (None, [11.6, 13.0, 14.0, 15.0]),
        (13.0, [11.6, 13.0, 14.0, 15.0]),
        (16.0, [12.4, 14.5, 16.0, 17.5]),
        (10.0, [11.12, 12.1, 12.8, 13.5]),
        (900.0, [12.8, 15.25, 17.0, 18.75]),
    ],
)
def test_a_second_opinion_of_the_high_quantile_is_met_half_way(high: float | None, upper: list[float]) -> None:
    assert list(bands(high).values()) == [9.8, *upper]


def test_a_fifth_of_the_highest_quantiles_is_what_the_own_year_says_where_it_says_anything() -> None:
    strayed = Spread(np.array([0.4] * 2), np.zeros(1), np.array([[-0.1, 0.8, 1.5, 2.0, 2.5]]), np.ones(1), 0.0)
    year = {0.95: np.array([[24.0], [np.nan]])}

    found = strayed.quantiles(np.full((2, 1), 10.0), None, np.array([False, False]), year)

    assert {level: one.ravel().round(3).tolist() for level, one in found.items()} == {
        0.5: [9.8, 9.8], 0.8: [11.6, 11.6], 0.9: [13.0, 13.0], 0.95: [16.0, 14.0], 0.975: [16.0, 15.0],
    }  # fmt: skip


def test_the_own_year_tells_rare_large_days_from_many_small_ones_and_says_nothing_of_a_young_product() -> None:
    single, dozens, young = [1.0] * 364, ([0.0] * 11 + [12.0]) * 31, [1.0] * 20
    rows = [Series(key, TODAY - timedelta(days=len(row)), row) for key, row in enumerate((single, dozens, young))]

    found = highest(panel_of(rows, horizon=1, holidays=frozenset(), today=TODAY))

    assert list(found) == [0.9, 0.95, 0.975]
    assert found[0.975][0, 0] == pytest.approx(1.0, abs=0.2)
    assert found[0.975][1, 0] > 8.0
    assert np.isnan(found[0.975][2, 0])


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


def test_a_rival_speaks_for_its_share_of_a_product() -> None:
    said = np.array([[[10.0, 20.0], [4.0, 4.0]], [[30.0, 40.0], [8.0, 8.0]]])

    found = together(said, np.array([1, 0]), np.array([0.75, 0.5]))

    assert found.tolist() == [[25.0, 35.0], [4.0, 4.0]]


@pytest.mark.parametrize(("rival_error", "share"), [(2.0, 0.5), (1.0, 0.8), (0.0, 1.0)])
def test_the_nearer_a_rival_was_the_more_it_has_to_say(rival_error: float, share: float) -> None:
    past = backtest_of(2.0, rival_error)

    assert shares(past, ["blend", "seasonal_naive"], np.array([1])).tolist() == pytest.approx([share])


def test_a_blend_that_loses_to_last_week_falls_back_to_it() -> None:
    assert choose(backtest_of(6.0, 0.5), ["blend", "seasonal_naive"]).tolist() == [1]


def test_more_days_and_a_higher_level_ask_for_more_stock(forecasts: dict[int, Forecast]) -> None:
    found = forecasts[0]

    covers = [lead_time_quantile(found, days, 0.975) for days in (0, 1, 7, 14, 30)]

    assert covers[0] == 0.0
    assert covers == sorted(set(covers))
    assert lead_time_quantile(found, 7, 0.99) > lead_time_quantile(found, 7, 0.9) > sum(found.mean[:7])


def test_a_sum_of_days_is_that_of_the_expected_demand_and_of_the_usual_one() -> None:
    found = Forecast(1, "blend", TODAY, [1.0] * 7, {}, usual=1.0, unrest=3.0, expected=[2.0] * 7)

    assert lead_time_quantile(found, 10, 0.5) == pytest.approx(0.7 * 20.0 + 0.3 * 10.0)


def test_slow_movers_are_expected_to_sell_what_they_do_where_no_sale_is_the_nearest_forecast() -> None:
    random = np.random.default_rng(9)
    speed = np.repeat([0.15, 9.0], 30)
    first_day = TODAY - timedelta(days=DAYS)
    units = random.poisson(speed[:, None], (60, DAYS)).astype(float)

    made = forecast_many([Series(key, first_day, row.tolist()) for key, row in enumerate(units)], today=TODAY)

    nearest = sum(sum(made[key].mean) for key in range(30))
    expected = sum(sum(made[key].expected) for key in range(30))
    sold = float(units[:30].sum()) / DAYS * 14
    assert nearest < 0.7 * sold
    assert expected == pytest.approx(sold, rel=0.25)


def unrest_of(rows: list[list[float]]) -> list[float]:
    """How far sums of days of these products stray, for the root of a day."""
    demand = np.array(rows)
    found = sums.unrest(demand, smoothed(demand, sums.QUICK), smoothed(demand, sums.SLOW))
    return [float(one) for one in found]


def test_of_two_products_with_the_same_sums_the_one_with_wilder_days_needs_more_cover() -> None:
    calm, wild = [5.0, 5.0] * 100, [0.0, 10.0] * 100

    low, high = unrest_of([calm, wild])

    assert 0.0 < 1.5 * low < high


def test_an_unsteady_season_of_months_ago_still_counts_for_the_cover() -> None:
    steady, season = [6.0, 4.0] * 150, [6.0, 4.0] * 75 + [16.0, 14.0] * 15 + [6.0, 4.0] * 60

    low, high = unrest_of([steady, season])

    assert 0.0 < 1.5 * low < high
