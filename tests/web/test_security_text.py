"""Texts that would like to be code: whatever people type stays text in pages, answers and files."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import Column, String, cast, literal, update
from sqlalchemy.orm import Session

from app.domain.checkout import BasketLine
from app.domain.refunds import NewRefund, ReturnedLine
from app.domain.stocktake import Kind
from app.models import Base
from app.models.catalog import Product
from app.models.checkout import Sale, SaleLine
from app.models.printing import Printer, Scale
from app.services import (
    audit,
    checkout,
    labels,
    parked_baskets,
    printing,
    refunds,
    replenishment,
    stock_exceptions,
    stocktake,
    stocktake_counts,
    stocktake_posting,
)
from app.services.stocktake import Scope
from app.services.stocktake_counts import NewCount
from app.views.recent_logins import recent_logins
from tests import factories
from tests.factories import NOON, Shop
from tests.web.office import Office, sit_down, writing
from tests.web.walk import addresses

MARKUP: Final = "\"'><img src=x onerror=alert(1)>"
FORMULA: Final = "=cmd|' /C calc'!A0"
FREE: Final = {
    "categories.name", "forecasts.note", "parked_baskets.label", "printers.footer", "printers.name", "products.brand",
    "products.name", "products.net_quantity", "products.shelf", "products.sku", "scales.name", "products.updated_by",
    "refunds.reason", "roles.description", "sale_lines.name", "goods_receipts.note", "stock_adjustments.note",
    "stock_exceptions.note", "stocktakes.shelf",
    "stores.address", "stores.name", "suppliers.email", "suppliers.name", "suppliers.phone", "users.display_name",
}  # fmt: skip
"""Columns in which people write what they like."""
MADE: Final = {
    "action", "address", "answer", "barcode", "claimed_by", "code", "code_hash", "currency", "destination",
    "draft_key", "fs_uniquifier", "hash", "host", "id", "key", "kind", "locale", "method", "name", "open_key",
    "original_key", "password", "place", "plu", "prefix", "problem", "reason", "request_hash", "role", "sealed",
    "search_text", "secret_hash", "shortage_policy", "source_kind", "state", "subject_id", "subject_kind", "tender",
    "till", "time_zone", "unit", "username", "value", "word",
}  # fmt: skip
"""Columns whose values the shop makes itself, checks letter by letter, or takes from a list."""


def texts() -> dict[str, Column[Any]]:
    """All text columns of all tables."""
    return {
        f"{table.name}.{column.name}": column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String)
    }


def test_every_text_column_is_free_or_made_by_the_shop() -> None:
    unknown = {name for name in texts().keys() - FREE if name.partition(".")[2] not in MADE}

    assert (unknown, FREE - texts().keys()) == (set(), set())


def happen(app: Flask, shop: Shop) -> None:
    """One row of everything that shows a text."""
    user_id = shop.cashier.id
    with writing(app) as session:
        supplier = factories.make_supplier(session)
        product = factories.make_product(
            session, shop, on_hand=5, supplier_id=supplier.id, safety_stock=50_000, shelf="A1"
        )
        count_shelf(session, shop, product)
        checkout.ring_up(session, factories.basket(shop, (product, 2)), now=NOON)
        stock_exceptions.open_for(
            session, store_id=shop.store_id, product_id=product.id, available=0, wanted=1, now=NOON, user_id=None
        )
        replenishment.top_up(session, store_id=shop.store_id, product_ids=[product.id], now=NOON)
        line = BasketLine(product.id, 1000)
        parked_baskets.park(
            session, uuid4(), store_id=shop.store_id, lines=(line,), label="x", user_id=user_id, now=NOON
        )
        audit.record(session, user_id=user_id, action="product.changed", subject_kind="product", subject_id="1",
                     details={"name": [MARKUP, FORMULA]}, now=NOON)  # fmt: skip
        sale, sold = session.query(Sale).one(), session.query(SaleLine).one()
        session.add_all(
            kind(name=kind.__name__, store_id=shop.store_id, address="10.0.0.9") for kind in (Printer, Scale)
        )
        session.flush()
        printing.ask(session, uuid=uuid4(), sale_uuid=sale.uuid, store_id=shop.store_id, till="T1", is_copy=False,
                     user_id=user_id, now=NOON)  # fmt: skip
        labels.flag(session, [product.id], now=NOON)
        labels.print_flagged(session, store_id=shop.store_id, today=NOON.date(), user_id=user_id, now=NOON)
        labels.flag(session, [product.id], now=NOON)
        back = ReturnedLine(sold.id, 1000, "shelf")
        refunds.refund(session, NewRefund(uuid4(), sale.uuid, shop.store_id, "T1", user_id, (back,), "x"), now=NOON)


def count_shelf(session: Session, shop: Shop, product: Product) -> None:
    """A closed count of the shelf "A1" that found less than the books."""
    who: dict[str, Any] = {"user_id": shop.cashier.id, "now": NOON}
    scope = Scope(Kind.SHELF, shelf="A1")
    opened = stocktake.open_session(session, uuid=uuid4(), store_id=shop.store_id, scope=scope, **who).stocktake_id
    seen = NewCount(uuid4(), 4000, NOON, product.id)
    stocktake_counts.record_count(session, opened, seen, store_id=shop.store_id, **who)
    stocktake_posting.close(session, opened, store_ids=None, **who)


def _key(column: Column[Any]) -> Column[Any]:
    return next(iter(column.table.primary_key.columns))


def write_everywhere(app: Flask, text: str) -> None:
    """Put `text` into every free column of every row; unique ones stay so by their id."""
    with writing(app) as session:
        for name, column in texts().items():
            if name in FREE:
                session.execute(update(column.table).values({column: literal(text) + cast(_key(column), String)}))
    recent_logins.forget()


@pytest.fixture
def desk(app: Flask) -> tuple[Office, Shop]:
    office, shop = sit_down(app)
    happen(app, shop)
    return office, shop


def pages(app: Flask, office: Office, shop: Shop) -> Iterator[tuple[str, Any]]:
    """Everything that can be looked at."""
    for rule, method, path in addresses(app):
        if method == "GET" and not rule.endpoint.endswith("static"):
            key = f"{shop.store_id},1" if rule.endpoint.startswith("stock.") else "1"
            yield rule.endpoint, office.client.get(path.replace("/1/", "/csv/"), query_string={"id": key})


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_markup_stays_text_on_every_page_and_in_every_answer(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, shop = desk
    write_everywhere(app, MARKUP)

    seen = {endpoint: answer for endpoint, answer in pages(app, office, shop) if answer.status_code < 300}

    read = {name: one.text for name, one in seen.items() if one.mimetype.startswith("text/")}
    run = [name for name, text in read.items() if seen[name].mimetype == "text/html" and "<img src=x" in text]
    shown = {name for name, text in read.items() if "&lt;img src=x onerror=alert(1)&gt;" in text}
    assert run == []
    assert shown >= {
        "products.index_view", "products.details_view", "products.edit_view", "suppliers.index_view",
        "categories.index_view", "stores.index_view", "users.index_view", "stock.index_view", "stock.details_view",
        "movements.index_view", "counts.index_view", "counts.details_view", "sales.index_view",
        "sales.details_view", "office_refunds.details_view",
        "printers.index_view", "printers.edit_view", "scales.index_view", "print_jobs.details_view",
        "label_flags.index_view", "exceptions.index_view",
        "orders.index_view", "orders.details_view", "audit.index_view", "admin.index",
    }  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_markup_in_the_tills_answers_is_json_that_no_browser_guesses_about(
    app: Flask, desk: tuple[Office, Shop]
) -> None:
    office, _shop = desk
    write_everywhere(app, MARKUP)

    answers = [
        office.client.get(path)
        for path in ("/api/products?search=product", "/api/session", "/api/baskets/parked", "/api/sales",
                     "/api/products/by-barcode/%3Cimg%20src=x%3E")
    ]  # fmt: skip

    assert {answer.mimetype for answer in answers} == {"application/json"}
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert sum(MARKUP in str(answer.get_json()).replace("\\'", "'") for answer in answers) >= 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_no_exported_cell_is_a_formula(app: Flask, desk: tuple[Office, Shop], text: str) -> None:
    office, _shop = desk
    write_everywhere(app, text)
    lists = [rule.endpoint.partition(".")[0] for rule, method, _path in addresses(app)
             if rule.endpoint.endswith(".export") and method == "GET"]  # fmt: skip

    files = {name: office.get(f"{'refunds' if name == 'office_refunds' else name}/export/csv/") for name in lists}

    cells = {
        name: [cell for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) for cell in row]
        for name, answer in files.items()
        if answer.status_code == 200
    }
    running = [(name, cell) for name, found in cells.items() for cell in found if is_formula(cell)]
    assert running == []
    assert sum(f"'{text}" in cell for found in cells.values() for cell in found) >= 5


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run the cell; a figure below zero is none."""
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not cell[1:].replace(".", "").isdigit()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_workbook_holds_no_formula(app: Flask, desk: tuple[Office, Shop]) -> None:
    office, _shop = desk
    write_everywhere(app, FORMULA)

    books = [
        load_workbook(io.BytesIO(office.get(f"{name}/export/xlsx/").data)) for name in ("products", "stock", "sales")
    ]

    kinds = [cell.data_type for book in books for row in book.worksheets[0].iter_rows() for cell in row]
    assert "f" not in kinds
    assert kinds.count("s") > 10
