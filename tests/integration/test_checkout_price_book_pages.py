"""What a page of the catalogue takes in, how much, and for how long."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.domain.errors import InsufficientStock, PriceChanged, ShopError
from app.extensions import db
from app.queries import catalog
from app.services import checkout, checkout_price_book
from app.services.checkout import Rung
from app.services.checkout_price_book import PriceBook
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, basket, make_product, make_shop
from tests.integration.test_checkout_price_book import (
    KEEP,
    change,
    change_by_hand,
    open_shop,
    questions_about_products,
    refusal,
    ring_up,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_many_sales_together_read_ahead(app: Flask) -> None:
    shop, milk = open_shop()
    with unit_of_work() as session:
        rest = [make_product(session, shop, on_hand=5) for _ in range(checkout_price_book.AHEAD * 2 - 1)]
    book = PriceBook(KEEP)
    ring_up(book, *(basket(shop, (milk, 1)) for _ in range(3)))

    with questions_about_products(app) as asked:
        ring_up(book, basket(shop, *((one, 1) for one in rest)))

    assert asked == []


def test_a_shop_of_more_products_than_are_remembered_sells_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout_price_book, "MOST", 2)
    monkeypatch.setattr(checkout_price_book, "MOST_AHEAD", 1)
    shop, milk = open_shop()
    with unit_of_work() as session:
        rest = [make_product(session, shop, on_hand=5) for _ in range(4)]
    book = PriceBook(KEEP)

    outcomes = [ring_up(book, basket(shop, (milk, 1), *((one, 1) for one in rest)))[0] for _ in range(2)]

    assert all(isinstance(outcome, Rung) for outcome in outcomes)


def once_open(work: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `work` be done when the next sale has its page and has read nothing yet."""
    opened = PriceBook.open

    def open_and_work(book: PriceBook, *args: Any, **kwargs: Any) -> Any:
        page = opened(book, *args, **kwargs)
        monkeypatch.undo()
        work()
        return page

    monkeypatch.setattr(PriceBook, "open", open_and_work)


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_what_is_newer_than_its_page_is_not_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    with read_only() as session:
        first = session.scalar(text("SELECT number FROM catalog_editions"))
    once_open(lambda: change(shop, milk, selling_price=120), monkeypatch)
    [sold_new] = ring_up(book, basket(shop, (milk, 1), total=120))
    # As after the loss of a primary whose last commits its replica had not heard of.
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE catalog_editions SET number = :first"), {"first": first})
        connection.execute(text("UPDATE products SET selling_price = 100"))

    [sold_old] = ring_up(book, basket(shop, (milk, 1), total=100))

    assert isinstance(sold_new, Rung)
    assert isinstance(sold_old, Rung)
    assert isinstance(refusal(book, basket(shop, (milk, 1), total=120)), PriceChanged)


GROWN_OLD = NOON + KEEP * checkout_price_book.OLD


def test_while_a_page_grows_old_tills_fill_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkout_price_book, "AT_A_TIME", 3)
    shop, milk = open_shop()
    with unit_of_work() as session:
        rest = [make_product(session, shop, on_hand=5) for _ in range(4)]
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    every = checkout_price_book.EVERY
    for number, sales, questions in ((0, 1, 0), (1, 3, 1), (1.5, 3, 0), (2.5, 3, 1), (5, 3, 0)):
        with questions_about_products(app) as asked:
            ring_up(book, *(basket(shop, (milk, 1)) for _ in range(sales)), now=GROWN_OLD + every * number)
        assert len(asked) == questions

    with questions_about_products(app) as asked:
        ring_up(book, basket(shop, (milk, 1), *((one, 1) for one in rest)), now=NOON + KEEP)

    assert asked == []


