"""The nightly run and the reports go by keys and days: however long the past, none of its tables is read to the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.orm import Session

from app.domain.reports import Period
from app.extensions import db
from app.models.checkout import Sale, SaleLine
from app.models.reports import DailyCashier, DailyHour, DailySales, SummarisedDay
from app.models.stock import StockLevel, StockMovement
from app.queries import reports_day
from app.queries import reports_period as questions
from app.queries.reports import EDITION
from app.services import reports, reports_analysis, reports_expiring, reports_period, reports_shelf, reports_today
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON, Shop, make_category, make_product, make_shop

pytestmark = [
    pytest.mark.parametrize("database", ["mariadb"], indirect=True),
    pytest.mark.usefixtures("app_context"),
]
DAYS, SALES, PRODUCTS = 200, 15, 60
LONG = ("sales", "sale_lines", "stock_movements", "daily_sales", "daily_hours", "daily_cashiers", "summarised_days")
"""Tables that grow with every day."""
TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


def test_no_table_of_the_past_is_read_to_its_end() -> None:
    shop, product_id = _fill()
    where_and_period: dict[str, Callable[[Session, Any], Any]] = {
        "categories": lambda session, where: reports_analysis.categories(session, where, _month(), now=NOON),
        "products": lambda session, where: reports_analysis.products(session, where, _month(), now=NOON),
        "best": lambda session, where: reports_analysis.products(session, where, _month(), now=NOON, limit=5),
        "a product": lambda session, where: reports_period.product_days(session, where, product_id, _month(), now=NOON),
        "hours": lambda session, where: reports_period.hours(session, where, _month(), now=NOON),
        "cashiers": lambda session, where: reports_period.cashiers(session, where, _month(), now=NOON),
        "shrinkage": lambda session, where: reports_shelf.shrinkage(session, where, _month()),
        "stock": lambda session, where: reports_shelf.shelf(session, where, now=NOON),
        "expiring": lambda session, where: reports_expiring.expiring(session, where, now=NOON),
        "today": lambda session, where: reports_today.today(session, where, now=NOON),
    }
    plans: dict[str, list[str]] = {}
    with _plans(plans, "the night"):
        days = [(shop.store_id, TODAY - timedelta(days=count)) for count in (1, 2, 3)]
        with read_only() as session:
            assert reports.due_days(session, now=NOON) == sorted(days)
            missing = reports.hours_without_stock(session, days)
        with unit_of_work() as session:
            reports.summarise_day(session, shop.store_id, YESTERDAY, now=NOON, missing=missing[shop.store_id])
    for name, ask in where_and_period.items():
        with _plans(plans, name), read_only() as session:
            ask(session, reports_period.scope(session, shop.store_id, None))

    assert {name: bad for name, bad in plans.items() if bad} == {}
    assert plans.keys() == {"the night", *where_and_period}


def test_a_table_that_is_read_to_its_end_would_be_noticed() -> None:
    _fill()

    with db.engine.connect() as connection:
        assert _scans(connection, "SELECT SUM(gross) FROM daily_sales", ()) == ["ALL of daily_sales"]


def test_the_balance_of_a_day_reads_what_the_ledger_did_since() -> None:
    shop, _product_id = _fill()
    with time_machine.travel(NOON, tick=False), read_only() as session:
        before = _rows_read(session)

        assert len(reports_day.balances(session, shop.store_id, NOON - timedelta(days=2))) == PRODUCTS

        # A walk through all that the store ever moved is a range of an index, too, and no plan tells.
        assert _rows_read(session) - before < DAYS * SALES / 5


def _rows_read(session: Session) -> int:
    found = session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
    return sum(int(value) for _name, value in found)


def _month() -> Period:
    return Period(TODAY - timedelta(days=27), TODAY)


@contextmanager
def _plans(found: dict[str, list[str]], name: str) -> Iterator[None]:
    """Collect the statements meanwhile, and which of them read a long table without an index."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert sent
    with db.engine.connect() as connection:
        found[name] = [
            f"{row}: {statement}" for statement, given in sent for row in _scans(connection, statement, given)
        ]


