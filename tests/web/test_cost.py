"""What a page costs the database does not grow with the shop: rows read, not seconds, so that no machine matters."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Connection, event, insert, text

from app.extensions import db
from app.models.catalog import Product
from app.models.checkout import Sale
from app.models.stock import StockLevel, StockMovement
from app.services import catalog_search_words
from app.views.admin.kept import KeptFigures
from tests.factories import NOON, Shop, make_category
from tests.web.office import Office, sit_down, writing

MANY = 4000
DAYS = 400
TABLES = "products, product_words, stock_levels, sales, stock_movements"
PAGES = (
    "sales/", "sales/?page=1", "sales/?flt4_from={day}&flt5_to={day}", "sales/?flt5_to={day}", "sales/?flt2_till=T9",
    "sales/?flt0_store={store}", "refunds/?flt2_from={day}", "movements/", "movements/?page=1",
    "movements/?flt1_kind=waste", "movements/?flt2_from={day}&flt3_to={day}", "movements/?search=S7", "products/",
    "products/?search=S7", "products/?search=777", "products/?search=product", "stock/", "stock/?page=2",
    "stock/?search=777", "stock/?search=product", "stock/?flt0_store={store}",
)  # fmt: skip


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_no_list_reads_a_table_to_its_end(app: Flask) -> None:
    office, shop = sit_down(app)
    _fill(app, shop)
    day = NOON.date() - timedelta(days=DAYS // 2)

    costs = {page: _rows_read(app, office, "/admin/" + page.format(day=day, store=shop.store_id)) for page in PAGES}

    assert {page: rows for page, rows in costs.items() if rows >= MANY} == {}


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_till_finds_products_without_reading_all(app: Flask) -> None:
    office, shop = sit_down(app)
    _fill(app, shop)

    costs = {
        words: _rows_read(app, office, f"/api/products?search={words}")
        for words in ("777", "product", "product+777", "S7", "product+1")
    }

    assert {words: rows for words, rows in costs.items() if rows >= MANY} == {}


def test_figures_that_were_slow_are_kept_and_quick_ones_asked_for_again() -> None:
    now = [0.0]
    figures: KeptFigures[int] = KeptFigures(clock=lambda: now[0])

    def asked(value: int, *, takes: float) -> int:
        def ask() -> int:
            now[0] += takes
            return value

        return figures.get("all", ask).value

    assert (asked(1, takes=0.01), asked(2, takes=0.01)) == (1, 2)
    assert (asked(3, takes=0.5), asked(4, takes=0.5)) == (3, 3)
    now[0] += 9.9
    assert asked(5, takes=0.5) == 3
    now[0] += 0.2
    assert asked(6, takes=0.01) == 6


def _fill(app: Flask, shop: Shop) -> None:
    """One row of everything per product, a sale a product, and nothing that few rows share."""
    with writing(app) as session:
        category = make_category(session).id
        numbers = range(1, MANY + 1)
        session.execute(insert(Product), [_product(number, category) for number in numbers])
        session.execute(insert(StockLevel), [{"store_id": shop.store_id, "product_id": one} for one in numbers])
        session.execute(insert(Sale), [_sale(number, shop) for number in numbers])
        session.execute(insert(StockMovement), [_movement(number, shop) for number in numbers])
        catalog_search_words.keep(session, numbers)
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text(f"ANALYZE TABLE {TABLES}"))


def _product(number: int, category_id: int) -> dict[str, Any]:
    return {
        "id": number, "sku": f"S{number}", "name": f"Product {number}", "search_text": f"product {number} s{number}",
        "category_id": category_id, "selling_price": 100,
    }  # fmt: skip


def _moment(number: int) -> datetime:
    return NOON - timedelta(days=DAYS - DAYS * number // MANY)


def _sale(number: int, shop: Shop) -> dict[str, Any]:
    day: date = _moment(number).date()
    return {
        "id": number, "uuid": UUID(int=number), "store_id": shop.store_id, "till": "T1", "cashier_id": shop.cashier.id,
        "sold_at": _moment(number), "business_date": day, "total": 1, "request_hash": "0", "posted_at": NOON,
    }  # fmt: skip


def _movement(number: int, shop: Shop) -> dict[str, Any]:
    return {
        "id": number, "store_id": shop.store_id, "product_id": number, "kind": "sale", "quantity": -1000,
        "source_kind": "sale_line", "source_id": number, "occurred_at": _moment(number), "booked_at": NOON,
    }  # fmt: skip


def _rows_read(app: Flask, office: Office, page: str) -> int:
    """Rows that the statements of a page make the database read, asked again on a connection of their own."""
    with app.app_context():
        engine = db.engine
    with _noted(engine) as statements:
        assert office.client.get(page).status_code == 200
    with engine.connect() as connection:
        before = _read(connection)
        for statement, parameters in statements:
            connection.exec_driver_sql(statement, parameters)
        return _read(connection) - before


def _read(connection: Connection) -> int:
    return sum(int(value) for _name, value in connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")))


@contextmanager
def _noted(engine: Any) -> Iterator[list[tuple[str, Any]]]:
    noted: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            noted.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        event.remove(engine, "before_cursor_execute", note)
