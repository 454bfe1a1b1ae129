"""When is a silent shelf suspicious?"""

from datetime import UTC, date, datetime, timedelta
from math import exp
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import shelf_checks as rule
from app.domain.forecast import Outlook

TODAY = date(2026, 3, 2)
OPENING = [0.0] * 8 + [0.1] * 10 + [0.0] * 6
"""Ten equal hours from eight to six."""


def at(hour: int, minute: int = 0, *, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def outlook(pieces: float, *, ninety: float | None = None) -> Outlook:
    mean = [round(pieces * 1000)] * 14
    quantiles = {} if ninety is None else {"0.9": [round(ninety * 1000)] * 14}
    return Outlook(7, "weekday_shape", TODAY, mean, quantiles, {})


def silent(one: Outlook, since: datetime, now: datetime, **more: int) -> rule.Silence:
    return rule.silence(one, since, now, profile=OPENING, time_zone="UTC", **more)


def test_twenty_a_day_and_nothing_for_four_hours_is_one_in_three_thousand() -> None:
    found = silent(outlook(20), at(9), at(13))

    assert found.expected == 8_000
    assert found.chance == pytest.approx(exp(-8))


def test_closed_hours_are_not_waited_for() -> None:
    over_night = silent(outlook(20), at(17), at(9, day=3))

    assert over_night.expected == 4_000


def test_part_of_an_hour_counts_in_part() -> None:
    assert silent(outlook(20), at(9, 30), at(10, 15)).expected == 1_500


def test_a_product_whose_days_differ_much_is_given_more_time() -> None:
    steady, wild = silent(outlook(20), at(9), at(13)), silent(outlook(20, ninety=40), at(9), at(13))

    assert wild.chance > 10 * steady.chance


def test_kilograms_are_bought_by_the_portion() -> None:
    """Two kilograms a day are eight customers, not two."""
    assert silent(outlook(2), at(8), at(18), unit_size=250).chance == pytest.approx(exp(-8))


def test_days_before_the_forecast_are_like_the_same_weekday_in_it() -> None:
    assert silent(outlook(20), at(8, day=1), at(18, day=1)).expected == 20_000


def test_the_hours_are_those_of_the_shops_own_clock() -> None:
    zagreb = ZoneInfo("Europe/Zagreb")

    parts = rule.day_parts(at(7), at(8), OPENING, zagreb)

    assert parts == {TODAY: pytest.approx(0.1)}
    assert rule.day_parts(at(7), at(8), OPENING, ZoneInfo("UTC")) == {TODAY: 0.0}


@given(st.floats(0, 500), st.floats(0, 1000), st.integers(0, 96))
def test_a_chance_is_one_of_one_and_shrinks_with_time(pieces: float, ninety: float, hours: int) -> None:
    one = outlook(pieces, ninety=ninety)

    sooner = silent(one, at(0), at(0) + timedelta(hours=hours))
    later = silent(one, at(0), at(0) + timedelta(hours=hours + 1))

    assert 0 <= later.chance <= sooner.chance <= 1


def test_the_most_expensive_silences_come_first_and_likely_ones_not_at_all() -> None:
    found = [
        rule.Silence(key, at(8), 8_000, chance) for key, chance in ((1, 0.001), (2, 0.0001), (3, 0.3), (4, 0.0005))
    ]

    worst = rule.worst(found, {1: 900, 2: 100, 3: 9_000, 4: 500}, most=2)

    assert [one.product_id for one in worst] == [1, 4]
    assert rule.worst(found, {1: 900, 2: 100, 3: 9_000, 4: 500}, most=-1) == []


def test_precision_counts_what_people_found_and_not_what_sold_by_itself() -> None:
    assert rule.precision({"was_empty": 5, "misplaced": 1, "was_there": 2, "sold": 40}) == 0.75
    assert rule.precision({"sold": 40}) is None


def test_hours_in_which_hardly_anything_sells_are_no_opening_hours() -> None:
    assert rule.is_open(OPENING, 8)
    assert not rule.is_open(OPENING, 7)
    assert not rule.is_open([], 12)