def _scans(connection: Connection, statement: str, parameters: Any) -> list[str]:
    """Long tables that a statement reads whole, by row or by index."""
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).mappings().all()
    return [
        f"{row['type']} of {row['table']}" for row in rows if row["type"] in ("ALL", "index") and row["table"] in LONG
    ]


def _fill() -> tuple[Shop, int]:
    """One sale of one product at a time, all day, every day; posted and summarised."""
    with unit_of_work() as session:
        shop = make_shop(session)
        products = [make_product(session, shelf_life_days=40) for _ in range(PRODUCTS)]
        session.execute(
            insert(StockLevel),
            [{"store_id": shop.store_id, "product_id": one.id, "on_hand": 5_000} for one in products],
        )
        ids = [product.id for product in products]
        sales = [_sale(number, shop) for number in range(DAYS * SALES)]
        session.execute(insert(Sale), sales)
        session.execute(insert(SaleLine), [_line(sale["id"], ids) for sale in sales])
        session.execute(insert(StockMovement), [_movement(sale, ids) for sale in sales])
        for table, rows in _summaries(shop, ids).items():
            session.execute(insert(table), rows)
    with db.engine.connect() as connection:
        connection.execute(text(f"ANALYZE TABLE {', '.join(LONG)}, products, stock_levels, refunds, refund_lines"))
    return shop, ids[0]


def _at(number: int) -> datetime:
    return NOON - timedelta(days=DAYS - number // SALES, minutes=-20 * (number % SALES))


def _sale(number: int, shop: Shop) -> dict[str, Any]:
    return {
        "id": number + 1, "uuid": UUID(int=number + 1), "store_id": shop.store_id, "till": "T1",
        "cashier_id": shop.cashier.id, "sold_at": _at(number), "business_date": _at(number).date(), "total": 100,
        "change_given": 0, "request_hash": "0", "copy_count": 0, "posted_at": NOON,
    }  # fmt: skip


def _line(sale_id: int, ids: list[int]) -> dict[str, Any]:
    return {
        "id": sale_id, "sale_id": sale_id, "product_id": ids[sale_id % PRODUCTS], "name": "One", "unit": "piece",
        "quantity": 1000, "unit_price": 100, "unit_cost": 60, "total": 100, "is_stocked": True,
    }  # fmt: skip


def _movement(sale: dict[str, Any], ids: list[int]) -> dict[str, Any]:
    return {
        "store_id": sale["store_id"], "product_id": ids[sale["id"] % PRODUCTS], "kind": "sale", "quantity": -1000,
        "source_kind": "sale_line", "source_id": sale["id"], "occurred_at": sale["sold_at"], "booked_at": NOON,
    }  # fmt: skip


def _summaries(shop: Shop, ids: list[int]) -> dict[Any, list[dict[str, Any]]]:
    days: list[date] = [TODAY - timedelta(days=count) for count in range(1, DAYS + 1)]
    keys = [{"store_id": shop.store_id, "business_date": day} for day in days]
    sums = {"receipts": 1, "lines": 1, "gross": 100, "refunds": 0, "refunded": 0}
    return {
        DailySales: [
            key | {"product_id": product_id, "units": 1000, "gross": 100, "cost": 60}
            for key in keys
            for product_id in ids[:SALES]
        ],
        DailyHour: [key | sums | {"hour": hour} for key in keys for hour in range(11, 19)],
        DailyCashier: [key | sums | {"cashier_id": shop.cashier.id} for key in keys],
        SummarisedDay: [key | {"summarised_at": NOON, "edition": EDITION, "open_minutes": 400} for key in keys],
    }


def test_the_categories_of_many_products_are_asked_for_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "AT_ONCE", 2)
    with unit_of_work() as session:
        dairy, bread = make_category(session, "Dairy").id, make_category(session, "Bread").id
        wanted = [make_product(session, category_id=one).id for one in (dairy, bread, dairy, bread, dairy)]
        make_product(session, category_id=bread)

    with read_only() as session:
        found = questions.categories_of(session, wanted)

    assert found == dict(zip(wanted, (dairy, bread, dairy, bread, dairy), strict=True))
