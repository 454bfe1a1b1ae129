"""What a sale reads does not grow with the shop, though the database may know little of its tables yet."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.models.catalog import Product
from app.models.stock import StockLevel
from app.services import checkout
from app.unit_of_work import unit_of_work
from tests.factories import NOON, Shop, basket, make_category, make_shop

pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
MANY = 3000
TABLES = ("categories", "products", "stock_levels")


@pytest.fixture
def young(app: Flask) -> Iterator[None]:
    """A database whose statistics are those of empty tables, as they are in a shop's first minutes."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} STATS_AUTO_RECALC=0"))
            connection.execute(text(f"ANALYZE TABLE {table}"))
        yield
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table} STATS_AUTO_RECALC=DEFAULT"))


def stocked_shop() -> Shop:
    """A shop whose many products share one category."""
    with unit_of_work() as session:
        shop, category = make_shop(session), make_category(session).id
        products = [
            {"id": number, "sku": f"S{number}", "name": f"Product {number}", "search_text": "", "category_id": category,
             "selling_price": 100}
            for number in range(1, MANY)
        ]  # fmt: skip
        session.execute(insert(Product), products)
        levels = [{"store_id": shop.store_id, "product_id": one["id"], "on_hand": 9000} for one in products]
        session.execute(insert(StockLevel), levels)
    return shop


def rows_read(session: Session) -> int:
    """What this connection has read so far."""
    found = session.execute(text("SHOW SESSION STATUS LIKE 'Handler%'"))
    return sum(int(value) for name, value in found if name.startswith(("Handler_read", "Handler_icp_attempts")))


@pytest.mark.usefixtures("young", "app_context")
def test_a_basket_reads_its_own_products() -> None:
    shop = stocked_shop()
    with unit_of_work() as session:
        products = [session.get_one(Product, number) for number in (7, 700, 2700)]
        sale = basket(shop, *((one, 2) for one in products))
        before = rows_read(session)

        checkout.ring_up(session, sale, now=NOON)

        assert rows_read(session) - before < 200
