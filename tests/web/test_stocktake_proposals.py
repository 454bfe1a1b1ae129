"""What to count today, as who counts and who approves see it."""

import pytest
from flask import Flask

from app.clock import utc_now
from app.models.stock import StockException
from tests.web.office import writing
from tests.web.till import open_till, stock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_who_counts_cannot_work_out_the_books_from_a_proposal(app: Flask) -> None:
    counter = open_till(app, role="supervisor")
    wine = stock(app, counter.shop, 90, name="Wine", purchase_price=600)
    water = stock(app, counter.shop, 30, name="Water", purchase_price=10)
    with writing(app) as session:
        session.add(
            StockException(
                store_id=counter.shop.store_id, product_id=wine.id,
                open_key=f"{counter.shop.store_id}:{wine.id}", opened_at=utc_now(),
            )
        )  # fmt: skip

    found = counter.get("/api/stocktakes/proposals").get_json()["proposals"]

    assert [(one["product_id"], one["score"], one["why"]) for one in found] == [
        (wine.id, 2, "Shelf and books disagree, sells 0.0 a day, never counted"),
        (water.id, 1, "Sells 0.0 a day, never counted"),
    ]


def test_who_approves_sees_what_stands_there_is_worth(app: Flask) -> None:
    manager = open_till(app, role="manager")
    wine = stock(app, manager.shop, 90, name="Wine", purchase_price=600)

    [found] = manager.get("/api/stocktakes/proposals").get_json()["proposals"]

    assert (found["product_id"], found["score"]) == (wine.id, round(541 * 0.1 * 365))
    assert found["why"] == "Stock worth 540.00 EUR, sells 0.0 a day, never counted"
