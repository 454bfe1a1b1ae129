"""Bad codes, rows 32 to 39 of docs/bad-input.md: what a scanner may send and how the shop says no."""

from typing import Any, Final
from urllib.parse import quote

import pytest
from flask import Flask

from app.domain.barcode import check_digit, price_verifier
from app.unit_of_work import unit_of_work
from tests.factories import make_barcode, make_label_rule
from tests.web.refusals import refused
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Refusal = tuple[int, str, str]
NO_CODE: Final = (422, "not_a_product_code", "This is not a product code.")
UNKNOWN: Final = (404, "unknown_barcode", "No product has this code.")
WRONG_DIGIT: Final = (422, "barcode_check_digit", "The check digit is wrong: scan again.")
UNREADABLE: Final = (422, "label_unreadable", "The label is unreadable: weigh again.")
LONGEST_CODE: Final = 48


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app)


def scanned(app: Flask, till: Till, text: str) -> Refusal:
    path = f"/api/products/by-barcode/{quote(text, safe='')}"
    return refused(app, lambda language: till.client.get(path, headers=till._headers() | language))


CODES: Final[list[tuple[str, Refusal]]] = [
    ("4006381333932", WRONG_DIGIT),
    ("036000291453", WRONG_DIGIT),
    ("14006381333939", WRONG_DIGIT),
    ("4006381333931", UNKNOWN),
    ("0123", UNKNOWN),
    ("9" * LONGEST_CODE, UNKNOWN),
    ("9" * (LONGEST_CODE + 1), NO_CODE),
    ("x" * 4_096, NO_CODE),
    ("https://example.org/p/1", NO_CODE),
    ("javascript:alert(1)", UNKNOWN),
    ("<img src=x onerror=alert(1)>", UNKNOWN),
    ("' OR 1=1 --", UNKNOWN),
    ("🛒", NO_CODE),
    ("４００６３８１３３３９３１", NO_CODE),
    ("12\x0034", NO_CODE),
    ("12\r\n34", (404, "not_found", "There is nothing at this address.")),
    ("0104006381333931\x1d10ABC", NO_CODE),
    ("%", UNKNOWN),
]


@pytest.mark.parametrize(("text", "expected"), CODES, ids=range(len(CODES)))
def test_a_code_that_is_no_product_says_why(app: Flask, till: Till, text: str, expected: Refusal) -> None:
    assert scanned(app, till, text) == expected


def test_what_was_scanned_is_shown_cut_and_without_control_characters(till: Till) -> None:
    answer = till.get(f"/api/products/by-barcode/{quote('https://' + chr(7) + 'x' * 4_000, safe='')}")

    assert answer.get_json()["error"]["details"] == {"code": "https://" + "x" * 32}


def test_a_number_is_compared_as_text(app: Flask, till: Till) -> None:
    stock(app, till.shop, sku="123")

    assert scanned(app, till, "0123") == UNKNOWN


def label(app: Flask, rule: dict[str, Any], code: str) -> str:
    """A printed label of a rule, with its check digit."""
    with app.app_context(), unit_of_work() as session:
        make_label_rule(session, **rule)
    return code + str(check_digit(code))


WEIGHT: Final = {"prefix": "20", "item_digits": 5, "value": "weight", "value_decimals": 3}
PRICE: Final = {"prefix": "21", "item_digits": 4, "value": "price", "value_decimals": 2, "has_verifier": True}


def test_a_label_of_no_weight_is_weighed_again(app: Flask, till: Till) -> None:
    stock(app, till.shop, 5_000, unit="kg", plu="00042")

    assert scanned(app, till, label(app, WEIGHT, "200004200000")) == UNREADABLE


def test_a_label_whose_price_digits_do_not_agree_is_weighed_again(app: Flask, till: Till) -> None:
    stock(app, till.shop, 5_000, unit="kg", plu="0042")
    wrong = (price_verifier("00499") + 1) % 10

    assert scanned(app, till, label(app, PRICE, f"210042{wrong}00499")) == UNREADABLE


def test_a_label_of_an_item_nobody_knows_is_unknown(app: Flask, till: Till) -> None:
    assert scanned(app, till, label(app, WEIGHT, "209999900500")) == UNKNOWN


def test_two_products_of_one_code_are_never_chosen_for_the_cashier(app: Flask, till: Till) -> None:
    one, other = stock(app, till.shop), stock(app, till.shop)
    with app.app_context(), unit_of_work() as session:
        for product in (one, other):
            make_barcode(session, product, "04006381333931")

    expected = (409, "ambiguous_barcode", "Several products carry this code: choose one.")
    assert scanned(app, till, "4006381333931") == expected


SEARCHES: Final[list[tuple[str, Refusal]]] = [
    ("search=" + "x" * 101, (422, "invalid_request", "search: The text is too long.")),
    ("limit=0", (422, "invalid_request", "limit: This must be a whole number in range.")),
    ("limit=1000000000", (422, "invalid_request", "limit: This must be a whole number in range.")),
    ("limit=x", (422, "invalid_request", "limit: This must be a whole number in range.")),
    ("sort=password_hash", (422, "unknown_field", "sort: This field is not known.")),
]


@pytest.mark.parametrize(("query", "expected"), SEARCHES)
def test_a_search_has_limits(app: Flask, till: Till, query: str, expected: Refusal) -> None:
    path = f"/api/products?{query}"

    assert refused(app, lambda language: till.client.get(path, headers=till._headers() | language)) == expected


@pytest.mark.parametrize("words", ["%%%%_____", "' OR 1=1 --", "\\", "%" * 100])
def test_a_search_for_wildcards_and_quotes_finds_nothing(app: Flask, till: Till, words: str) -> None:
    stock(app, till.shop)

    answer = till.get("/api/products", query_string={"search": words})

    assert (answer.status_code, answer.get_json()) == (200, {"items": []})


IDS: Final = "ids: This value is not valid."


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("", (422, "invalid_request", IDS)),
        ("1;2", (422, "invalid_request", IDS)),
        ("-1", (422, "invalid_request", IDS)),
        ("9999999999", (422, "invalid_request", IDS)),
        (",".join(["1"] * 501), (422, "quantity_out_of_range", "The quantity is out of range.")),
        (",".join(["1"] * 2_501), (422, "invalid_request", "ids: The text is too long.")),
    ],
)
def test_a_list_of_products_has_limits(app: Flask, till: Till, ids: str, expected: Refusal) -> None:
    path = f"/api/products/availability?ids={ids}"

    assert refused(app, lambda language: till.client.get(path, headers=till._headers() | language)) == expected
