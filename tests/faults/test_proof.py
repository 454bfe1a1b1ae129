"""The checks prove themselves: with one safety taken away on purpose they must find something."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database import error_number
from app.extensions import db
from app.models.checkout import Sale
from app.models.stock import StockLevel
from app.queries import locks
from app.queries.locks import LockedLevel, UnpostedSale
from app.services import checkout, stock
from app.unit_of_work import transact, unit_of_work
from tests.concurrency.test_checkout import all_at_once, post_everything, ring_up, shop_with, violations
from tests.factories import NOON, basket

SOURCE_KEY = "uq_stock_movements_source_kind_source_id"
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
DEADLOCK = 1213


def post(app: Flask) -> str:
    """How one posting run ends."""
    with app.app_context():
        try:
            transact(lambda session: stock.post_sales(session, now=NOON), tries=3)
        except DBAPIError:
            return "refused"
    return "posted"


@contextmanager
def without_source_key(app: Flask) -> Iterator[None]:
    """The ledger may hold a document line twice during the block; it is emptied afterwards."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE stock_movements DROP INDEX {SOURCE_KEY}"))
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DELETE FROM stock_movements"))
        connection.execute(text(f"ALTER TABLE stock_movements ADD UNIQUE {SOURCE_KEY} (source_kind, source_id)"))


def test_selling_by_a_look_instead_of_a_lock_sells_what_is_not_there(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, LockedLevel]:
        columns = (StockLevel.product_id, StockLevel.on_hand, StockLevel.reserved)
        wanted = select(*columns).where(StockLevel.store_id == store_id, StockLevel.product_id.in_(product_ids))
        rows = session.execute(wanted).all()
        session.execute(text("SELECT SLEEP(0.5)"))
        return {row.product_id: LockedLevel(row.product_id, row.on_hand, row.reserved) for row in rows}

    shop, [milk] = shop_with(app, 3)
    monkeypatch.setattr(locks, "stock_levels", look)

    endings = all_at_once([lambda: ring_up(app, basket(shop, (milk, 1))) for _ in range(12)])

    assert endings["new"] > 3


def test_locking_in_the_order_of_the_basket_ends_in_deadlocks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = locks.stock_levels

    def one_by_one(session: Session, store_id: int, product_ids: Collection[int]) -> dict[int, LockedLevel]:
        found: dict[int, LockedLevel] = {}
        for product_id in order.get(session, list(product_ids)):
            found |= sound(session, store_id, [product_id])
            session.execute(text("SELECT SLEEP(0.02)"))
        return found

    shop, [milk, bread] = shop_with(app, 1000, 1000)
    order: dict[Session, list[int]] = {}
    monkeypatch.setattr(locks, "stock_levels", one_by_one)

    def sell(products: Sequence[Any]) -> str:
        with app.app_context():
            try:
                with unit_of_work() as session:
                    order[session] = [product.id for product in products]
                    checkout.ring_up(session, basket(shop, *[(product, 1) for product in products]), now=NOON)
            except DBAPIError as error:
                return "deadlock" if error_number(error) == DEADLOCK else "other"
        return "new"

    endings = all_at_once([lambda: sell([milk, bread]), lambda: sell([bread, milk])] * 4)

    assert endings["deadlock"] > 0


def test_posting_without_claim_and_unique_key_is_found_in_the_books(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def anybody(session: Session, *, limit: int) -> list[UnpostedSale]:
        columns = (Sale.id, Sale.store_id, Sale.business_date)
        rows = session.execute(select(*columns).where(Sale.posted_at.is_(None)).order_by(Sale.id).limit(1)).all()
        session.execute(text("SELECT SLEEP(0.5)"))
        return [UnpostedSale._make(row) for row in rows]

    shop, [milk] = shop_with(app, 100)
    for _ in range(5):  # the check that reserved stays positive would stop it otherwise
        ring_up(app, basket(shop, (milk, 1)))
    monkeypatch.setattr(locks, "unposted_sales", anybody)

    with without_source_key(app):
        all_at_once([lambda: post(app) for _ in range(3)])
        broken = {one.invariant for one in violations(app)}

    assert "reserved_is_unposted" in broken


def test_the_unique_key_alone_stops_a_second_posting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    shop, [milk] = shop_with(app, 100)
    ring_up(app, basket(shop, (milk, 1)))
    post_everything(app)
    with app.app_context(), unit_of_work() as session:
        session.execute(update(Sale).values(posted_at=None))

    ending = post(app)

    assert ending == "refused"


def test_marking_sales_as_posted_in_a_transaction_of_its_own_is_found_in_the_books(app: Flask) -> None:
    shop, [milk] = shop_with(app, 100)
    ring_up(app, basket(shop, (milk, 1)))

    with app.app_context(), unit_of_work() as session:  # and then the process dies, before the ledger
        session.execute(update(Sale).values(posted_at=NOON))

    assert violations(app) != []
