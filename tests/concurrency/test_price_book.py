"""Processes that remember prices, each for itself: from its commit on no sale is made by any price but the new one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask

from app.domain.errors import PriceChanged, ShopError
from app.models.catalog import Product
from app.services import catalog_edit, checkout
from app.services.catalog_edit import Editor
from app.services.checkout import Rung
from app.services.checkout_price_book import PriceBook
from app.unit_of_work import transact, unit_of_work
from tests.concurrency.test_checkout import violations
from tests.factories import NOON, Shop, basket, make_product, make_shop

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
PROCESSES = 2
TILLS = 3
CHANGES = 40


def ring_up(app: Flask, book: PriceBook, shop: Shop, milk: Product, price: int) -> Rung | ShopError:
    """One piece, at the price that the till believes in."""
    sale = basket(shop, (milk, 1), total=price)
    with app.app_context():
        return transact(
            lambda session: checkout.ring_up_all(session, [sale], now=NOON, book=book)[0], budget_s=60, tries=50
        )


def change_price(app: Flask, shop: Shop, milk: Product, price: int) -> None:
    with app.app_context(), unit_of_work() as session:
        row = session.get_one(Product, milk.id)
        values = replace(catalog_edit.values_of(row), selling_price=price)
        editor = Editor(shop.cashier.id, "office")
        catalog_edit.change_product(
            session, milk.id, values=values, version=row.version, editor=editor, now=NOON, is_confirmed=True
        )


@contextmanager
def busy(app: Flask, books: list[PriceBook], shop: Shop, goods: tuple[Product, Product]) -> Iterator[None]:
    """Tills that sell all the while: what never changes, so that pages are read, and what does, at a guess."""
    enough = Event()

    def sell(book: PriceBook) -> None:
        while not enough.is_set():
            for product in goods:
                outcome = ring_up(app, book, shop, product, 100)
                assert isinstance(outcome, Rung | PriceChanged)

    with ThreadPoolExecutor(len(books) * TILLS) as pool:
        tills = [pool.submit(sell, book) for book in books * TILLS]
        try:
            yield
        finally:
            enough.set()
        for till in tills:
            till.result()


def test_no_sale_is_made_by_an_old_price_once_the_new_one_is_committed(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        shop = make_shop(session, shortage_policy="allow")
        milk, bread = (make_product(session, shop, on_hand=1000, price=100) for _ in range(2))
    books = [PriceBook(timedelta(minutes=5)) for _ in range(PROCESSES)]
    endings = []

    with busy(app, books, shop, (milk, bread)):
        for price in range(101, 101 + CHANGES):
            change_price(app, shop, milk, price)
            endings += [ring_up(app, book, shop, milk, paid) for book in books for paid in (price - 1, price)]

    assert [type(one) for one in endings] == [PriceChanged, Rung] * PROCESSES * CHANGES
    assert violations(app) == []
