"""In a shop with few products the database could take two roads to the same rows; there must be only one."""

import random

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.services import stock
from app.unit_of_work import transact
from tests.concurrency.test_checkout import all_at_once, ring_up, shop_with, violations
from tests.factories import NOON, basket

TILLS = 16
SALES = 12
PRODUCTS = 60


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_tills_and_workers_that_meet_on_the_same_rows_cause_no_deadlock(app: Flask) -> None:
    shop, products = shop_with(app, *[1000] * PRODUCTS)
    chance = random.Random(3)
    baskets = [
        basket(shop, *[(one, 1) for one in chance.sample(products, k=chance.randint(1, 8))])
        for _ in range(TILLS * SALES)
    ]
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("ANALYZE TABLE stock_levels"))  # now the database knows how few rows there are
    before = deadlocks(app)

    def sell(till: int) -> str:
        return ",".join(sorted({ring_up(app, sale) for sale in baskets[till::TILLS]}))

    def post() -> str:
        with app.app_context():
            for _ in range(SALES):
                transact(lambda session: stock.post_sales(session, now=NOON, limit=9), budget_s=30, tries=20)
        return "posted"

    endings = all_at_once([*[lambda till=till: sell(till) for till in range(TILLS)], post, post])

    assert endings == {"new": TILLS, "posted": 2}
    assert deadlocks(app) == before
    assert violations(app) == []


def deadlocks(app: Flask) -> int:
    """How many deadlocks the database has resolved since its start."""
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")).one()[1])
