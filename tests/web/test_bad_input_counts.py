"""Bad input in counts, rows 66 to 68 of docs/bad-input.md: refused by name, in both languages, and nothing stored."""

from typing import Any, Final
from uuid import uuid4

import pytest
from flask import Flask

from app.clock import utc_now
from app.models.catalog import Product
from tests.web.refusals import refused
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBER: Final = "quantity: This must be a whole number in range."
Refusal = tuple[int, str, str]


@pytest.fixture
def counter(app: Flask) -> Till:
    return open_till(app, role="supervisor", count_limit=1_000)


@pytest.fixture
def wine(app: Flask, counter: Till) -> Product:
    return stock(app, counter.shop, 100, purchase_price=600, shelf="A1")


def opened(counter: Till, *products: Product) -> int:
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [product.id for product in products]}
    return int(counter.post("/api/stocktakes", body).get_json()["id"])


def figure(product: Product, pieces: float = 1, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "uuid": str(uuid4()), "product_id": product.id, "quantity": int(pieces * 1000),
        "counted_at": utc_now().isoformat(),
    }  # fmt: skip
    return {name: value for name, value in (body | changes).items() if value is not ...}


def sent(app: Flask, counter: Till, path: str, body: dict[str, Any] | None = None) -> Refusal:
    return refused(app, lambda language: counter.post(f"/api/stocktakes{path}", body, headers=language))


def count(counter: Till, stocktake_id: int, product: Product, pieces: float, **changes: Any) -> int:
    path = f"/api/stocktakes/{stocktake_id}/counts"
    return counter.post(path, figure(product, pieces, **changes)).status_code


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"quantity": ...}, (422, "quantity_type", "quantity: This field is required.")),
        ({"quantity": None}, (422, "quantity_type", NUMBER)),
        ({"quantity": ""}, (422, "quantity_type", NUMBER)),
        ({"quantity": "12"}, (422, "quantity_type", NUMBER)),
        ({"quantity": 1.5}, (422, "quantity_type", NUMBER)),
        ({"quantity": -1000}, (422, "quantity_out_of_range", "The quantity is out of range.")),
        ({"quantity": 10_000_000_000}, (422, "quantity_out_of_range", "The quantity is out of range.")),
        ({"quantity": 1500}, (422, "quantity_not_whole", "Pieces must be whole.")),
        ({"product_id": 4711}, (404, "product_unknown", "There is no such product.")),
        ({"product_id": ..., "code": "4711"}, (404, "unknown_barcode", "No product has this code.")),
        (
            {"product_id": ..., "code": "4006381333932"},
            (422, "barcode_check_digit", "The check digit is wrong: scan again."),
        ),
        ({"product_id": ...}, (422, "invalid_request", "Name the product by its number or by a code.")),
        (
            {"add": True, "instead": True},
            (422, "invalid_request", "A count is added to the one before or takes its place, not both."),
        ),
        ({"counted_at": "yesterday"}, (422, "invalid_request", "counted_at: This value is not valid.")),
        ({"counted_at": "2026-03-02T10:00:00"}, (422, "invalid_request", "counted_at: This value is not valid.")),
        ({"place": "roof"}, (422, "invalid_request", "place: This value is not one of the known ones.")),
        ({"book": 5}, (422, "unknown_field", "book: This field is not known.")),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_refused(
    app: Flask, counter: Till, wine: Product, changes: dict[str, Any], expected: Refusal
) -> None:
    stocktake_id = opened(counter, wine)

    assert sent(app, counter, f"/{stocktake_id}/counts", figure(wine, **changes)) == expected


def test_a_product_counted_twice_is_added_once_that_is_confirmed(app: Flask, counter: Till, wine: Product) -> None:
    stocktake_id = opened(counter, wine)
    count(counter, stocktake_id, wine, 98)

    refusal = sent(app, counter, f"/{stocktake_id}/counts", figure(wine, 2))
    confirmed = counter.post(f"/api/stocktakes/{stocktake_id}/counts", figure(wine, 2, add=True)).get_json()

    assert refusal == (409, "already_counted", "You have counted this already: add to it, correct it, or leave it.")
    assert confirmed["total"] == 100_000


def test_a_figure_keyed_in_wrongly_is_put_right(app: Flask, counter: Till, wine: Product) -> None:
    stocktake_id = opened(counter, wine)
    count(counter, stocktake_id, wine, 980)

    corrected = counter.post(f"/api/stocktakes/{stocktake_id}/counts", figure(wine, 98, instead=True)).get_json()

    assert corrected["total"] == 98_000
    [line] = counter.get(f"/api/stocktakes/{stocktake_id}").get_json()["lines"]
    assert line["counted"] == 98_000


