"""Who sees a count: people of its own store, and what the books say only whoever approves it, at the end."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.clock import utc_now
from app.models.catalog import Product
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BOOKS = ("total", "book", "variance", "variance_value", "reason")


def figure(product: Product, pieces: int) -> dict[str, Any]:
    return {
        "uuid": str(uuid4()), "product_id": product.id, "quantity": pieces * 1000, "counted_at": utc_now().isoformat(),
    }  # fmt: skip


def opened(counter: Till, product: Product) -> str:
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [product.id]}
    return f"/api/stocktakes/{counter.post('/api/stocktakes', body).get_json()['id']}"


@pytest.mark.parametrize("role", ["supervisor", "manager"])
def test_a_count_of_another_store_is_not_found(app: Flask, role: str) -> None:
    counter, stranger = open_till(app, role="supervisor"), open_till(app, role=role)
    milk = stock(app, counter.shop, 100)
    path = opened(counter, milk)

    steps = ["counts", "close", *(["approve", "cancel"] if role == "manager" else [])]
    answers = [
        stranger.get(path),
        *(stranger.post(f"{path}/{step}", figure(milk, 1) if step == "counts" else {}) for step in steps),
    ]

    assert {(one.status_code, one.get_json()["error"]["code"]) for one in answers} == {(404, "stocktake_unknown")}
    assert stranger.get("/api/stocktakes").get_json()["stocktakes"] == []
    session = counter.get(path).get_json()
    assert (session["state"], session["counted"]) == ("open", 0)


def test_only_whoever_approves_sees_the_books_and_only_at_the_end(app: Flask) -> None:
    counter = open_till(app, role="supervisor")
    manager = open_till(app, role="manager", shop=counter.shop)
    milk = stock(app, counter.shop, 100)
    path = opened(counter, milk)
    counter.post(f"{path}/counts", figure(milk, 95))

    def seen(till: Till) -> list[Any]:
        [line] = till.get(path).get_json()["lines"]
        return [line[field] for field in BOOKS]

    while_open = seen(manager)
    counter.post(f"{path}/close")

    assert (while_open, seen(counter)) == ([None] * 5, [None] * 5)
    assert seen(manager)[:3] == [95_000, 100_000, -5000]


def test_the_look_up_keeps_the_books_from_who_counts_until_the_count_is_booked(app: Flask) -> None:
    counter = open_till(app, role="supervisor")
    manager = open_till(app, role="manager", shop=counter.shop)
    milk = stock(app, counter.shop, 100)
    asked = f"/api/products/{milk.id}/stock"
    path = opened(counter, milk)

    def seen(till: Till) -> list[Any]:
        [store] = till.get(asked).get_json()["stores"]
        return [store[field] for field in ("is_being_counted", "on_hand", "reserved", "available")]

    while_open, of_manager = seen(counter), seen(manager)
    counter.post(f"{path}/counts", figure(milk, 99))
    counter.post(f"{path}/close")
    once_closed = seen(counter)
    manager.post(f"{path}/approve", {})

    assert (while_open, once_closed) == ([True, None, None, None], [True, None, None, None])
    assert of_manager == [True, 100_000, 0, 100_000]
    assert seen(counter) == [False, 99_000, 0, 99_000]


def test_a_count_elsewhere_hides_nothing_here(app: Flask) -> None:
    counter, neighbour = open_till(app, role="supervisor"), open_till(app, role="supervisor")
    milk = stock(app, counter.shop, 100)
    opened(neighbour, milk)

    [store] = counter.get(f"/api/products/{milk.id}/stock").get_json()["stores"]

    assert (store["is_being_counted"], store["on_hand"]) == (False, 100_000)
