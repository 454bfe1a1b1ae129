"""Bad input at the till, rows 1 to 25 of docs/bad-input.md: refused by name, in both languages, and nothing stored."""

import io
import json
from typing import Any, Final
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.models.catalog import Product
from tests.web.refusals import refused
from tests.web.till import Till, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Refusal = tuple[int, str, str]
JSON: Final = {"Content-Type": "application/json"}
MANY: Final = "A basket has at most 500 lines."
NUMBER: Final = "This must be a whole number in range."


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app)


@pytest.fixture
def milk(app: Flask, till: Till) -> Product:
    return stock(app, till.shop, 2_000)


def sent(app: Flask, till: Till, body: Any) -> Refusal:
    """How the shop refuses a sale."""
    return refused(app, lambda language: till.post("/api/sales", body, headers=language))


def sent_raw(app: Flask, till: Till, content: str | bytes, headers: dict[str, str] = JSON) -> Refusal:
    return refused(app, lambda language: till.post("/api/sales", data=content, headers=headers | language))


def with_quantity(milk: Product, quantity: Any) -> dict[str, Any]:
    return sale((milk, 1), lines=[{"product_id": milk.id, "quantity": quantity}])


BODIES: Final[list[tuple[str | bytes, dict[str, str], Refusal]]] = [
    ('{"uuid": ', JSON, (400, "bad_json", "The request is not valid JSON (position 9).")),
    ('{"uuid": "x"', JSON, (400, "bad_json", "The request is not valid JSON (position 12).")),
    ("", JSON, (400, "bad_json", "The request is not valid JSON (position 0).")),
    (b"\xff\xfe", JSON, (400, "bad_json", "The request is not valid JSON (position 0).")),
    ("[" * 100_000, JSON, (400, "bad_json", "The request is not valid JSON (position 0).")),
    ('{"expected_total": ' + "9" * 5_000 + "}", JSON, (400, "bad_json", "The request is not valid JSON (position 0).")),
    ("{}", {"Content-Type": "text/plain"}, (415, "json_required", "The request must be JSON.")),
    ("a=1", {"Content-Type": "application/x-www-form-urlencoded"}, (415, "json_required", "The request must be JSON.")),
    (b"x" * 6_000_000, JSON, (413, "too_large", "The request is too large: at most 1000 kB.")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "headers", "expected"), BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_no_json_is_refused(
    app: Flask, till: Till, content: str | bytes, headers: dict[str, str], expected: Refusal
) -> None:
    assert sent_raw(app, till, content, headers) == expected


def test_a_body_in_pieces_must_say_that_it_is_json_too(app: Flask, till: Till) -> None:
    def send(language: dict[str, str]) -> TestResponse:
        pieces = {"wsgi.input": io.BytesIO(b"{}"), "wsgi.input_terminated": True}
        headers = till._headers() | language | {"Content-Type": "text/plain"}
        return till.client.post("/api/sales", headers=headers, environ_overrides=pieces)

    assert refused(app, send) == (415, "json_required", "The request must be JSON.")


SALES: Final[list[tuple[dict[str, Any], Refusal]]] = [
    ({"uuid": None}, (422, "sale_uuid_invalid", "uuid: This must be a UUID.")),
    ({"uuid": "x"}, (422, "sale_uuid_invalid", "uuid: This must be a UUID.")),
    ({"uuid": str(uuid4())[:-1]}, (422, "sale_uuid_invalid", "uuid: This must be a UUID.")),
    ({"uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}, (422, "sale_uuid_invalid", "uuid: This must be a UUID.")),
    ({"lines": []}, (422, "empty_basket", "The basket is empty.")),
    ({"lines": None}, (422, "invalid_request", "lines: This value is not valid.")),
    ({"lines": [{"product_id": 99_999, "quantity": 1000}]},
     (422, "product_unknown", "Line 1: no such product.")),
    ({"total": 5}, (422, "unknown_field", "total: This field is not known.")),
    ({"discount_cents": 5}, (422, "unknown_field", "discount_cents: This field is not known.")),
    ({"currency": "USD"}, (422, "unknown_field", "currency: This field is not known.")),
    ({"store_id": 2}, (422, "unknown_field", "store_id: This field is not known.")),
    ({"sold_at": "2031-01-01T00:00:00Z"}, (422, "unknown_field", "sold_at: This field is not known.")),
    ({"payments": [{"tender": "cash", "amount": 99}]},
     (422, "payment_short", "The payments do not reach the total.")),
    ({"payments": []}, (422, "payment_short", "The payments do not reach the total.")),
    ({"payments": [{"tender": "card", "amount": 101}]},
     (422, "change_only_cash", "Only cash can exceed the amount due.")),
    ({"payments": [{"tender": "cash", "amount": 50}, {"tender": "cash", "amount": 50}]},
     (422, "payment_amount", "Every payment must be a possible amount above zero, and one per way of paying.")),
    ({"payments": [{"tender": "cash", "amount": 200}, {"tender": "card", "amount": -100}]},
     (422, "payment_amount", "Every payment must be a possible amount above zero, and one per way of paying.")),
    ({"payments": [{"tender": "cash", "amount": 10**12 + 1}]},
     (422, "payment_amount", "Every payment must be a possible amount above zero, and one per way of paying.")),
    ({"payments": [{"tender": "cash", "amount": 10**30}]},
     (422, "payment_amount", f"payments.0.amount: {NUMBER}")),
    ({"payments": [{"tender": "bitcoin", "amount": 100}]},
     (422, "tender_unknown", "payments.0.tender: This value is not one of the known ones.")),
    ({"payments": [{"tender": "cash", "amount": 1}] * 11},
     (422, "invalid_request", "payments: There are too many entries.")),
    ({"till": "T 1"}, (422, "invalid_request", "till: This value is not valid.")),
    ({"till": "<script>"}, (422, "invalid_request", "till: This value is not valid.")),
    ({"expected_total": "100"}, (422, "invalid_request", f"expected_total: {NUMBER}")),
    ({"goods_in_hand": {"approval": "forged"}},
     (403, "approval_invalid", "The approval has expired or belongs to something else: ask again.")),
    ({"goods_in_hand": {}}, (403, "approval_needed", "A supervisor must approve this.")),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), SALES, ids=range(len(SALES)))
def test_a_sale_that_cannot_be_is_refused(
    app: Flask, till: Till, milk: Product, change: dict[str, Any], expected: Refusal
) -> None:
    assert sent(app, till, sale((milk, 1), **change)) == expected


@pytest.mark.parametrize("field", ["uuid", "till", "lines", "payments", "expected_total"])
def test_a_field_that_is_missing_is_named(app: Flask, till: Till, milk: Product, field: str) -> None:
    body = sale((milk, 1))
    del body[field]

    status, code, message = sent(app, till, body)

    assert (status, message) == (422, f"{field}: This field is required.")
    assert code == ("sale_uuid_invalid" if field == "uuid" else "invalid_request")


QUANTITIES: Final[list[tuple[Any, str, str]]] = [
    (0, "quantity_out_of_range", "Line 1: the quantity must be more than zero; use a refund to take goods back."),
    (-1000, "quantity_out_of_range", "Line 1: the quantity must be more than zero; use a refund to take goods back."),
    (1500, "quantity_not_whole", "Line 1: pieces must be whole."),
    (
        1_000_000,
        "quantity_over_limit",
        "Line 1: at most 999: ask a supervisor whether more is meant, and sell the rest in a second sale.",
    ),
    (1000.5, "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (1e308, "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (2**63, "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (float("nan"), "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (float("inf"), "quantity_type", f"lines.0.quantity: {NUMBER}"),
    ("2", "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (True, "quantity_type", f"lines.0.quantity: {NUMBER}"),
    (None, "quantity_type", f"lines.0.quantity: {NUMBER}"),
    ([1000], "quantity_type", f"lines.0.quantity: {NUMBER}"),
]


@pytest.mark.parametrize(("quantity", "code", "message"), QUANTITIES, ids=range(len(QUANTITIES)))
def test_a_quantity_that_cannot_be_sold_is_refused(
    app: Flask, till: Till, milk: Product, quantity: Any, code: str, message: str
) -> None:
    content = json.dumps(with_quantity(milk, quantity))

    assert sent_raw(app, till, content) == (422, code, message)


def test_a_weight_has_three_decimals_of_a_kilogram(app: Flask, till: Till) -> None:
    ham = stock(app, till.shop, 5_000, unit="kg")

    assert sent(app, till, with_quantity(ham, 0.4)) == (422, "quantity_type", f"lines.0.quantity: {NUMBER}")


def test_more_than_five_hundred_lines_are_refused(app: Flask, till: Till, milk: Product) -> None:
    assert sent(app, till, sale(*[(milk, 1)] * 501)) == (422, "too_many_lines", MANY)


def test_a_price_in_a_line_is_refused(app: Flask, till: Till, milk: Product) -> None:
    body = sale((milk, 1), lines=[{"product_id": milk.id, "quantity": 1000, "price": 1}])

    assert sent(app, till, body) == (422, "unknown_field", "lines.0.price: This field is not known.")


def test_all_bad_lines_are_named_at_once(app: Flask, till: Till, milk: Product) -> None:
    lines = [{"product_id": 99_999, "quantity": 1000}, {"product_id": milk.id, "quantity": 0}]

    status, code, message = sent(app, till, sale((milk, 1), lines=lines))

    assert (status, code) == (422, "invalid_basket")
    assert message.startswith("Line 1: no such product. Line 2: the quantity must be more than zero")


def test_an_archived_product_is_not_sold(app: Flask, till: Till) -> None:
    old = stock(app, till.shop, is_archived=True)

    assert sent(app, till, sale((old, 1))) == (409, "product_archived", "Line 1: this product is no longer sold.")


def test_the_same_number_for_another_basket_is_a_conflict(app: Flask, till: Till, milk: Product) -> None:
    first = sale((milk, 1))
    till.post("/api/sales", first)

    answer = sent(app, till, sale((milk, 2), uuid=first["uuid"]))

    assert answer == (409, "sale_uuid_conflict", "This number already stands for another sale.")


def test_another_total_than_the_servers_is_a_conflict(app: Flask, till: Till, milk: Product) -> None:
    answer = sent(app, till, sale((milk, 1), expected_total=99))

    assert answer == (409, "price_changed", "Prices have changed: check the new total.")


def test_a_login_that_ended_in_the_middle_sells_nothing_and_the_same_sale_works_after_the_next(
    app: Flask, till: Till, milk: Product
) -> None:
    body = sale((milk, 1))
    ended = Till(till.client, "no longer", till.shop)

    refusal = sent(app, ended, body)

    assert refusal == (401, "login_again", "Please log in again.")
    assert till.post("/api/sales", body).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/sales/{sale}", (404, "sale_unknown", "There is no such sale.")),
        ("GET", "/api/sales?number={number}", (404, "sale_unknown", "There is no such sale.")),
        ("POST", "/api/sales/{sale}/reprints", (404, "sale_unknown", "There is no such sale.")),
        ("POST", "/api/baskets/parked/{parked}/resume", (404, "parked_unknown", "There is no such parked basket.")),
    ],
)
def test_what_belongs_to_another_store_is_not_there(
    app: Flask, till: Till, milk: Product, method: str, path: str, expected: Refusal
) -> None:
    receipt = till.post("/api/sales", sale((milk, 1))).get_json()
    basket = {"uuid": str(uuid4()), "lines": [{"product_id": milk.id, "quantity": 1000}]}
    parked = till.post("/api/baskets/parked", basket).get_json()
    elsewhere = open_till(app)
    address = path.format(sale=receipt["uuid"], number=receipt["number"], parked=parked["uuid"])

    def send(language: dict[str, str]) -> TestResponse:
        return elsewhere.client.open(address, method=method, headers=elsewhere._headers() | language)

    assert refused(app, send) == expected
    assert elsewhere.get("/api/baskets/parked").get_json() == {"items": []}
