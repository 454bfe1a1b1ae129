"""Codes: check digits, normalising, in-store labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.barcode import (
    InStoreLabel,
    LabelRule,
    LabelValue,
    check_digit,
    is_gtin,
    normalise,
    price_verifier,
    read_label,
)  # fmt: skip
from app.domain.errors import BarcodeCheckDigit, LabelUnreadable, NotAProductCode

WEIGHT = LabelRule("20", 5, LabelValue.WEIGHT, 3)
PRICE = LabelRule("22", 4, LabelValue.PRICE, 2, has_verifier=True)


def with_check_digit(body: str) -> str:
    return body + str(check_digit(body))


def test_upc_a_and_its_ean_13_form_are_one_code() -> None:
    assert normalise("036000291452") == normalise("0036000291452") == "00036000291452"


@pytest.mark.parametrize("code", ["4006381333932", "036000291453", "10614141000416"])
def test_a_wrong_check_digit_asks_to_scan_again(code: str) -> None:
    with pytest.raises(BarcodeCheckDigit):
        normalise(code)


@pytest.mark.parametrize("code", ["", "   ", "https://example.org/1", "a" * 49, "12\x0034", "🛒", "１２３４５６７８"])
def test_what_cannot_be_a_product_code_is_refused(code: str) -> None:
    with pytest.raises(NotAProductCode):
        normalise(code)


@pytest.mark.parametrize("code", ["0123", "123", "A-17/b", "90725768"])
def test_other_codes_stay_text_with_their_zeros(code: str) -> None:
    assert normalise(code) == code


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_never_passes(body: str, place: int, shift: int) -> None:
    code = with_check_digit(body)
    wrong = code[:place] + str((int(code[place]) + shift) % 10) + code[place + 1 :]

    assert is_gtin(code)
    assert not is_gtin(wrong)


def test_the_verifier_digits_are_those_of_the_gs1_specification() -> None:
    assert (price_verifier("2875"), price_verifier("14685")) == (9, 6)


def test_a_weight_label_gives_item_and_grams() -> None:
    label = read_label(with_check_digit("200004201234"), [WEIGHT, PRICE])

    assert label == InStoreLabel("00042", LabelValue.WEIGHT, 1234)


def test_a_price_label_with_a_verifier_gives_item_and_cents() -> None:
    label = read_label(with_check_digit("220042" + str(price_verifier("02875")) + "02875"), [WEIGHT, PRICE])

    assert label == InStoreLabel("0042", LabelValue.PRICE, 2875)


def test_a_wrong_verifier_asks_to_weigh_again() -> None:
    wrong = (price_verifier("02875") + 1) % 10

    with pytest.raises(LabelUnreadable):
        read_label(with_check_digit(f"220042{wrong}02875"), [PRICE])


@pytest.mark.parametrize("value", ["200004200000"])
def test_a_label_of_nothing_asks_to_weigh_again(value: str) -> None:
    with pytest.raises(LabelUnreadable):
        read_label(with_check_digit(value), [WEIGHT])


def test_a_label_with_a_wrong_check_digit_is_not_believed() -> None:
    code = with_check_digit("200004201234")

    with pytest.raises(BarcodeCheckDigit):
        read_label(code[:-1] + str((int(code[-1]) + 1) % 10), [WEIGHT])


def test_a_code_no_rule_fits_is_no_label() -> None:
    assert read_label(with_check_digit("290004201234"), [WEIGHT, PRICE]) is None
