"""The shop every benchmark sells in: MariaDB with durable commits, many products, the real processes."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_migrate
from flask import Flask
from flask_security import hash_password
from sqlalchemy import insert, select

from app.clock import utc_now
from app.domain.barcode import check_digit, to_gtin14
from app.factory import create_app
from app.models.catalog import Product
from app.models.stock import StockAdjustment, StockLevel, StockMovement
from app.services import catalog_search_words
from app.unit_of_work import unit_of_work
from tests import run_folders, shared_servers
from tests.databases import settings_for
from tests.factories import Shop, make_category, make_shop
from tests.servers import MariaDb
from tests.system import System, running

PASSWORD = "only for the benchmark 1"
PIECES = 10**9
CHUNK = 5000


class DurableMariaDb(MariaDb):
    """Commits reach the disk before they are answered, as a shop must have it."""

    def command(self) -> list[str]:
        """The tests' server with durable commits and a buffer pool that holds the shop."""
        relaxed = ("--innodb-flush-log", "--innodb-doublewrite", "--innodb-buffer-pool", "--innodb-log-file-size")
        kept = [argument for argument in super().command() if not argument.startswith(relaxed)]
        return [
            *kept,
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-buffer-pool-size=1G",
            "--innodb-log-file-size=256M",
        ]


@dataclass(frozen=True, slots=True)
class TillShop:
    """A stocked shop and the running system that sells in it."""

    system: System
    database_url: str
    store_id: int
    cashier_id: int
    username: str
    prices: dict[int, int]
    web_pid: int
    database_pid: int


@contextmanager
def open_shop(products: int, *, web_workers: int, threads: int, is_posting: bool = True) -> Iterator[TillShop]:
    """Start everything on private ports and stock `products`; gone with its files at the end of the block."""
    with own_folder("aisle-bench-") as folder, _own_servers(), _durable(folder) as mariadb:
        mariadb.execute("CREATE DATABASE aisle CHARACTER SET utf8mb4")
        url = mariadb.url("aisle")
        shop, prices = _stock(create_app(settings_for(url)), products)
        with running(url, folder) as system:
            web = system.start_web(workers=web_workers, threads=threads)
            if is_posting:
                system.start_stock_worker(processes=1)
                system.start_beat()
            yield TillShop(
                system, url, shop.store_id, shop.cashier.id, shop.cashier.username, prices, web.group, mariadb.pid
            )


@contextmanager
def own_folder(prefix: str) -> Iterator[Path]:
    """A folder that goes at the end of the block, also when the benchmark is asked to end."""
    folder = run_folders.make(prefix)
    # Asked to end like by Ctrl-C; once is enough, and the second Ctrl-C must not stop the tidying up.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield folder
    finally:
        ignored = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        run_folders.remove(folder)
        for number, handler in (ignored | {signal.SIGTERM: before}).items():
            signal.signal(number, handler)


@contextmanager
def _own_servers() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in shared_servers.ADDRESSES}
    shared_servers.open_run()
    try:
        yield
    finally:
        shared_servers.close_run()
        # Of several shops at once each closes its own.
        os.environ.update({name: value for name, value in before.items() if value is not None})


@contextmanager
def _durable(folder: Path) -> Iterator[DurableMariaDb]:
    mariadb = DurableMariaDb(folder / "mariadb")
    try:
        mariadb.start()
        yield mariadb
    finally:
        mariadb.stop()


def _stock(app: Flask, products: int) -> tuple[Shop, dict[int, int]]:
    with app.app_context():
        flask_migrate.upgrade()
        with unit_of_work() as session:
            shop = make_shop(session)
            shop.cashier.password = hash_password(PASSWORD)
            category = make_category(session).id
            for first in range(1, products + 1, CHUNK):
                numbers = range(first, min(first + CHUNK, products + 1))
                session.execute(insert(Product), [_product(number, category) for number in numbers])
        with unit_of_work() as session:
            prices = {row.id: row.selling_price for row in session.execute(select(Product.id, Product.selling_price))}
            catalog_search_words.keep(session, prices)
            _opening_balance(session, shop.store_id, list(prices))
        return shop, prices


def ean(number: int) -> str:
    """The EAN-13 of the numbered product."""
    body = f"{400000000000 + number}"
    return body + str(check_digit(body))


def _product(number: int, category_id: int) -> dict[str, object]:
    return {
        "sku": f"B{number:07d}", "barcode": to_gtin14(ean(number)), "name": f"Product {number}",
        "category_id": category_id,
        "selling_price": 50 + number * 37 % 1500, "purchase_price": 40, "search_text": f"product {number}",
    }  # fmt: skip


def _opening_balance(session, store_id: int, product_ids: list[int]) -> None:  # type: ignore[no-untyped-def]
    now = utc_now()
    rows = [
        {"id": place, "store_id": store_id, "product_id": product_id, "quantity": PIECES, "reason": "opening",
         "adjusted_at": now}
        for place, product_id in enumerate(product_ids, start=1)
    ]  # fmt: skip
    session.execute(insert(StockAdjustment), rows)
    session.execute(
        insert(StockMovement),
        [
            {"store_id": store_id, "product_id": row["product_id"], "kind": "opening", "quantity": PIECES,
             "source_kind": "adjustment", "source_id": row["id"], "occurred_at": now, "booked_at": now}
            for row in rows
        ],
    )  # fmt: skip
    session.execute(
        insert(StockLevel),
        [{"store_id": store_id, "product_id": product_id, "on_hand": PIECES} for product_id in product_ids],
    )
