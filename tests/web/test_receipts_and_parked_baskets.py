"""What a till does beside selling: receipts again, and baskets that wait for their customer."""

from uuid import uuid4

import pytest
from flask import Flask

from tests.web.till import Till, code, open_till, sale, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def till(app: Flask) -> Till:
    return open_till(app)


def test_a_reprint_is_counted_and_audited(app: Flask, till: Till) -> None:
    body = sale((stock(app, till.shop), 1))
    till.post("/api/sales", body)

    copies = [till.post(f"/api/sales/{body['uuid']}/reprints").get_json()["copy_number"] for _ in range(2)]

    assert copies == [1, 2]


def test_a_receipt_of_another_store_is_unknown(app: Flask, till: Till) -> None:
    body = sale((stock(app, till.shop), 1))
    till.post("/api/sales", body)
    elsewhere = open_till(app)

    assert code(elsewhere.get(f"/api/sales/{body['uuid']}")) == (404, "sale_unknown")


def test_a_parked_basket_is_taken_once_at_any_till(app: Flask, till: Till) -> None:
    milk = stock(app, till.shop)
    other = open_till(app, shop=till.shop)
    body = {"uuid": str(uuid4()), "label": "red coat", "lines": [{"product_id": milk.id, "quantity": 2000}]}

    parked = [till.post("/api/baskets/parked", body).status_code for _ in range(2)]
    waiting = other.get("/api/baskets/parked").get_json()["items"]
    taken = other.post(f"/api/baskets/parked/{body['uuid']}/resume")
    late = till.post(f"/api/baskets/parked/{body['uuid']}/resume")

    assert parked == [201, 200]
    assert [(one["label"], one["total"], one["line_count"]) for one in waiting] == [("red coat", 200, 1)]
    assert taken.get_json()["lines"] == [{"product_id": milk.id, "quantity": 2000, "barcode": None}]
    assert code(late) == (409, "already_resumed")
    assert other.get("/api/baskets/parked").get_json()["items"] == []


def test_a_parked_baskets_uuid_stands_for_another_basket_in_another_store(app: Flask, till: Till) -> None:
    body = {"uuid": str(uuid4()), "lines": [{"product_id": stock(app, till.shop).id, "quantity": 1000}]}
    till.post("/api/baskets/parked", body)
    elsewhere = open_till(app)

    answer = elsewhere.post("/api/baskets/parked", body)

    assert code(answer) == (409, "parked_uuid_conflict")
    assert elsewhere.get("/api/baskets/parked").get_json() == {"items": []}
