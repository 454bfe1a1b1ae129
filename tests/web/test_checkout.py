"""The till's API: what is sold, what is refused and in which words."""

import json
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.models.checkout import Sale
from app.models.staff import AuditEntry
from app.unit_of_work import read_only
from tests.factories import level
from tests.web.till import PASSWORD, Till, code, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app)


def sales_stored(app: Flask) -> int:
    with app.app_context(), read_only() as session:
        return session.scalar(select(func.count()).select_from(Sale)) or 0


def test_a_sale_answers_with_its_receipt_and_lowers_availability(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 10)

    answer = till.post("/api/sales", sale((milk, 3), payments=[{"tender": "cash", "amount": 500}]))
    receipt = answer.get_json()
    shown = till.get(f"/api/products/availability?ids={milk.id}").get_json()

    assert answer.status_code == 201
    assert (receipt["total"], receipt["change"], receipt["refundable"]) == (300, 200, 300)
    assert receipt["number"].startswith(f"{till.shop.store.code}-")
    assert shown == {"items": [{"product_id": milk.id, "available": 7000, "price": 100}]}


def test_the_same_sale_again_answers_200_with_the_same_receipt(app: Flask, till: Till) -> None:
    body = sale((stock(app, till.shop), 1))

    first, again = till.post("/api/sales", body), till.post("/api/sales", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert till.get(f"/api/sales/{body['uuid']}").get_json() == first.get_json()
    assert till.get("/api/sales", query_string={"number": first.get_json()["number"]}).get_json() == first.get_json()
    assert sales_stored(app) == 1


def test_the_same_uuid_with_another_basket_is_a_conflict(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop)
    body = sale((milk, 1))
    till.post("/api/sales", body)

    answer = till.post("/api/sales", sale((milk, 2), uuid=body["uuid"]))

    assert code(answer) == (409, "sale_uuid_conflict")
    assert sales_stored(app) == 1


def test_another_total_answers_with_the_lines_in_force(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, price=150)

    answer = till.post("/api/sales", sale((milk, 2), expected_total=200))
    details = answer.get_json()["error"]["details"]

    assert code(answer) == (409, "price_changed")
    assert details["total"] == 300
    assert [(line["name"], line["unit_price"], line["total"]) for line in details["lines"]] == [(milk.name, 150, 300)]


def test_a_shortage_names_the_line_and_what_is_available(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 2)

    answer = till.post("/api/sales", sale((milk, 3)))

    assert code(answer) == (409, "insufficient_stock")
    assert answer.get_json()["error"]["details"]["lines"] == [
        {"product_id": milk.id, "name": milk.name, "wanted": 3000, "available": 2000, "policy": "block"}
    ]


def test_a_cashier_needs_a_supervisor_to_sell_goods_in_hand(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 1)
    supervisor = open_till(app, role="supervisor", shop=till.shop)
    body = sale((milk, 3), goods_in_hand={})

    refused = till.post("/api/sales", body)
    username = supervisor.get("/api/session").get_json()["user"]["username"]
    approval = till.post(
        "/api/approvals",
        {"username": username, "password": PASSWORD, "action": "goods_in_hand", "subject": body["uuid"]},
    ).get_json()["approval"]
    sold = till.post("/api/sales", body | {"goods_in_hand": {"approval": approval}})

    assert code(refused) == (403, "approval_needed")
    assert sold.status_code == 201
    with app.app_context(), read_only() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "sale.goods_in_hand" in actions


def test_an_approval_is_good_for_its_own_sale_only(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 1)
    supervisor = open_till(app, role="supervisor", shop=till.shop)
    username = supervisor.get("/api/session").get_json()["user"]["username"]
    approval = till.post(
        "/api/approvals",
        {"username": username, "password": PASSWORD, "action": "goods_in_hand", "subject": str(uuid4())},
    ).get_json()["approval"]

    answer = till.post("/api/sales", sale((milk, 3), goods_in_hand={"approval": approval}))

    assert answer.status_code == 403
    assert sales_stored(app) == 0


def test_a_supervisor_sells_goods_in_hand_alone(app: Flask) -> None:
    supervisor = open_till(app, role="supervisor")
    milk = stock(app, supervisor.shop, 1)

    answer = supervisor.post("/api/sales", sale((milk, 3), goods_in_hand={}))

    assert answer.status_code == 201
    with app.app_context(), read_only() as session:
        assert level(session, supervisor.shop, milk) == (1_000, 3_000)


BROKEN: list[tuple[dict[str, Any], int, str]] = [
    ({"uuid": "not-a-uuid"}, 422, "sale_uuid_invalid"),
    ({"uuid": "00000000-0000-0000-0000-000000000000"}, 422, "sale_uuid_invalid"),
    ({"lines": []}, 422, "empty_basket"),
    ({"total": 5}, 422, "unknown_field"),
    ({"discount_cents": 5}, 422, "unknown_field"),
    ({"payments": [{"tender": "cash", "amount": 99}]}, 422, "payment_short"),
    ({"payments": [{"tender": "card", "amount": 101}]}, 422, "change_only_cash"),
    ({"payments": [{"tender": "cash", "amount": 50}, {"tender": "cash", "amount": 50}]}, 422, "payment_amount"),
    ({"payments": [{"tender": "cash", "amount": 200}, {"tender": "card", "amount": -100}]}, 422, "payment_amount"),
    ({"payments": [{"tender": "bitcoin", "amount": 100}]}, 422, "tender_unknown"),
    ({"payments": [{"tender": "cash", "amount": "100"}]}, 422, "payment_amount"),
    ({"till": "T 1"}, 422, "invalid_request"),
    ({"till": None}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("change", "status", "expected"), BROKEN)
def test_a_broken_sale_is_refused_and_stores_nothing(
    app: Flask, till: Till, change: dict[str, Any], status: int, expected: str
) -> None:
    milk = stock(app, till.shop)

    answer = till.post("/api/sales", sale((milk, 1), **change))

    assert code(answer) == (status, expected)
    assert answer.get_json()["error"]["message"]
    assert sales_stored(app) == 0


LINES: list[tuple[Any, str]] = [
    (0, "quantity_out_of_range"),
    (-1000, "quantity_out_of_range"),
    (1500, "quantity_not_whole"),
    (1000.5, "quantity_type"),
    (1e308, "quantity_type"),
    ("2000", "quantity_type"),
    (True, "quantity_type"),
    (None, "quantity_type"),
    (1_000_000, "quantity_over_limit"),
]


@pytest.mark.parametrize(("quantity", "expected"), LINES)
def test_a_quantity_that_cannot_be_sold_is_named(app: Flask, till: Till, quantity: Any, expected: str) -> None:
    milk = stock(app, till.shop)

    answer = till.post("/api/sales", sale((milk, 1), lines=[{"product_id": milk.id, "quantity": quantity}]))

    assert code(answer) == (422, expected)
    assert sales_stored(app) == 0


def test_infinity_is_no_quantity(app: Flask, till: Till) -> None:
    body = json.dumps(sale((stock(app, till.shop), 1))).replace('"quantity": 1000', '"quantity": Infinity')

    answer = till.post("/api/sales", data=body, headers={"Content-Type": "application/json"})

    assert code(answer) == (422, "quantity_type")


def test_a_line_with_a_price_is_refused(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop)

    answer = till.post("/api/sales", sale(lines=[{"product_id": milk.id, "quantity": 1000, "price": 1}]))

    assert code(answer) == (422, "unknown_field")


def test_unknown_and_archived_products_are_named_with_their_line(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop)
    old = stock(app, till.shop, is_archived=True)

    unknown = till.post("/api/sales", sale((milk, 1), lines=[{"product_id": 99999, "quantity": 1000}]))
    archived = till.post("/api/sales", sale((old, 1)))

    assert code(unknown) == (422, "product_unknown")
    assert unknown.get_json()["error"]["details"]["lines"][0]["line"] == 0
    assert code(archived) == (409, "product_archived")


def test_more_than_five_hundred_lines_are_refused(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 1000)

    answer = till.post("/api/sales", sale(*[(milk, 1)] * 501))

    assert code(answer) == (422, "too_many_lines")


@pytest.mark.parametrize(
    ("content", "kind", "status", "expected"),
    [
        ('{"uuid": ', "application/json", 400, "bad_json"),
        ("", "application/json", 400, "bad_json"),
        ("{}", "text/plain", 415, "json_required"),
        ("a=1", "application/x-www-form-urlencoded", 415, "json_required"),
        ("[]", "application/json", 422, "invalid_request"),
    ],
)
def test_what_is_not_a_json_object_is_refused(till: Till, content: str, kind: str, status: int, expected: str) -> None:
    answer = till.post("/api/sales", data=content, headers={"Content-Type": kind})

    assert code(answer) == (status, expected)


def test_a_huge_request_is_refused(till: Till) -> None:
    answer = till.post("/api/sales", data=b"x" * 6_000_000, headers={"Content-Type": "application/json"})

    assert code(answer) == (413, "too_large")


def test_messages_come_in_the_language_asked_for(app: Flask, till: Till) -> None:
    body = sale((stock(app, till.shop), 1), payments=[])

    english = till.post("/api/sales", body, headers={"Accept-Language": "en"})
    chinese = till.post("/api/sales", body, headers={"Accept-Language": "zh-CN"})

    assert english.get_json()["error"]["message"] == "The payments do not reach the total."
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.get_json()["error"]["message"])


def test_a_basket_that_is_short_says_so_when_priced(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop, 2)

    answer = till.post("/api/baskets/price", {"lines": [{"product_id": milk.id, "quantity": 3000}]})

    assert answer.status_code == 200
    assert answer.get_json()["short"] == [
        {"product_id": milk.id, "name": milk.name, "wanted": 3000, "available": 2000, "policy": "block"}
    ]


def test_names_from_the_catalogue_stay_inert_text(app: Flask, till: Till) -> None:
    evil = stock(app, till.shop, name="<img src=x onerror=alert(1)>")

    answer = till.post("/api/sales", sale((evil, 1)))

    assert answer.content_type == "application/json"
    assert answer.get_json()["lines"][0]["name"] == "<img src=x onerror=alert(1)>"


def test_the_api_describes_itself_as_openapi_3_1(till: Till) -> None:
    description = till.get("/openapi.json").get_json()

    assert description["openapi"].startswith("3.1")
    assert {"/api/sales", "/api/baskets/price", "/api/products/by-barcode/{code}"} <= description["paths"].keys()
