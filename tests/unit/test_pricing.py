"""What lines cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import as_text, divide_half_up, from_text
from app.domain.pricing import PriceTag, line_total, quantity_for_total


@pytest.mark.parametrize(("numerator", "expected"), [(5, 1), (4, 0), (15, 2), (-5, -1), (-4, 0), (25, 3)])
def test_half_is_rounded_away_from_zero(numerator: int, expected: int) -> None:
    assert divide_half_up(numerator, 10) == expected


def test_a_weighed_line_is_rounded_once() -> None:
    assert line_total(357, PriceTag(unit_price=1399)) == 499


def test_a_carton_line_costs_its_packs() -> None:
    assert line_total(24_000, PriceTag(100, pack_quantity=12_000, pack_price=999)) == 1998


def test_a_label_keeps_its_printed_total() -> None:
    assert line_total(357, PriceTag(1399, label_total=500)) == 500


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_the_quantity_of_a_price_label_costs_its_total_within_half_a_gram(total: int, unit_price: int) -> None:
    quantity = quantity_for_total(total, unit_price)

    assert abs(quantity * unit_price - total * 1000) <= unit_price / 2


@given(st.integers(0, 10**12))
def test_money_text_reads_back(amount: int) -> None:
    assert from_text(as_text(amount)) == amount
