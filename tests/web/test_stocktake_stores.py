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
