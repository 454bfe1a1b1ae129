"""Shelves to look at, over the API."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.models.catalog import Product
from app.models.forecast import ShelfCheck
from app.unit_of_work import unit_of_work
from tests.factories import Shop
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def silent(app: Flask, shop: Shop, product: Product, value: int = 500) -> int:
    """A check that waits; its number."""
    with app.app_context(), unit_of_work() as session:
        check = ShelfCheck(
            store_id=shop.store_id, product_id=product.id, open_key=f"{shop.store_id}:{product.id}",
            opened_at=MORNING, silent_since=MORNING, expected=8_000, chance=335, available=40_000, value=value,
        )  # fmt: skip
        session.add(check)
        session.flush()
        return check.id


@pytest.fixture
def floor(app: Flask) -> Till:
    """A supervisor who walks the shop."""
    return open_till(app, role="supervisor")


def say(till: Till, check_id: int, answer: str) -> tuple[int, Any]:
    found = till.post(f"/api/shelf-checks/{check_id}/answer", {"answer": answer})
    return found.status_code, found.get_json()


def test_the_list_shows_what_costs_most_first(app: Flask, floor: Till) -> None:
    milk, gold = stock(app, floor.shop), stock(app, floor.shop)
    silent(app, floor.shop, milk)
    check_id = silent(app, floor.shop, gold, value=9_000)

    answer = floor.get("/api/shelf-checks").get_json()

    first = answer["shelf_checks"][0]
    assert [one["product_id"] for one in answer["shelf_checks"]] == [gold.id, milk.id]
    assert (first["id"], first["expected"], first["chance"], first["available"], first["value"], first["answer"]) == (
        check_id, 8_000, 0.000335, 40_000, 9_000, None,
    )  # fmt: skip
    assert (first["silent_since"], answer["precision"]) == ("2026-03-02T09:00:00Z", None)


def test_an_answer_closes_it_and_counts_towards_the_precision(app: Flask, floor: Till) -> None:
    check_id = silent(app, floor.shop, stock(app, floor.shop))

    assert say(floor, check_id, "was_empty")[0] == 200
    assert say(floor, check_id, "was_empty")[0] == 200
    status, body = say(floor, check_id, "was_there")

    assert (status, body["error"]["code"], body["error"]["details"]["answer"]) == (
        409, "shelf_check_answered", "was_empty",
    )  # fmt: skip
    assert floor.get("/api/shelf-checks").get_json() == {"shelf_checks": [], "precision": 1.0}
    assert len(floor.get("/api/shelf-checks?state=answered").get_json()["shelf_checks"]) == 1


@pytest.mark.parametrize("answer", ["sold", "", "WAS_EMPTY", "maybe"])
def test_only_what_a_person_can_find_is_an_answer(app: Flask, floor: Till, answer: str) -> None:
    check_id = silent(app, floor.shop, stock(app, floor.shop))

    assert say(floor, check_id, answer)[0] == 422
    assert len(floor.get("/api/shelf-checks").get_json()["shelf_checks"]) == 1


def test_another_store_sees_nothing_of_it(app: Flask, floor: Till) -> None:
    check_id = silent(app, floor.shop, stock(app, floor.shop))
    elsewhere = open_till(app, role="supervisor")

    status, body = say(elsewhere, check_id, "was_there")

    assert (status, body["error"]["code"]) == (404, "shelf_check_unknown")
    assert elsewhere.get("/api/shelf-checks").get_json()["shelf_checks"] == []


def test_a_number_that_no_database_holds_is_no_shelf(floor: Till) -> None:
    assert say(floor, 10**30, "was_empty")[0] == 404
