"""Crashes and dead servers while tills sell: nothing lost, nothing doubled, tills do not wait."""

import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import func, select

from app.models.checkout import Sale
from app.models.stock import StockMovement
from app.services import stock
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import Shop, make_product, make_shop
from tests.servers import wait_until
from tests.system import System, running
from tests.tills import Goods, Journal, Tills

PASSWORD = "till password of the tests"
TILLS = 8
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@pytest.fixture
def system(database: Database, tmp_path: Path) -> Iterator[System]:
    with running(database.url, tmp_path) as system:
        yield system


@pytest.fixture
def shop(database: Database) -> Shop:
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        for price in range(10):
            make_product(session, shop, on_hand=100_000, price=100 + price)
        return shop


def tills(system: System, shop: Shop, app: Flask, *, count: int = TILLS) -> Tills:
    with app.app_context(), read_only() as session:
        from app.models.catalog import Product

        goods = [Goods(*row) for row in session.execute(select(Product.id, Product.selling_price))]
    return Tills(system.url, shop.cashier.username, PASSWORD, goods, count=count, seed=1)


def unposted(app: Flask) -> int:
    with app.app_context(), read_only() as session:
        return session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None))) or 0


def movements(app: Flask) -> int:
    with app.app_context(), read_only() as session:
        wanted = select(func.count()).select_from(StockMovement).where(StockMovement.kind == "sale")
        return session.scalar(wanted) or 0


def assert_nothing_lost_or_doubled(app: Flask, journal: Journal) -> None:
    """Every acknowledged sale is stored once at its total, no other is, and the books agree."""
    with app.app_context(), read_only() as session:
        stored = {str(row.uuid): row.total for row in session.execute(select(Sale.uuid, Sale.total))}
        found = [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]
    assert stored == {str(UUID(uuid)): total for uuid, total in journal.sold.items()}
    assert journal.refused == {}
    assert found == []


def sell_for(open_tills: Tills, seconds: float) -> Journal:
    """Let the tills work for a while; what they saw meanwhile."""
    open_tills.fresh_journal()
    time.sleep(seconds)
    return open_tills.fresh_journal()


def test_a_worker_killed_in_mid_batch_posts_every_sale_once(database: Database, system: System, shop: Shop) -> None:
    app = database.app
    system.start_web()
    open_tills = tills(system, shop, app).open()
    time.sleep(4)  # a backlog of many batches, since no worker runs

    kills = 0
    while kills < 4:
        worker = system.start_stock_worker(processes=2)
        before = movements(app)
        wait_until(lambda before=before: movements(app) > before, seconds=40, step=0.01)  # type: ignore[misc]
        worker.kill()
        kills += 1
    journal = open_tills.close()
    system.start_stock_worker()
    system.start_beat()

    wait_until(lambda: unposted(app) == 0, seconds=60)
    assert len(journal.sold) > 100
    assert_nothing_lost_or_doubled(app, journal)


def test_redis_killed_and_restarted_empty_loses_no_sale(database: Database, system: System, shop: Shop) -> None:
    app = database.app
    system.start_web()
    system.start_stock_worker()
    system.start_beat()
    open_tills = tills(system, shop, app).open()
    usual = sell_for(open_tills, 4)

    system.valkey.kill()
    without = sell_for(open_tills, 5)
    system.valkey.start()
    sell_for(open_tills, 2)
    journal = open_tills.close()

    wait_until(lambda: unposted(app) == 0, seconds=60)
    assert without.p99() - usual.p99() < 0.3
    assert len(without.seconds) > 0
    assert_nothing_lost_or_doubled(app, journal)


def test_a_frozen_redis_does_not_hold_up_a_till(database: Database, system: System, shop: Shop) -> None:
    app = database.app
    system.start_web()
    system.start_stock_worker()
    system.start_beat()
    open_tills = tills(system, shop, app).open()
    usual = sell_for(open_tills, 4)

    system.valkey.freeze()
    frozen = sell_for(open_tills, 12)
    system.valkey.thaw()
    sell_for(open_tills, 2)
    journal = open_tills.close()

    wait_until(lambda: unposted(app) == 0, seconds=60)
    assert frozen.p99() - usual.p99() < 0.3
    assert len(frozen.seconds) > 0
    assert_nothing_lost_or_doubled(app, journal)


def test_a_web_process_killed_under_load_answers_the_retry_with_the_first_sale(
    database: Database, system: System, shop: Shop
) -> None:
    app = database.app
    web = system.start_web()
    system.start_stock_worker()
    system.start_beat()
    open_tills = tills(system, shop, app).open()

    for _ in range(3):
        time.sleep(1.5)
        web.kill()
        web = system.start_web()
    journal = open_tills.close()

    wait_until(lambda: unposted(app) == 0, seconds=60)
    assert journal.repeats > 0
    assert_nothing_lost_or_doubled(app, journal)
