"""What the books say of a moment, and which of several counts holds."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.stocktake import (
    Change,
    Finding,
    History,
    Limits,
    Moment,
    Part,
    Place,
    finding,
    moment,
    outcome,
    value,
)
from app.domain.stocktake_proposals import Candidate, why

TEN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LIMITS = Limits("piece", unit_cost=100, value=50_000)


def at(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


def variance(history: History, *parts: Part) -> int:
    return finding(1, parts, history).variance


# --- the level of a moment


def test_sales_after_the_count_do_not_matter() -> None:
    history = History(level=7000, changes=(Change(at(5), -2000), Change(at(9), -1000)))

    assert (history.at(at(0)), history.at(at(5)), history.at(at(10))) == (10_000, 8000, 7000)
    assert variance(history, Part(9000, at(1))) == -1000


def test_a_sale_at_the_very_moment_of_the_count_is_in_the_count() -> None:
    history = History(level=8000, changes=(Change(at(5), -2000),))

    assert variance(history, Part(8000, at(5))) == 0


def test_a_delivery_after_the_count_does_not_matter() -> None:
    history = History(level=34_000, changes=(Change(at(5), 24_000, Place.BACK),))

    assert variance(history, Part(10_000, at(1))) == 0


# --- several counters


def test_parts_at_two_places_are_added_and_each_change_is_judged_where_it_happened() -> None:
    sold_between = History(level=28_000, changes=(Change(at(3), -2000),))

    shelf_first = variance(sold_between, Part(10_000, at(1)), Part(20_000, at(5), Place.BACK))
    back_first = variance(sold_between, Part(20_000, at(1), Place.BACK), Part(8000, at(5)))

    assert (shelf_first, back_first) == (0, 0)


def test_a_delivery_between_the_parts_counts_from_the_moment_of_the_store_room() -> None:
    delivered_between = History(level=54_000, changes=(Change(at(3), 24_000, Place.BACK),))

    back_after = variance(delivered_between, Part(10_000, at(1)), Part(44_000, at(5), Place.BACK))
    back_before = variance(delivered_between, Part(20_000, at(1), Place.BACK), Part(10_000, at(5)))

    assert (back_after, back_before) == (0, 0)


@pytest.mark.parametrize(("second", "expected"), [(6000, 0), (5000, 0), (4000, 0), (3000, -1000), (8000, 2000)])
def test_what_was_sold_between_two_parts_of_one_place_explains_what_it_can(second: int, expected: int) -> None:
    # 10 by the books, 2 sold between: from the display already counted (4 + 6) or from the other (4 + 4).
    history = History(level=8000, changes=(Change(at(3), -2000),))

    assert variance(history, Part(4000, at(1)), Part(second, at(5))) == expected


def test_a_store_room_counted_alone_is_compared_at_its_moment() -> None:
    history = History(level=8000, changes=(Change(at(3), -2000),))

    assert variance(history, Part(10_000, at(1), Place.BACK)) == 0


def test_the_books_beside_the_count_are_what_the_variance_says() -> None:
    found = finding(2, [Part(4000, at(1)), Part(5000, at(2))], History(level=10_000))

    assert (found.round, found.counted, found.book, found.variance, found.at) == (2, 9000, 10_000, -1000, at(2))


# --- the moment


def test_a_right_clock_is_believed() -> None:
    assert moment(at(0), at(30), now=at(30), opened_at=at(-10)) == Moment(at(0))
    assert moment(at(0), None, now=at(30), opened_at=at(-10)) == Moment(at(0))


def test_a_wrong_clock_is_put_right_by_the_time_of_sending() -> None:
    two_hours_ahead = timedelta(hours=2)

    found = moment(at(0) + two_hours_ahead, at(30) + two_hours_ahead, now=at(30), opened_at=at(-10))

    assert found == Moment(at(0))


def test_a_moment_that_cannot_be_is_the_servers_and_doubtful() -> None:
    ahead = moment(at(60), None, now=at(30), opened_at=at(-10))
    old = moment(at(0) - timedelta(days=8), None, now=at(30), opened_at=at(0) - timedelta(days=20))
    impossible = moment(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), now=at(30), opened_at=TEN)

    assert [ahead, old, impossible] == [Moment(at(30), is_doubtful=True)] * 3


def test_a_little_ahead_is_now_and_before_the_session_is_its_beginning() -> None:
    ahead = moment(at(30) + timedelta(seconds=3), None, now=at(30), opened_at=TEN)
    before = moment(at(-20), None, now=at(30), opened_at=TEN)

    assert (ahead, before) == (Moment(at(30)), Moment(TEN, is_doubtful=True))


# --- outliers and recounts


def found(round_: int, counted: int, book: int, **flags: bool) -> Finding:
    return Finding(round_, counted, counted - book, at(round_), **flags)


def held(*findings: Finding, limits: Limits = LIMITS) -> tuple[int | None, bool]:
    """(round that holds, whether to count again)."""
    decided = outcome(findings, limits)
    return (decided.finding.round if decided.finding else None), decided.needs_recount


@pytest.mark.parametrize(
    ("counted", "book", "again"),
    [
        (80_000, 100_000, False),  # exactly 20 %
        (79_000, 100_000, True),
        (120_000, 100_000, False),
        (121_000, 100_000, True),
        (1000, 0, True),
        (0, 0, False),
        (0, -3000, True),
    ],
)
def test_more_than_a_fifth_of_the_books_is_counted_again(counted: int, book: int, again: bool) -> None:
    assert held(found(1, counted, book)) == (1, again)


def test_a_variance_worth_more_than_the_limit_is_counted_again() -> None:
    dear = Limits("piece", unit_cost=60_000, value=50_000)

    assert held(found(1, 99_000, 100_000), limits=dear) == (1, True)
    assert held(found(1, 99_000, 100_000)) == (1, False)


def test_a_second_count_that_agrees_with_the_books_or_the_first_decides() -> None:
    first = found(1, 50_000, 100_000)

    assert held(first, found(2, 100_000, 100_000)) == (2, False)
    assert held(first, found(2, 48_000, 98_000)) == (2, False)
    assert held(first, found(2, 95_000, 100_000)) == (2, False)


def test_a_second_count_that_agrees_with_nothing_asks_for_a_third() -> None:
    first, second = found(1, 50_000, 100_000), found(2, 70_000, 100_000)

    assert held(first, second) == (2, True)
    assert held(first, second, found(3, 50_000, 100_000)) == (3, False)
    assert held(first, second, found(3, 60_000, 100_000)) == (3, False)
    assert held(first, second, found(3, 10_000, 100_000)) == (1, False)


def test_a_variance_of_a_doubtful_moment_is_counted_again() -> None:
    assert held(found(1, 99_000, 100_000, is_moment_doubtful=True)) == (1, True)
    assert held(found(1, 100_000, 100_000, is_moment_doubtful=True)) == (1, False)


def test_a_correction_by_hand_after_the_count_overtakes_it() -> None:
    history = History(level=8000, changes=(Change(at(3), -2000, is_correction=True),))
    overtaken = finding(1, [Part(8000, at(1))], history)
    later = finding(2, [Part(8000, at(4))], history)

    assert outcome([overtaken], LIMITS) == outcome([overtaken, overtaken], LIMITS)
    assert (outcome([overtaken], LIMITS).finding, outcome([overtaken], LIMITS).needs_recount) == (None, True)
    assert outcome([overtaken, later], LIMITS).finding == later


def test_a_correction_by_hand_between_two_parts_overtakes_both() -> None:
    history = History(level=8000, changes=(Change(at(2), -2000, is_correction=True),))
    parts = [Part(5000, at(1)), Part(3000, at(3), place=Place.BACK)]

    assert outcome([finding(1, parts, history)], LIMITS).needs_recount


def test_nothing_counted_is_no_finding_and_needs_no_recount() -> None:
    assert held() == (None, False)


def test_weighed_goods_are_right_within_one_in_a_hundred() -> None:
    kilograms = Limits("kg", unit_cost=500, value=50_000)

    assert kilograms.is_right(found(1, 9_910, 10_000))
    assert not kilograms.is_right(found(1, 9_880, 10_000))
    assert not LIMITS.is_right(found(1, 99_000, 100_000))
    assert held(found(1, 5_000, 10_000), found(2, 5_040, 10_000), limits=kilograms) == (2, False)


def test_a_variance_is_worth_its_pieces_without_a_sign() -> None:
    assert (value(-2500, 300), value(2500, 300), value(0, 300)) == (750, 750, 0)


# --- what to count today


def candidate(**changes: object) -> Candidate:
    usual: dict[str, object] = {
        "product_id": 1, "name": "Milk", "shelf": None, "category_id": 1, "unit": "piece", "available": 100_000,
        "unit_cost": 90, "sold": 56_000, "days_since_count": 20, "is_questioned": False,
    }  # fmt: skip
    return Candidate(**(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more", [{"available": 200_000}, {"unit_cost": 200}, {"sold": 90_000}, {"days_since_count": 40},
             {"days_since_count": None}, {"is_questioned": True}],
)  # fmt: skip
def test_more_value_sales_time_and_questions_come_first(more: dict[str, object]) -> None:
    assert candidate(**more).score > candidate().score == round(91 * 2.1 * 14)


def test_nothing_alone_takes_a_product_off_the_list() -> None:
    scores = [candidate(**none).score for none in ({"available": -5000}, {"sold": -1000}, {"days_since_count": 0})]

    assert min(scores) > 0


def test_the_list_says_why() -> None:
    assert why(candidate(), "EUR") == "Stock worth 90.00 EUR, sells 2.0 a day, counted 20 days ago"
    assert why(candidate(unit="kg", days_since_count=None, is_questioned=True), "EUR") == (
        "Shelf and books disagree, stock worth 90.00 EUR, sells 2.0 kg a day, never counted"
    )
