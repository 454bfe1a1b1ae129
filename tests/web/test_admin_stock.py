"""Stock levels, the ledger, exceptions and the start page in the back office."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.clock import utc_now
from app.models.catalog import Product
from app.models.stock import StockException
from app.services import checkout, stock
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import Office, open_shop, sit_down, writing
from tests.web.stock_desk import key, milk


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    return sit_down(app)


def test_levels_below_zero_are_found_by_their_filter(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, name="Sold twice")
    milk(app, shop, name="In order")
    office.post("stock/adjust/", id=key(shop, product), quantity="-7", reason="correction")

    page = office.page("stock/", flt3_negative="1")

    assert "Sold twice" in page
    assert "In order" not in page


def test_the_ledger_is_filtered_by_product_store_kind_and_day(app: Flask, desk: Any) -> None:
    office, shop = desk
    first, second = milk(app, shop, name="Milk", sku="M1"), milk(app, shop, name="Bread", sku="B1")
    office.post("stock/adjust/", id=key(shop, first), quantity="-1", reason="waste")
    tomorrow = (utc_now() + timedelta(days=2)).date().isoformat()

    def rows(**query: str) -> int:
        return int(office.page("movements/", **query).count("<tr>")) - 1

    assert rows() == 3
    assert rows(search=first.sku) == 2
    assert rows(search="M") == 1
    assert "Nothing to show." in office.page("movements/", search="M")
    assert rows(flt1_kind="waste") == 1
    assert rows(flt0_store=str(shop.store_id)) == 3
    assert "Nothing to show." in office.page("movements/", flt0_store="999")
    assert rows(flt2_from="2026-03-02", flt3_to="2026-03-02") == 2
    assert "Nothing to show." in office.page("movements/", flt2_from=tomorrow)
    assert "cannot be filtered by" in office.page("movements/", flt2_from="Feb 30")
    assert second.id


def exception_of(app: Flask, office: Office, shop: Shop, product: Product) -> int:
    office.post("stock/adjust/", id=key(shop, product), quantity="-7", reason="correction")
    with writing(app) as session:
        return int(session.scalars(select(StockException.id)).one())


def test_an_exception_stays_open_while_stock_is_negative(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_id = exception_of(app, office, shop, product)

    office.post("exceptions/resolve/", id=exception_id, note="looked")

    assert "Available stock is still negative" in office.said()
    assert "Sold beyond the books" in office.page("exceptions/") or "Adjusted below zero" in office.page("exceptions/")
    with writing(app) as session:
        assert session.get_one(StockException, exception_id).open_key is not None


def test_an_exception_is_resolved_once_the_stock_is_right(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_id = exception_of(app, office, shop, product)
    office.post("stock/adjust/", id=key(shop, product), quantity="4", reason="found")

    office.post("exceptions/resolve/", id=exception_id, note="two were behind the shelf")

    with writing(app) as session:
        exception = session.get_one(StockException, exception_id)
        assert (exception.open_key, exception.note) == (None, "two were behind the shelf")
        assert exception.resolved_by_id == shop.cashier.id
        assert stock.verify(session) == []


def test_a_sale_shows_lines_payments_and_whether_the_ledger_has_it(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop, name="Milk", price=199)
    with writing(app) as session:
        sale_id = checkout.ring_up(session, factories.basket(shop, (product, 2), paid=500), now=NOON).sale_id

    waiting = office.page("sales/details/", id=str(sale_id))
    with writing(app) as session:
        stock.post_sales(session, now=NOON)
    posted = office.page("sales/details/", id=str(sale_id))

    assert ("€3.98" in waiting, "€5.00" in waiting, "-€1.02" in waiting) == (True, True, True)
    assert waiting.count(">Waiting</span>") == 2
    assert posted.count(">Posted</span>") == 2
    number = f"{shop.store.code}-{sale_id:08d}"
    assert number in office.page("sales/", search=number)
    assert "Nothing to show." in office.page("sales/", search=f"{shop.store.code}-{sale_id + 1:08d}")


def test_the_start_page_shows_true_figures(app: Flask, desk: Any) -> None:
    office, shop = desk
    other = open_shop(app)
    short = milk(app, shop, name="Milk", price=250, safety_stock=9000)
    with writing(app) as session:
        for place in (shop, other):
            product = short if place is shop else factories.make_product(session, other, on_hand=9, price=1000)
            checkout.ring_up(session, factories.basket(place, (product, 1)), now=utc_now())

    page = office.page("")

    assert "€12.50" in page
    assert "Receipts: 2" in page
    assert page.count("<strong>2</strong>") == 1
    assert "Milk" in page


def test_who_may_not_see_sales_sees_no_takings(app: Flask) -> None:
    office, _shop = sit_down(app, "ops")

    page = office.page("")

    assert "Waiting for the ledger" in page
    assert "Sales today" not in page
    assert "Most urgent" not in page


def test_nothing_of_this_left_the_books_wrong(app: Flask, desk: Any) -> None:
    office, shop = desk
    product = milk(app, shop)
    exception_of(app, office, shop, product)

    with writing(app) as session:
        assert session.scalar(select(func.count()).select_from(StockException)) == 1
        assert stock.verify(session) == []
