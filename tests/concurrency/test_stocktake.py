"""Counting while the shop sells: what is booked is what really stands there."""

import random
import threading
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.stocktake import Moment
from app.models.stock import StockLevel, StockMovement
from app.services import stocktake_counts
from app.unit_of_work import read_only, unit_of_work
from tests.concurrency.test_checkout import violations
from tests.counting_shop import CountingShop, Phone, Room
from tests.factories import Shop, make_product
from tests.servers import LONG_S, wait_until
from tests.web.till import Till, open_till

PRODUCTS: Final = 50
SELLING_TILLS: Final = 8
WRONG_BY: Final = (0, 0, 0, -1, 2, -3, -25, 30, 4, -12)
"""Pieces by which the books differ from the shelf, product by product."""


@dataclass(frozen=True)
class Opening:
    """A shop whose books are wrong, and the people who will count it."""

    shop: Shop
    products: list[Any]
    room: Room
    till: Till
    phones: tuple[Till, Till]
    manager: Till


def wrong_books(app: Flask, count: int) -> Opening:
    """`count` products of which the shop has more or fewer than its books say; every third also in the store room."""
    till = open_till(app, role="supervisor")
    phones = (open_till(app, role="supervisor", shop=till.shop), open_till(app, role="supervisor", shop=till.shop))
    room, products = Room(), []
    with app.app_context(), unit_of_work() as session:
        for number in range(count):
            on_hand = 90 + number
            product = make_product(session, till.shop, on_hand=on_hand, purchase_price=70)
            room.pieces[product.id, "back"] = 40 if number % 3 == 0 else 0
            real = on_hand + WRONG_BY[number % len(WRONG_BY)]
            room.pieces[product.id, "shelf"] = real - room.pieces[product.id, "back"]
            products.append(product)
    return Opening(till.shop, products, room, till, phones, open_till(app, role="manager", shop=till.shop))


def begin(opening: Opening) -> int:
    """Open a session over all products."""
    body = {"uuid": str(uuid4()), "kind": "list", "product_ids": [product.id for product in opening.products]}
    answer = opening.manager.post("/api/stocktakes", body)
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["id"])


def walk(phone: Phone, products: list[Any], place: str, chance: random.Random) -> None:
    """Along the shelves: now and then the network is away, and the figure waits in the outbox."""
    for product in products:
        seen = phone.look(product, place)
        if chance.random() < 0.4:
            phone.outbox.append(seen)
        else:
            phone.tell(seen)


def count_all(opening: Opening, stocktake_id: int) -> list[Phone]:
    """Two people count at once, one in the sales room and one in the store room; what waits is sent at the end."""
    phones = [Phone(till, opening.room, stocktake_id) for till in opening.phones]
    at_back = [product for product in opening.products if opening.room.pieces[product.id, "back"]]
    ways = [(phones[0], opening.products, "shelf"), (phones[1], at_back[::-1], "back")]
    walkers = [threading.Thread(target=walk, args=(*way, random.Random(number))) for number, way in enumerate(ways)]
    for one in walkers:
        one.start()
    for one in walkers:
        one.join(120)
    return phones


def count_again(opening: Opening, stocktake_id: int, phone: Phone) -> int:
    """Count every product that has to be counted again, at both places; how many those were."""
    lines = phone.till.get(f"/api/stocktakes/{stocktake_id}").get_json()["lines"]
    wanted = {line["product_id"] for line in lines if line["needs_recount"]}
    for product in opening.products:
        if product.id in wanted:
            phone.tell(phone.look(product, "shelf"))
            if opening.room.pieces[product.id, "back"]:
                phone.tell(phone.look(product, "back", is_more=True))
    return len(wanted)


def take_stock(app: Flask, opening: Opening) -> tuple[CountingShop, list[Phone]]:
    """A whole stocktake from the first count to its booking, the shop selling all the while and a little longer."""
    selling = CountingShop(app, opening.till, opening.products, opening.room, seed=4)
    stocktake_id = begin(opening)
    selling.open(tills=SELLING_TILLS, posters=2)
    try:
        phones = count_all(opening, stocktake_id)
        sell_more(selling, 20)  # of what was counted and not told yet
        phones[0].sync()
        assert opening.manager.post(f"/api/stocktakes/{stocktake_id}/close").status_code == 200
        phones[1].sync()  # counted before the close, sent after it
        again = [count_again(opening, stocktake_id, phones[1]) for _round in range(2)]
        assert again[0] > 0
        answer = opening.manager.post(f"/api/stocktakes/{stocktake_id}/approve", {})
        assert answer.status_code == 200, answer.text
        sell_more(selling, 10)
    finally:
        selling.close()
    return selling, phones


def sell_more(selling: CountingShop, receipts: int) -> None:
    """Wait for so many."""
    before = selling.sold
    wait_until(lambda: selling.sold >= before + receipts or bool(selling.surprises), seconds=2 * LONG_S)


def wrong(app: Flask, opening: Opening) -> dict[int, tuple[float, int]]:
    """(books, truth) in pieces of every product for which they differ; nothing may be reserved any more."""
    with app.app_context(), read_only() as session:
        levels = _levels(session, opening.shop)
    found = {product.id: (levels[product.id], opening.room.total(product.id)) for product in opening.products}
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}


def _levels(session: Session, shop: Shop) -> dict[int, float]:
    rows = session.execute(
        select(StockLevel.product_id, StockLevel.on_hand, StockLevel.reserved).where(
            StockLevel.store_id == shop.store_id
        )
    ).all()
    assert {row.reserved for row in rows} == {0}
    return {row.product_id: row.on_hand / 1000 for row in rows}


def test_fifty_products_counted_by_two_phones_while_eight_tills_sell_are_booked_as_they_stand(app: Flask) -> None:
    opening = wrong_books(app, PRODUCTS)

    selling, phones = take_stock(app, opening)

    assert (selling.surprises, phones[0].refused, phones[1].refused) == ([], [], [])
    assert selling.sold > 30
    assert wrong(app, opening) == {}
    assert violations(app) == []
    with app.app_context(), read_only() as session:
        movements = session.execute(
            select(func.count(), func.count(StockMovement.product_id.distinct())).where(StockMovement.kind == "count")
        ).one()
    # One movement for each product whose books were wrong, and none for the others.
    assert movements == (PRODUCTS * 7 // 10, PRODUCTS * 7 // 10)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_comparing_counts_with_the_books_of_their_arrival_is_noticed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = wrong_books(app, 10)
    monkeypatch.setattr(stocktake_counts, "moment", lambda *_clocks, now, opened_at: Moment(now))

    take_stock(app, opening)

    assert wrong(app, opening) != {}
