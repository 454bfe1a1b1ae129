"""What the dashboard asks of a shop in which every product sold on every day: processor time of each request.

Only summaries are filled in, in bulk, so that years take minutes; `report_times` has receipts behind them too.

python -m benchmarks.dense_days [--kind mariadb] [--products 10000] [--days 730] [--rounds 3] [--keep FOLDER]
"""

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, insert, text

from app.clock import utc_now
from app.extensions import db
from app.factory import create_app
from app.models.catalog import Category, Product
from app.queries.reports import EDITION
from app.services import reports_fortnights
from app.unit_of_work import read_only, unit_of_work
from benchmarks import processor_time
from benchmarks.till_shop import DurableMariaDb
from tests import shared_servers
from tests.databases import settings_for
from tests.web.staff_room import hire, log_in

CATEGORIES: Final = 100
REQUESTS: Final = {
    "today": "today", "categories, 28 days": "categories?limit=200", "products, 28 days": "products?limit=50",
    "sales per day and hour": "hours", "cashiers": "cashiers", "stock value, slow and dead": "stock",
    "shrinkage": "shrinkage", "a product, 28 days": "products/1",
    "categories, 13 weeks": "categories?first={quarter}&last={today}&limit=200",
    "categories, 400 days": "categories?first={long}&last={today}&limit=200",
    "products, 400 days": "products?first={long}&last={today}&limit=50",
    "products of a category, 400 days": "products?first={long}&last={today}&limit=50&category=1",
    "a product, 400 days": "products/1?first={long}&last={today}",
}  # fmt: skip


def main() -> None:
    """Fill (once, when the folder is kept), ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", choices=["sqlite", "mariadb"], default="sqlite")
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="aisle-dense-"))
    shared_servers.open_run()
    try:
        with _database(options.kind, folder) as (url, pid):
            app = create_app(settings_for(url))
            username = _filled(app, options.products, options.days)
            print(_summed_up(app, pid))
            print("\n".join(_measured(app, username, pid, options.rounds)))
    finally:
        shared_servers.close_run()
        if options.keep is None:
            shutil.rmtree(folder)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[tuple[str, int | None]]:
    """Address and process of the database; SQLite has no process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'dense.db'}", None
        return
    mariadb = DurableMariaDb(folder / "mariadb")
    mariadb.start()
    try:
        mariadb.execute("CREATE DATABASE IF NOT EXISTS aisle CHARACTER SET utf8mb4")
        yield mariadb.url("aisle"), mariadb.pid
    finally:
        mariadb.stop()


def _filled(app: Flask, products: int, days: int) -> str:
    """A manager of the shop; the shop is filled when it is new."""
    with app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            known = connection.scalar(text("SELECT username FROM users"))
    if known:
        return str(known)
    username = hire(app, "manager")["manager"]
    with app.app_context(), db.engine.begin() as connection:
        _fill_products(connection, products)
    for back in range(days, 0, -1):
        with app.app_context(), db.engine.begin() as connection:
            _fill_day(connection, utc_now().date() - timedelta(days=back))
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("ANALYZE" if connection.dialect.name == "sqlite" else "ANALYZE TABLE daily_sales"))
    return username


def _fill_products(connection: Connection, products: int) -> None:
    connection.execute(insert(Category), [{"id": one, "name": f"Category {one}"} for one in range(1, CATEGORIES + 1)])
    rows = [
        {
            "id": one, "sku": f"S{one}", "name": f"Product {one}", "category_id": 1 + one % CATEGORIES,
            "selling_price": 200, "purchase_price": 120, "safety_stock": 5000,
        }
        for one in range(1, products + 1)
    ]  # fmt: skip
    connection.execute(insert(Product), rows)
    connection.execute(
        text("INSERT INTO stock_levels (store_id, product_id, on_hand, reserved) SELECT 1, id, 9000, 0 FROM products")
    )


def _fill_day(connection: Connection, day: date) -> None:
    """Every product sold between one and nine pieces."""
    number = f"(1 + (id * 31 + {day.toordinal()} * 17) % 9)"
    connection.execute(
        text(
            "INSERT INTO daily_sales (store_id, business_date, product_id, units, returned, gross, refunded, cost)"
            f" SELECT 1, :day, id, 1000 * {number}, 0, 200 * {number}, 0, 120 * {number} FROM products"
        ),
        {"day": day},
    )
    connection.execute(
        text(
            "INSERT INTO summarised_days (store_id, business_date, summarised_at, edition, open_minutes)"
            " VALUES (1, :day, :at, :edition, 720)"
        ),
        {"day": day, "at": day + timedelta(days=1), "edition": EDITION},
    )
    hours = [{"day": day, "hour": hour} for hour in range(8, 20)]
    connection.execute(text("INSERT INTO daily_hours VALUES (1, :day, :hour, 150, 4000, 800000, 0, 0)"), hours)


def _summed_up(app: Flask, pid: int | None) -> str:
    """Sum up what is due, as the nightly task does; what that costs."""
    spent, done = _processor_s(pid), 0
    with app.app_context():
        with read_only() as session:
            due = reports_fortnights.due(session, now=utc_now())
        for store_id, first in due:
            with unit_of_work() as session:
                done += reports_fortnights.sum_up(session, store_id, first, now=utc_now())
    return f"{done} fortnights summed up in {_processor_s(pid) - spent:.1f} s of processor time\n"


def _measured(app: Flask, username: str, pid: int | None, rounds: int) -> Iterator[str]:
    client = app.test_client()
    answer = log_in(client, username)
    assert answer.status_code == 200, answer.text
    today = utc_now().date()
    days = {"today": today, "long": today - timedelta(days=399), "quarter": today - timedelta(days=90)}
    _ask(client, "categories")  # data frames are loaded by the first who asks
    yield "| request | processor ms | median ms |\n| --- | --- | --- |"
    for name, path in REQUESTS.items():
        took, spent = [], _processor_s(pid)
        for _round in range(rounds):
            began = time.perf_counter()
            _ask(client, path.format(**days))
            took.append(time.perf_counter() - began)
        spent = _processor_s(pid) - spent
        yield f"| {name} | {1000 * spent / rounds:.0f} | {1000 * statistics.median(took):.0f} |"


def _processor_s(pid: int | None) -> float:
    return time.process_time() + (processor_time.of_tree(pid) if pid else 0.0)


def _ask(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/reports/{path}")
    assert answer.status_code == 200, (path, answer.status_code, answer.get_json())


if __name__ == "__main__":
    os.environ.setdefault("AISLE_ROLE", "web")
    main()
