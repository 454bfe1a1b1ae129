"""How much to order, and the sentence that says why."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.replenishment import (
    Need,
    packs_to_order,
    quantity_to_order,
    reason_of,
    reason_sentence,
    target,
)  # fmt: skip

MILK = Need(available=3_000, on_order=0, safety_stock=12_000, sold=117_600, days=28, lead_time_days=2, pack_size=12_000)
thousandths = st.integers(0, 10**9)
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
