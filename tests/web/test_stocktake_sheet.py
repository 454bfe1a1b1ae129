"""The sheet of a count as each counter gets it: which of their own figures it already contains."""

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app.clock import utc_now
from app.models.catalog import Product
from tests.web.till import Till, open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def count(counter: Till, path: str, product: Product, pieces: int, **more: Any) -> str:
    """Tell a figure; its UUID."""
    uuid = str(uuid4())
    body = {"uuid": uuid, "product_id": product.id, "quantity": pieces * 1000, "counted_at": utc_now().isoformat()}
    assert counter.post(f"{path}/counts", body | more).status_code == 201
    return uuid


def figures(counter: Till, path: str) -> list[tuple[int | None, list[str]]]:
    return [(line["counted"], line["own_counts"]) for line in counter.get(path).get_json()["lines"]]


def test_a_sheet_names_ones_own_counts_that_its_figures_contain(app: Flask) -> None:
    counter = open_till(app, role="supervisor")
    colleague = open_till(app, role="supervisor", shop=counter.shop)
    milk, tea = (stock(app, counter.shop, 20, name=name) for name in ("Milk", "Tea"))
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [milk.id, tea.id]}
    path = f"/api/stocktakes/{counter.post('/api/stocktakes', body).get_json()['id']}"

    first, more = count(counter, path, milk, 12), count(counter, path, milk, 3, add=True)
    theirs = count(colleague, path, milk, 4)

    assert figures(counter, path) == [(15_000, [first, more]), (None, [])]
    assert figures(colleague, path) == [(4000, [theirs]), (None, [])]


def test_what_was_counted_before_a_recount_is_contained_too(app: Flask) -> None:
    counter = open_till(app, role="supervisor")
    milk = stock(app, counter.shop, 20)
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [milk.id]}
    path = f"/api/stocktakes/{counter.post('/api/stocktakes', body).get_json()['id']}"
    first = count(counter, path, milk, 5)
    counter.post(f"{path}/close")

    again = count(counter, path, milk, 20)

    assert figures(counter, path) == [(20_000, [first, again])]
