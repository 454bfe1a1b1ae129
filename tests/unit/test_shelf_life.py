"""First in, first out: what is left came last, and how long it may still be sold."""

from datetime import date

import pytest

from app.domain.shelf_life import Batch, Risk, batches, risk, warning_days

TODAY = date(2026, 3, 12)


def march(day: int) -> date:
    return date(2026, 3, day)


@pytest.mark.parametrize(("shelf_life", "days"), [(1, 0), (2, 1), (3, 2), (4, 3), (30, 3), (39, 3), (40, 4), (365, 36)])
def test_the_warning_is_three_days_or_a_tenth_of_life_but_never_for_what_came_today(shelf_life: int, days: int) -> None:
    assert warning_days(shelf_life) == days


def test_what_is_left_came_with_the_latest_deliveries() -> None:
    came = [(march(3), 10_000), (march(10), 6_000), (march(7), 5_000)]

    assert batches(8_000, came, shelf_life=7, today=TODAY) == [Batch(2_000, march(13)), Batch(6_000, march(16))]


def test_what_no_delivery_explains_is_past_its_life() -> None:
    assert batches(8_000, [(march(10), 6_000)], shelf_life=7, today=TODAY) == [
        Batch(2_000, march(11)), Batch(6_000, march(16)),
    ]  # fmt: skip


def test_nothing_on_hand_is_no_batch() -> None:
    assert batches(0, [(march(10), 6_000)], shelf_life=7, today=TODAY) == []
    assert batches(-3_000, [(march(10), 6_000)], shelf_life=7, today=TODAY) == []


@pytest.mark.parametrize(
    ("last_day", "quantity", "past", "sell_by"),
    [(11, 5_000, 5_000, None), (12, 5_000, 0, 12), (14, 5_000, 0, 14), (15, 0, 0, None)],
)
def test_the_last_day_of_sale_still_counts_and_the_day_after_the_warning_does_not(
    last_day: int, quantity: int, past: int, sell_by: int | None
) -> None:
    found = risk([Batch(5_000, march(last_day))], shelf_life=10, today=TODAY, sold=0, days=28, step=1000)

    assert found == Risk(quantity, past, march(sell_by) if sell_by else None, quantity)


def test_what_is_not_sold_by_its_last_day_is_left_over() -> None:
    # Two a day: two of the first four today, four of the five after them in the two days that those have left.
    stock = [Batch(1_000, march(11)), Batch(4_000, march(12)), Batch(5_000, march(14)), Batch(9_000, march(19))]

    found = risk(stock, shelf_life=10, today=TODAY, sold=56_000, days=28, step=1000)

    assert found == Risk(10_000, 1_000, march(12), 4_000)


def test_pieces_are_sold_whole_and_kilograms_are_not() -> None:
    stock = [Batch(3_000, march(12))]

    left = [risk(stock, shelf_life=10, today=TODAY, sold=42_000, days=28, step=step).left for step in (1000, 1)]

    assert left == [2_000, 1_500]


def test_more_returns_than_sales_sell_nothing() -> None:
    found = risk([Batch(3_000, march(12))], shelf_life=10, today=TODAY, sold=-2_000, days=28, step=1000)

    assert found.left == 3_000
