"""How much to order, and the sentence that says why."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.forecast import Outlook
from app.domain.replenishment import (
    Demand,
    Need,
    demand_of,
    packs_to_order,
    proposed_safety,
    quantity_to_order,
    reason_of,
    reason_sentence,
    target,
)  # fmt: skip

MILK = Need(available=3_000, on_order=0, safety_stock=12_000, sold=117_600, days=28, lead_time_days=2, pack_size=12_000)
EXPECTED = Demand(
    daily=4_200, mean=21_000, most=30_000, reorder=19_000, service_level=950, method="weekday_shape", wape=0.312
)
FORESEEN = replace(MILK, demand=EXPECTED, safety_stock=19_000)
TODAY = date(2026, 3, 2)
thousandths = st.integers(0, 10**9)
demands = st.builds(
    Demand,
    daily=thousandths,
    mean=thousandths,
    most=thousandths,
    reorder=thousandths,
    service_level=st.integers(500, 999),
    method=st.just("weekday_shape"),
    wape=st.none() | st.floats(0, 9),
    in_shelf_life=st.none() | thousandths,
)
needs = st.builds(
    Need,
    available=st.integers(-(10**9), 10**9),
    on_order=thousandths,
    safety_stock=thousandths,
    sold=thousandths,
    days=st.integers(0, 28),
    lead_time_days=st.integers(0, 365),
    pack_size=st.integers(1, 10**7),
)
foreseen = st.builds(
    replace,
    needs,
    demand=demands,
    is_pinned=st.booleans(),
    minimum_order=st.integers(0, 10**8),
)


def test_the_target_covers_safety_stock_and_demand_until_the_next_order_can_arrive() -> None:
    assert target(MILK) == 12_000 + 21_000


def test_a_slow_seller_still_gets_twice_its_safety_stock() -> None:
    assert target(replace(MILK, sold=0)) == 24_000


def test_a_shop_without_history_orders_twice_the_safety_stock() -> None:
    assert target(replace(MILK, sold=0, days=0)) == 24_000


def test_packs_are_rounded_up_to_reach_the_target() -> None:
    assert packs_to_order(MILK) == 3
    assert quantity_to_order(MILK) == 36_000


def test_what_is_on_order_counts_as_there() -> None:
    assert packs_to_order(replace(MILK, on_order=8_000)) == 2
    assert packs_to_order(replace(MILK, on_order=9_000)) == 0


def test_nothing_is_ordered_at_safety_stock_exactly() -> None:
    assert quantity_to_order(replace(MILK, available=12_000)) == 0


def test_stock_below_zero_is_made_good() -> None:
    assert quantity_to_order(replace(MILK, available=-5_000, safety_stock=0, sold=0, pack_size=6_000)) == 6_000


@given(needs)
def test_an_order_is_whole_packs_that_reach_the_target_and_not_a_pack_more(need: Need) -> None:
    quantity = quantity_to_order(need)

    assert quantity % need.pack_size == 0
    if need.is_short:
        assert 0 <= need.position + quantity - target(need) < need.pack_size
        assert quantity > 0
    else:
        assert quantity == 0


@given(needs, st.integers(1, 10**6))
def test_selling_more_never_orders_less(need: Need, sold: int) -> None:
    emptier = replace(need, available=need.available - sold)

    assert quantity_to_order(emptier) >= quantity_to_order(need)


@pytest.mark.parametrize(
    "wrong",
    [{"pack_size": 0}, {"pack_size": -1}, {"lead_time_days": -1}, {"safety_stock": -1}, {"days": -1}, {"on_order": -1}],
)
def test_impossible_figures_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(MILK, **wrong)


def test_the_reason_is_one_sentence_with_every_figure() -> None:
    assert reason_sentence(reason_of(MILK)) == (
        "Sells 4.2 a day; 3 available of safety stock 12, 0 on order; delivery in 2 days; 36 ordered = 3 packs of 12."
    )


def test_the_reason_knows_one_day_one_pack_kilograms_and_products_that_stopped_selling() -> None:
    cheese = replace(MILK, unit="kg", available=1_250, sold=0, safety_stock=2_000, pack_size=5_000, lead_time_days=1)

    assert reason_sentence(reason_of(cheese)) == (
        "Not sold lately; 1.250 kg available of safety stock 2.000 kg, 0.000 kg on order; delivery in 1 day; "
        "5.000 kg ordered = 1 pack of 5.000 kg."
    )


def test_a_slow_seller_is_told_with_two_decimals() -> None:
    assert reason_sentence(reason_of(replace(MILK, sold=2_000))).startswith("Sells 0.07 a day;")


def test_the_reason_says_what_was_changed_by_hand() -> None:
    reason = reason_of(MILK) | {"edited": 48_000}

    assert reason_sentence(reason).endswith("; 36 ordered = 3 packs of 12; changed by hand to 48.")


def test_a_line_without_figures_has_no_reason() -> None:
    assert reason_sentence({}) == ""


def test_every_part_of_the_reason_goes_through_the_translator() -> None:
    seen: list[str] = []

    def remember(text: str) -> str:
        seen.append(text)
        return "%(packs)s"

    assert reason_sentence(reason_of(MILK), remember) == "3%(packs)s3%(packs)s3%(packs)s3%(packs)s"
    assert len(seen) == 6


def test_with_a_forecast_the_target_is_what_is_needed_until_a_later_order_arrives() -> None:
    assert target(FORESEEN) == 30_000
    assert quantity_to_order(FORESEEN) == 36_000


def test_a_pinned_safety_stock_stays_below_the_mean_of_the_forecast() -> None:
    assert target(replace(FORESEEN, is_pinned=True, safety_stock=5_000)) == 5_000 + 21_000


def test_the_supplier_sends_no_less_than_their_least_order() -> None:
    assert quantity_to_order(replace(FORESEEN, minimum_order=50_000)) == 60_000


def test_what_would_spoil_is_not_ordered_as_long_as_a_pack_remains() -> None:
    soon = replace(EXPECTED, in_shelf_life=16_000)
    fresh = replace(FORESEEN, demand=soon)

    assert quantity_to_order(fresh) == 12_000
    assert quantity_to_order(replace(fresh, available=18_000)) == 12_000


@given(foreseen)
def test_a_short_product_always_gets_whole_packs_and_never_less_than_the_least_order(need: Need) -> None:
    quantity = quantity_to_order(need)

    assert quantity % need.pack_size == 0
    assert (quantity > 0) == need.is_short
    assert quantity == 0 or quantity >= need.minimum_order


@given(foreseen)
def test_every_forecast_has_a_sentence(need: Need) -> None:
    sentence = reason_sentence(reason_of(need))

    assert sentence.startswith(("Forecast: ", "Not expected to sell; "))
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert "nan" not in sentence


def test_the_sentence_names_rate_band_stock_order_lead_time_packs_cover_error_and_method() -> None:
    assert reason_sentence(reason_of(FORESEEN)) == (
        "Forecast: 4.2 a day, 21 in 5 days and 95 % of the time at most 30; "
        "3 available of safety stock 19, 0 on order; delivery in 2 days; 36 ordered = 3 packs of 12; "
        "enough for about 9 days; forecast by weekday shape, off by 31 % of sales so far."
    )


def test_the_sentence_tells_pinned_stock_least_order_shelf_life_and_a_method_without_a_past() -> None:
    fresh = replace(EXPECTED, in_shelf_life=40_000, wape=None, method="recent_mean", service_level=975)
    need = replace(FORESEEN, demand=fresh, is_pinned=True, minimum_order=24_000)

    assert reason_sentence(reason_of(need)) == (
        "Forecast: 4.2 a day, 21 in 5 days and 97.5 % of the time at most 30; "
        "3 available of the pinned safety stock 19, 0 on order; delivery in 2 days; 36 ordered = 3 packs of 12; "
        "the supplier delivers at least 24; 40 sell before they spoil; enough for about 9 days; "
        "forecast by the mean of a short history."
    )


def outlook(**changes: Any) -> Outlook:
    """Ten a day with a band; ordering reads off it."""
    mean = [10_000] * 14
    cover = {"0.5": [10_000 * n for n in range(1, 15)], "0.95": [10_000 * n + 6_000 for n in range(1, 15)]}
    return Outlook(7, "weekday_shape", TODAY, mean, {}, cover, **changes)


def test_ordering_reads_lead_time_review_and_shelf_life_off_the_forecast() -> None:
    found = demand_of(outlook(wape=0.2), TODAY, lead_time_days=2, service_level=950, shelf_life_days=4)

    assert found == Demand(
        daily=10_000, mean=50_000, most=56_000, reorder=36_000, service_level=950, method="weekday_shape", wape=0.2,
        in_shelf_life=40_000,
    )  # fmt: skip


def test_a_safety_stock_is_whole_pieces_and_at_least_one_of_what_sells() -> None:
    assert proposed_safety(replace(EXPECTED, reorder=18_001), "piece") == 19_000
    assert proposed_safety(replace(EXPECTED, reorder=18_001), "kg") == 18_001
    assert proposed_safety(replace(EXPECTED, reorder=0), "piece") == 1_000


def test_what_is_not_expected_to_sell_gets_no_safety_stock_proposed() -> None:
    assert proposed_safety(replace(EXPECTED, most=0, reorder=0), "piece") is None
