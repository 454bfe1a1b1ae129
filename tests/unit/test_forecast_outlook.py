"""What a stored forecast says of several days together."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import forecasting
from app.domain.forecast import Outlook, expected, needed
from app.domain.replenishment_reason import METHODS
from app.forecasting.cover import lead_time_quantiles

TODAY = date(2026, 3, 2)
WEEK = (6_000, 4_000, 4_000, 5_000, 7_000, 12_000, 3_000)
levels = st.floats(0.5, 0.9995)


def outlook() -> Outlook:
    """Two weeks of the same shape, with the root of the days as width."""
    mean = [*WEEK, *WEEK]
    total = [sum(mean[:days]) for days in range(1, 15)]
    widths = {"0.5": 0, "0.8": 842, "0.9": 1_282, "0.95": 1_645, "0.975": 1_960}
    cover = {name: [round(sums + width * (place + 1) ** 0.5) for place, sums in enumerate(total)]
             for name, width in widths.items()}  # fmt: skip
    return Outlook(7, "weekday_shape", TODAY, mean, {}, cover)


def test_the_mean_of_days_is_their_sum_and_goes_on_with_the_last_week() -> None:
    assert expected(outlook(), TODAY, 3) == 14_000
    assert expected(outlook(), TODAY + timedelta(days=13), 3) == 3_000 + 6_000 + 4_000


def test_a_stored_level_is_read_off_and_others_lie_between_along_the_normal_curve() -> None:
    assert needed(outlook(), TODAY, 4, 0.95) == 19_000 + 2 * 1_645
    assert needed(outlook(), TODAY, 4, 0.93) == pytest.approx(19_000 + 2 * 1_476, abs=5)


def test_a_level_beyond_the_stored_ones_goes_on_as_they_lie() -> None:
    assert needed(outlook(), TODAY, 4, 0.99) == pytest.approx(19_000 + 2 * 2_326, abs=10)


def test_more_days_than_stored_grow_with_the_root_of_their_number() -> None:
    found = needed(outlook(), TODAY, 28, 0.95)

    assert found == pytest.approx(4 * sum(WEEK) + 1_645 * 28**0.5, abs=5)


def test_a_forecast_of_some_days_ago_speaks_of_the_days_from_now_on() -> None:
    friday = TODAY + timedelta(days=4)

    assert needed(outlook(), friday, 3, 0.95) == pytest.approx(22_000 + 1_645 * 3**0.5, abs=5)


@given(levels, levels, st.integers(0, 60), st.integers(0, 30))
def test_a_higher_level_never_needs_less(one: float, two: float, days: int, back: int) -> None:
    first = TODAY + timedelta(days=back)

    low, high = sorted((one, two))

    assert 0 <= needed(outlook(), first, days, low) <= needed(outlook(), first, days, high)


def test_an_outlook_without_figures_needs_nothing() -> None:
    nothing = Outlook(7, "", TODAY, [], {}, {})

    assert (expected(nothing, TODAY, 5), needed(nothing, TODAY, 5, 0.95)) == (0, 0)


def test_a_forecast_holds_from_its_first_day_for_a_week() -> None:
    found = [outlook().holds_on(TODAY + timedelta(days=days)) for days in (-1, 0, 7, 8)]

    assert found == [False, True, True, False]


def test_the_quantiles_of_all_spans_are_those_of_each() -> None:
    mean = [5.0, 0.0, 2.5, 7.0, 1.0, 0.3, 9.0]
    one = forecasting.Forecast(7, "x", TODAY, mean, {}, deviation=[2.0, 0.5, 1.0, 3.0, 1.0, 0.5, 2.0], correlation=0.15)

    found = lead_time_quantiles(one, 10)

    for level, values in found.items():
        assert values == pytest.approx([forecasting.lead_time_quantile(one, days, level) for days in range(1, 11)])


def test_every_method_and_rule_has_a_name_for_people() -> None:
    assert set(METHODS) == {*forecasting.METHODS, "recent_mean", "nothing_sold"}