def test_a_page_that_was_filled_early_is_believed_no_longer_than_any_other() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    ring_up(book, *(basket(shop, (milk, 1)) for _ in range(3)), now=GROWN_OLD)
    change_by_hand(milk, selling_price=120)

    [remembered] = ring_up(book, basket(shop, (milk, 1), total=100), now=GROWN_OLD + KEEP - timedelta(seconds=1))
    outcome = refusal(book, basket(shop, (milk, 1), total=100), now=GROWN_OLD + KEEP)

    assert isinstance(remembered, Rung)
    assert isinstance(outcome, PriceChanged)


def test_what_was_sold_out_is_not_hoped_for_on_the_next_page() -> None:
    shop, milk = open_shop(on_hand=8)
    book = PriceBook(KEEP)

    def sell(pieces: int, sales: int, now: datetime) -> Rung | ShopError:
        with unit_of_work() as session:
            baskets = [basket(shop, (milk, pieces)) for _ in range(sales)]
            return checkout.ring_up_all(session, baskets, now=now, book=book, locks_first=False)[0]

    sell(1, 1, NOON)
    sell(1, 3, GROWN_OLD)
    sell(4, 1, GROWN_OLD + timedelta(seconds=1))

    assert isinstance(sell(1, 1, NOON + KEEP), InsufficientStock)


def test_a_next_page_that_a_fast_clock_opened_is_not_believed() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    ring_up(book, *(basket(shop, (milk, 1)) for _ in range(3)), now=NOON + KEEP - timedelta(seconds=1))
    ring_up(book, basket(shop, (milk, 1)), now=NOON + timedelta(seconds=1))
    change_by_hand(milk, selling_price=120)

    outcome = refusal(book, basket(shop, (milk, 1), total=100), now=NOON + KEEP)

    assert isinstance(outcome, PriceChanged)


def test_where_the_next_page_was_not_filled_it_begins_when_it_takes_over(app: Flask) -> None:
    shop, milk = open_shop()
    book = PriceBook(KEEP)
    for now in (NOON, GROWN_OLD, NOON + KEEP):
        ring_up(book, basket(shop, (milk, 1)), now=now)

    with questions_about_products(app) as asked:
        ring_up(book, basket(shop, (milk, 1)), now=NOON + KEEP * 2 - timedelta(seconds=1))

    assert asked == []


def test_a_page_that_was_filled_early_is_none_of_a_newer_catalogue() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    ring_up(book, *(basket(shop, (milk, 1)) for _ in range(3)), now=GROWN_OLD)
    change(shop, milk, selling_price=120)

    outcome = refusal(book, basket(shop, (milk, 1), total=100), now=NOON + KEEP)

    assert isinstance(outcome, PriceChanged)


def test_sales_of_many_stores_read_no_further_ahead_than_as_many_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[int] = []
    asked = catalog.dated_articles_after

    def count(session: Any, store_id: int, product_id: int, limit: int) -> catalog.DatedArticles:
        limits.append(limit)
        return asked(session, store_id, product_id, limit)

    monkeypatch.setattr(catalog, "dated_articles_after", count)
    with unit_of_work() as session:
        shops = [make_shop(session) for _ in range(4)]
        milk = make_product(session, on_hand=None)

    ring_up(PriceBook(KEEP), *(basket(shop, (milk, 1)) for shop in shops * 2))

    assert sum(limits) == len(shops) * checkout_price_book.AHEAD


def test_a_till_alone_reads_its_own_goods_and_no_others(app: Flask) -> None:
    shop, milk = open_shop()
    with unit_of_work() as session:
        bread = make_product(session, shop, on_hand=5)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))

    with questions_about_products(app) as asked:
        ring_up(book, basket(shop, (bread, 1)))

    assert len(asked) == 1


def test_a_page_opened_by_a_clock_that_was_fast_has_had_its_time_once_it_is_right() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)), now=NOON + timedelta(days=1))
    change_by_hand(milk, selling_price=120)

    outcome = refusal(book, basket(shop, (milk, 1), total=100), now=NOON + KEEP)

    assert isinstance(outcome, PriceChanged)
