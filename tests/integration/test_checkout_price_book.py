"""Tills remember prices from one edition of the catalogue to the next, and never sell by an old one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import get_ident
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app.domain.checkout import NewSale
from app.domain.errors import InsufficientStock, InvalidBasket, PriceChanged, ShopError
from app.extensions import db
from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.stock import StockLevel, Store
from app.services import catalog_edit, checkout, master_data
from app.services.catalog_edit import Editor
from app.services.checkout import Rung
from app.services.checkout_price_book import PriceBook
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, basket, level, make_product, make_shop

pytestmark = pytest.mark.usefixtures("app_context")
KEEP = timedelta(minutes=5)


def open_shop(*, price: int = 100, on_hand: int = 50) -> tuple[Shop, Product]:
    with unit_of_work() as session:
        shop = make_shop(session)
        return shop, make_product(session, shop, on_hand=on_hand, price=price)


def ring_up(book: PriceBook, *sales: NewSale, now: Any = NOON) -> list[Rung | ShopError]:
    with unit_of_work() as session:
        return checkout.ring_up_all(session, sales, now=now, book=book)


def refusal(book: PriceBook, sale: NewSale, *, now: Any = NOON) -> ShopError:
    [outcome] = ring_up(book, sale, now=now)
    assert isinstance(outcome, ShopError)
    return outcome


def edit(session: Session, shop: Shop, product: Product, **values: Any) -> None:
    """As a manager does."""
    row = session.get_one(Product, product.id)
    catalog_edit.change_product(
        session, product.id, values=replace(catalog_edit.values_of(row), **values), version=row.version,
        editor=Editor(shop.cashier.id, "office"), now=NOON, is_confirmed=True,
    )  # fmt: skip


def change(shop: Shop, product: Product, **values: Any) -> None:
    with unit_of_work() as session:
        edit(session, shop, product, **values)


def change_by_hand(product: Product, **values: Any) -> None:
    """As nobody should: in the database, with no edition to tell of it."""
    with db.engine.begin() as connection:
        connection.execute(update(Product).where(Product.id == product.id).values(**values))


@contextmanager
def questions_about_products(app: Flask) -> Iterator[list[str]]:
    asked: list[str] = []
    own = get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # Whoever tells open pages what was sold asks too, in a thread of its own.
        if "FROM products" in statement and get_ident() == own:
            asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def sold_prices() -> list[int]:
    with read_only() as session:
        return list(session.scalars(select(SaleLine.unit_price).order_by(SaleLine.id)))


def test_what_was_sold_before_is_not_asked_for_again(app: Flask) -> None:
    shop, milk = open_shop()
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))

    with questions_about_products(app) as asked:
        [second] = ring_up(book, basket(shop, (milk, 2)))

    assert isinstance(second, Rung)
    assert asked == []


def test_without_a_time_to_keep_it_every_sale_asks(app: Flask) -> None:
    shop, milk = open_shop()
    book = PriceBook(timedelta())
    ring_up(book, basket(shop, (milk, 1)))

    with questions_about_products(app) as asked:
        ring_up(book, basket(shop, (milk, 2)))

    assert len(asked) == 1


def test_a_new_price_holds_from_its_commit_on() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    change(shop, milk, selling_price=120)

    old = refusal(book, basket(shop, (milk, 1), total=100))
    [new] = ring_up(book, basket(shop, (milk, 1), total=120))

    assert isinstance(old, PriceChanged)
    assert old.details["total"] == 120
    assert isinstance(new, Rung)
    assert sold_prices() == [100, 120]


def test_a_price_that_was_rolled_back_never_held() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    with unit_of_work() as session:
        edit(session, shop, milk, selling_price=120)
        session.rollback()

    [outcome] = ring_up(book, basket(shop, (milk, 1), total=100))

    assert isinstance(outcome, Rung)


def test_a_product_taken_off_sale_is_not_sold_from_memory() -> None:
    shop, milk = open_shop()
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    with unit_of_work() as session:
        editor = Editor(shop.cashier.id, "office")
        catalog_edit.set_archived(session, milk.id, is_archived=True, version=1, editor=editor, now=NOON)

    assert isinstance(refusal(book, basket(shop, (milk, 1))), InvalidBasket)


def save_store(shop: Shop, **values: Any) -> None:
    with unit_of_work() as session:
        master_data.save(
            session, Store, shop.store_id, values={"code": shop.store.code} | values, user_id=shop.cashier.id, now=NOON
        )


def test_a_stores_policy_holds_from_its_commit_on() -> None:
    shop, milk = open_shop(on_hand=1)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    save_store(shop, shortage_policy="allow")

    [outcome] = ring_up(book, basket(shop, (milk, 1)))

    assert isinstance(outcome, Rung)


def test_a_receipt_bears_the_stores_name_of_its_moment() -> None:
    shop, milk = open_shop()
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    save_store(shop, name="Corner shop")

    [outcome] = ring_up(book, basket(shop, (milk, 1)))

    assert isinstance(outcome, Rung)
    assert outcome.written is not None
    assert outcome.written.receipt().store_name == "Corner shop"


def test_every_store_has_its_own_page() -> None:
    strict, milk = open_shop(on_hand=1)
    with unit_of_work() as session:
        lenient = make_shop(session, shortage_policy="allow")
    book = PriceBook(KEEP)

    first, second = ring_up(book, basket(lenient, (milk, 2)), basket(strict, (milk, 2)))

    assert isinstance(first, Rung)
    assert isinstance(second, InsufficientStock)


def test_memory_refuses_nothing_by_itself() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    change_by_hand(milk, selling_price=120)

    [outcome] = ring_up(book, basket(shop, (milk, 1), total=120))

    assert isinstance(outcome, Rung)
    assert sold_prices() == [100, 120]


def test_what_was_changed_by_hand_holds_once_the_page_has_had_its_time() -> None:
    shop, milk = open_shop(price=100)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    change_by_hand(milk, selling_price=120)

    outcome = refusal(book, basket(shop, (milk, 1), total=100), now=NOON + KEEP)

    assert isinstance(outcome, PriceChanged)


def test_goods_seen_before_are_not_believed_to_be_there() -> None:
    shop, milk = open_shop(on_hand=5)
    book, other_process = PriceBook(KEEP), PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    ring_up(other_process, basket(shop, (milk, 4)))

    outcome = refusal(book, basket(shop, (milk, 1)))

    assert isinstance(outcome, InsufficientStock)
    with read_only() as session:
        assert level(session, shop, milk) == (5000, 5000)
        assert session.query(Sale).count() == 2


def test_goods_that_came_back_are_sold() -> None:
    shop, milk = open_shop(on_hand=1)
    book = PriceBook(KEEP)
    ring_up(book, basket(shop, (milk, 1)))
    assert isinstance(refusal(book, basket(shop, (milk, 1))), InsufficientStock)
    with unit_of_work() as session:
        session.execute(update(StockLevel).values(on_hand=StockLevel.on_hand + 1000))

    [outcome] = ring_up(book, basket(shop, (milk, 1)))

    assert isinstance(outcome, Rung)


def test_goods_known_to_be_gone_cost_no_receipt_number() -> None:
    shop, milk = open_shop(on_hand=2)
    with unit_of_work() as session:
        bread = make_product(session, shop, on_hand=5)
    book = PriceBook(KEEP)
    [first] = ring_up(book, basket(shop, (milk, 2)))

    for _ in range(3):
        refusal(book, basket(shop, (milk, 1)))
    [last] = ring_up(book, basket(shop, (bread, 1)))

    assert isinstance(first, Rung)
    assert isinstance(last, Rung)
    assert last.sale_id == first.sale_id + 1
