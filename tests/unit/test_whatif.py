"""Living through past days again: arrivals, sales, spoiling, orders."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.whatif import Outcome, Settings, WhatIfSettings, replay

TODAY = date(2026, 3, 2)


def nothing(_place: int, _stock: int) -> int:
    return 0


def test_what_is_not_there_is_lost_and_not_waited_for() -> None:
    done = replay([4_000, 4_000, 4_000], nothing, opening=10_000, lead_time_days=2, shelf_life_days=None, cost=50)

    assert done == Outcome(
        wanted=12_000, sold=10_000, stock_days=6_000 + 2_000, money_days=400, wasted=0, waste_cost=0, empty_days=1,
        orders=0,
    )  # fmt: skip


def test_an_order_of_the_evening_comes_on_the_morning_after_its_lead_time() -> None:
    orders = {0: 5_000}

    done = replay(
        [1_000] * 4, lambda place, _stock: orders.get(place, 0), opening=1_000, lead_time_days=2, shelf_life_days=None,
        cost=100,
    )  # fmt: skip

    # Monday sells the last one, Tuesday nothing, Wednesday the delivery.
    assert (done.sold, done.stock_days, done.empty_days, done.orders) == (3_000, 4_000 + 3_000, 2, 1)


def test_one_order_is_under_way_at_a_time() -> None:
    asked = []

    def always(place: int, _stock: int) -> int:
        asked.append(place)
        return 1_000

    replay([0] * 7, always, opening=0, lead_time_days=3, shelf_life_days=None, cost=1)

    assert asked == [0, 3, 6]


def test_what_is_too_old_is_thrown_away_in_the_morning_and_the_oldest_sells_first() -> None:
    orders = {0: 6_000}

    done = replay(
        [1_000] * 4, lambda place, _stock: orders.get(place, 0), opening=5_000, lead_time_days=1, shelf_life_days=2,
        cost=100,
    )  # fmt: skip

    # Of the opening five, two sell and three go on Wednesday; of the six of Tuesday, one sells and five go.
    assert (done.sold, done.wasted, done.waste_cost) == (3_000, 3_000 + 5_000, 800)


@given(
    st.lists(st.integers(0, 10**6), max_size=40),
    st.integers(0, 10**6),
    st.integers(0, 10),
    st.none() | st.integers(1, 10),
)
def test_goods_are_neither_made_nor_lost(
    demand: list[int], opening: int, lead_time_days: int, shelf_life_days: int | None
) -> None:
    ordered: list[int] = []

    def refill(_place: int, stock: int) -> int:
        ordered.append(max(500_000 - stock, 0))
        return ordered[-1]

    done = replay(
        demand, refill, opening=opening, lead_time_days=lead_time_days, shelf_life_days=shelf_life_days, cost=3
    )

    assert 0 <= done.sold <= done.wanted == sum(demand)
    assert done.sold + done.wasted <= opening + sum(ordered)
    assert done.stock_days >= 0


def test_the_figures_people_compare_are_means_a_day() -> None:
    done = Outcome(wanted=200_000, sold=190_000, stock_days=900_000, money_days=45_000, wasted=3_000, waste_cost=150,
                   empty_days=2, orders=4)  # fmt: skip

    assert done.figures(days=10, products=2) == {
        "fill": 0.95, "lost": 10_000, "stock": 90_000, "money": 4_500, "stock_days": 4.5, "wasted": 3_000,
        "waste_cost": 150, "empty": 0.1, "orders": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (Settings(date(2026, 2, 20), date(2026, 2, 10)), "to"),
        (Settings(date(2026, 2, 1), TODAY), "to"),
        (Settings(date(2025, 1, 1), date(2026, 3, 1)), "days"),
        (Settings(date(2026, 2, 25), date(2026, 3, 1)), "days"),
        (Settings(date(2026, 2, 1), date(2026, 3, 1), service_level=1000), "service_level"),
        (Settings(date(2026, 2, 1), date(2026, 3, 1), lead_time_days=-1), "lead_time"),
        (Settings(date(2026, 2, 1), date(2026, 3, 1), lead_time_days=61), "lead_time"),
    ],
)
def test_settings_nobody_can_order_by_are_named(settings: Settings, field: str) -> None:
    with pytest.raises(WhatIfSettings) as refused:
        settings.check(TODAY)

    assert refused.value.details["field"] == field