def test_a_product_of_no_session_is_refused(app: Flask, counter: Till, wine: Product) -> None:
    stocktake_id, milk = opened(counter, wine), stock(app, counter.shop)

    assert sent(app, counter, f"/{stocktake_id}/counts", figure(milk)) == (
        409, "not_in_stocktake", "This product is not part of the count.",
    )  # fmt: skip
    assert sent(app, counter, "/4711/counts", figure(milk))[:2] == (404, "stocktake_unknown")


@pytest.mark.parametrize("counted_at", ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_a_clock_that_cannot_be_right_is_not_believed(
    app: Flask, counter: Till, wine: Product, counted_at: str
) -> None:
    stocktake_id = opened(counter, wine)

    answer = counter.post(f"/api/stocktakes/{stocktake_id}/counts", figure(wine, 98, counted_at=counted_at))

    assert (answer.status_code, answer.get_json()["is_moment_doubtful"]) == (201, True)


def test_a_variance_of_more_than_a_fifth_needs_a_second_count(app: Flask, counter: Till, wine: Product) -> None:
    manager = open_till(app, role="manager", shop=counter.shop)
    stocktake_id = opened(counter, wine)
    count(counter, stocktake_id, wine, 79)
    counter.post(f"/api/stocktakes/{stocktake_id}/close")

    assert sent(app, manager, f"/{stocktake_id}/approve", {}) == (
        409, "recount_needed", "Some products must be counted again first.",
    )  # fmt: skip


def test_dear_variances_of_ones_own_count_need_a_second_person(app: Flask, counter: Till, wine: Product) -> None:
    manager = open_till(app, role="manager", shop=counter.shop)
    stocktake_id = opened(counter, wine)
    for _ in range(2):
        assert count(manager, stocktake_id, wine, 98) == 201
        counter.post(f"/api/stocktakes/{stocktake_id}/close")

    assert sent(app, manager, f"/{stocktake_id}/approve", {}) == (
        403, "second_person_needed", "The variances are too large for one person: somebody else must approve.",
    )  # fmt: skip


def test_two_open_counts_of_one_shelf_are_refused(app: Flask, counter: Till, wine: Product) -> None:
    shelf = {"uuid": str(uuid4()), "kind": "shelf", "shelf": "A1"}
    first = counter.post("/api/stocktakes", shelf).get_json()["id"]

    assert sent(app, counter, "", shelf | {"uuid": str(uuid4())}) == (
        409, "stocktake_overlaps", f"Count {first} already has some of these products.",
    )  # fmt: skip


def test_a_second_approval_changes_nothing(app: Flask, counter: Till, wine: Product) -> None:
    manager = open_till(app, role="manager", shop=counter.shop)
    stocktake_id = opened(counter, wine)
    count(counter, stocktake_id, wine, 99)
    counter.post(f"/api/stocktakes/{stocktake_id}/close")
    answers = [manager.post(f"/api/stocktakes/{stocktake_id}/approve", {}) for _ in range(2)]

    stocked = manager.get(f"/api/products/{wine.id}/stock").get_json()

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert stocked["stores"][0]["on_hand"] == 99_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "shelf"}, (422, "invalid_request")),
        ({"kind": "shelf", "shelf": "A1", "category_id": 1}, (422, "invalid_request")),
        ({"kind": "shelf", "shelf": "  "}, (422, "invalid_request")),
        ({"kind": "shelf", "shelf": "nowhere"}, (422, "nothing_to_count")),
        ({"kind": "list", "product_ids": []}, (422, "invalid_request")),
        ({"kind": "list", "product_ids": [4711]}, (422, "nothing_to_count")),
        ({"kind": "cellar", "shelf": "A1"}, (422, "invalid_request")),
    ],
)
def test_a_session_over_nothing_is_refused(
    app: Flask, counter: Till, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert sent(app, counter, "", {"uuid": str(uuid4())} | body)[:2] == expected


def test_steps_of_a_session_in_the_wrong_state_are_refused(app: Flask, counter: Till, wine: Product) -> None:
    manager = open_till(app, role="manager", shop=counter.shop)
    stocktake_id = opened(counter, wine)

    assert sent(app, counter, f"/{stocktake_id}/close") == (
        409,
        "nothing_counted_yet",
        "Nobody has counted anything yet.",
    )
    assert sent(app, manager, f"/{stocktake_id}/approve", {})[:2] == (409, "stocktake_open")
    assert sent(app, manager, f"/{stocktake_id}/approve", {"reasons": {"x": "theft"}})[:2] == (422, "invalid_request")
    assert sent(app, manager, f"/{stocktake_id}/approve", {"reasons": {"1": "boredom"}})[:2] == (422, "invalid_request")
    manager.post(f"/api/stocktakes/{stocktake_id}/cancel")
    assert sent(app, counter, f"/{stocktake_id}/counts", figure(wine))[:2] == (409, "stocktake_closed")
    assert sent(app, counter, "/4711/close")[:2] == (404, "stocktake_unknown")
