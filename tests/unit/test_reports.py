"""Periods of reports cut into fortnights."""

from datetime import date, timedelta

import pytest

from app.domain.reports import Period, fortnight_of

MONDAY = date(2026, 3, 2)
"""The first day of a fortnight."""


def days_from_monday(first: int, last: int) -> Period:
    return Period(MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))


def test_a_fortnight_is_fourteen_days_from_a_monday_on() -> None:
    days = [MONDAY + timedelta(days=count) for count in (-1, 0, 13, 14)]

    firsts = [(fortnight_of(day) - MONDAY).days for day in days]

    assert (MONDAY.weekday(), firsts) == (0, [-14, 0, 0, 14])


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [(0, 13, [0]), (0, 12, []), (1, 13, []), (-1, 28, [0, 14]), (-14, 13, [-14, 0]), (3, 9, []), (13, 14, [])],
)
def test_a_period_knows_the_fortnights_that_lie_in_it_whole(first: int, last: int, whole: list[int]) -> None:
    found = days_from_monday(first, last).fortnights()

    assert [(one - MONDAY).days for one in found] == whole


@pytest.mark.parametrize(
    ("taken", "rest"),
    [
        ([], [(-3, 30)]),
        ([0, 14], [(-3, -1), (28, 30)]),
        ([14], [(-3, 13), (28, 30)]),
        ([0], [(-3, -1), (14, 30)]),
    ],
)
def test_what_lies_in_no_fortnight_is_left_in_whole_spans(taken: list[int], rest: list[tuple[int, int]]) -> None:
    found = days_from_monday(-3, 30).without([MONDAY + timedelta(days=one) for one in taken])

    assert found == [days_from_monday(*one) for one in rest]


def test_nothing_is_left_of_a_period_of_whole_fortnights() -> None:
    assert days_from_monday(0, 27).without([MONDAY, MONDAY + timedelta(days=14)]) == []
