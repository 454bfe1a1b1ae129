"""How quickly a product's level moves by its own weeks."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.forecasting import Series, features, forecast_many
from app.forecasting.pace import own_pace
from app.forecasting.panel import Numbers
from app.forecasting.smoothing import smoothed

WEIGHTS = (0.02, 0.05, 0.1, 0.3)
SHOP = 0.05


def pace(flat: Numbers) -> Numbers:
    """The factor of each row beside the level of the shop."""
    return own_pace(flat, {weight: smoothed(flat, weight) for weight in WEIGHTS}, smoothed(flat, SHOP))


def test_a_product_that_wanders_is_followed_half_way_to_its_quick_level() -> None:
    trade = np.concatenate([np.linspace(40.0, 10.0, 150), np.linspace(10.0, 40.0, 150), np.linspace(40.0, 10.0, 64)])

    found = pace(trade[None])

    usual, quick = (float(smoothed(trade[None], weight)[0, -1]) for weight in (SHOP, 0.3))
    assert found[0] == pytest.approx(((quick + 0.3) / (usual + 0.3)) ** 0.5, rel=0.01)


def test_a_steady_product_is_left_where_the_shop_has_it() -> None:
    units = np.random.default_rng(3).poisson(20.0, (50, 364)).astype(float)

    assert pace(units) == pytest.approx(1.0, abs=0.03)


def test_of_a_product_without_weeks_to_ask_nothing_is_changed() -> None:
    young = np.full((1, 200), np.nan)
    young[:, -20:] = 3.0

    assert pace(young).tolist() == [1.0]
    assert pace(np.full((1, 40), 2.0)).tolist() == [1.0]


def test_newer_weeks_say_more_about_the_pace_than_older_ones() -> None:
    random = np.random.default_rng(4)
    steady, wandering = random.poisson(20.0, 168).astype(float), 20.0 + 10.0 * np.sin(np.arange(168) / 20.0)

    lately = pace(np.concatenate([steady, wandering])[None])
    long_ago = pace(np.concatenate([wandering, steady])[None])

    assert abs(np.log(lately[0])) > 3 * abs(np.log(long_ago[0]))


def test_what_is_said_and_expected_of_a_product_that_loses_its_trade_is_at_its_own_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today, days = date(2026, 3, 2), 210
    units = np.random.default_rng(7).poisson(10.0, (30, days)).astype(float)
    units[0] = np.round(np.interp(np.arange(days), [0, 70, 140, days - 1], [60.0, 10.0, 60.0, 10.0]))
    shop = [Series(key, today - timedelta(days=days), row.tolist()) for key, row in enumerate(units)]

    found = forecast_many(shop, today=today, method="blend")[0]

    monkeypatch.setattr(features, "own_pace", lambda flat, *_: np.ones(len(flat)))
    without = forecast_many(shop, today=today, method="blend")[0]
    assert sum(found.mean) < 0.9 * sum(without.mean)
    assert sum(found.expected) < 0.9 * sum(without.expected)
