"""Odd histories: whatever a shop's records hold, a forecast is finite, never negative, in order and labelled."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.forecasting import (
    LEVELS,
    METHODS,
    Forecast,
    HorizonOutOfRange,
    MethodUnknown,
    Series,
    forecast_many,
    lead_time_quantile,
)

TODAY = date(2026, 3, 2)
NAN, INF = float("nan"), float("inf")


def series(units: list[float | None], key: int = 1, **more: object) -> Series:
    """A history that ends yesterday."""
    return Series(key, TODAY - timedelta(days=len(units)), units, **more)  # type: ignore[arg-type]


def only(one: Series, *, horizon: int = 14, method: str | None = None) -> Forecast:
    """The forecast of a single product."""
    return forecast_many([one], horizon=horizon, method=method, today=TODAY)[one.key]


def assert_sound(found: Forecast, horizon: int = 14) -> None:
    """Finite, not negative, quantiles in order, as many days as asked for."""
    bands = [found.quantiles[level] for level in LEVELS]
    for values in (found.mean, found.deviation, *bands):
        assert len(values) == horizon
        assert np.isfinite(values).all()
        assert min(values) >= 0.0
    for lower, higher in pairwise(bands):
        assert all(low <= high for low, high in zip(lower, higher, strict=True))
    for error in (found.wape, found.rmsse, found.bias):
        assert error is None or np.isfinite(error)


UNITS = st.lists(
    st.one_of(
        st.none(),
        st.floats(),
        st.floats(min_value=-5, max_value=30),
        st.integers(min_value=0, max_value=9).map(float),
    ),
    max_size=140,
)


@settings(max_examples=40, deadline=None)
@given(UNITS, st.integers(-200, 30), st.integers(1, 40), st.data())
def test_any_history_gives_a_sound_forecast(
    units: list[float | None], start: int, horizon: int, data: st.DataObject
) -> None:
    flags = data.draw(st.none() | st.lists(st.booleans(), max_size=160))
    prices = data.draw(st.none() | st.lists(st.none() | st.floats(), max_size=160))
    one = Series(7, TODAY + timedelta(days=start), units, in_stock=flags, price=prices, promoted=flags)

    found = only(one, horizon=horizon)

    assert_sound(found, horizon)
    assert np.isfinite(lead_time_quantile(found, 60, 0.975))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "units",
    [[], [3.0], [0.0] * 45, [2.0] * 45, [NAN] * 45, [-4.0] * 45, [1.0, 0.0, None, 5.0] * 8 + [1e300]],
    ids=["empty", "one day", "zeros", "constant", "unknown", "returns", "gaps and a giant"],
)
def test_every_method_bears_every_odd_history(method: str, units: list[float | None]) -> None:
    assert_sound(only(series(units), method=method))


@pytest.mark.parametrize("days", [0, 1, 3, 27])
def test_too_short_a_history_is_labelled(days: int) -> None:
    found = only(series([4.0] * days))

    assert found.note == f"not enough history ({days} of 28 days)"
    assert (found.method, found.history_days) == ("recent_mean", days)
    assert sum(found.mean) == pytest.approx(56.0 if days else 0.0)


def test_a_product_that_never_sold_is_expected_not_to_sell() -> None:
    found = only(series([0.0] * 120))

    assert (found.method, found.note) == ("nothing_sold", "nothing sold in 120 days")
    assert sum(found.mean) == sum(found.quantiles[0.975]) == 0.0


def test_one_giant_day_moves_the_forecast_little() -> None:
    usual: list[float | None] = [5.0, 7.0, 4.0, 6.0, 8.0, 5.0, 7.0] * 12
    with_giant = usual.copy()
    with_giant[-3] = 50_000.0

    calm, shaken = only(series(usual)), only(series(with_giant))

    assert sum(shaken.mean) < 2 * sum(calm.mean)


def test_days_from_today_on_are_no_history() -> None:
    past: list[float | None] = [3.0] * 60
    first_day = TODAY - timedelta(days=60)

    found = only(Series(1, first_day, [*past, *([900.0] * 30)]))

    assert found == only(Series(1, first_day, past))


def test_empty_shelves_do_not_look_like_falling_demand() -> None:
    units: list[float | None] = [*([6.0] * 70), *([0.0] * 14)]
    in_stock = [True] * 70 + [False] * 14

    blind, seeing = only(series(units)), only(series(units, in_stock=in_stock))

    assert sum(seeing.mean) == pytest.approx(14 * 6.0, rel=0.05)
    assert sum(blind.mean) < 0.6 * sum(seeing.mean)
    assert seeing.history_days == 70


@pytest.mark.parametrize("horizon", [-1, 0, 401, 10_000])
def test_a_horizon_out_of_range_is_refused_with_the_range(horizon: int) -> None:
    with pytest.raises(HorizonOutOfRange) as refused:
        only(series([1.0] * 60), horizon=horizon)

    assert refused.value.details == {"horizon": horizon, "least": 1, "most": 400}


def test_the_longest_horizon_is_given_in_full() -> None:
    assert_sound(only(series([1.0, 2.0, 0.0] * 40), horizon=400), 400)


def test_an_unknown_method_is_refused_with_the_known_ones() -> None:
    with pytest.raises(MethodUnknown) as refused:
        only(series([1.0] * 60), method="crystal ball")

    assert refused.value.details == {"method": "crystal ball", "known": sorted(METHODS)}


def test_nothing_to_forecast_is_no_error() -> None:
    assert forecast_many([], today=TODAY) == {}
