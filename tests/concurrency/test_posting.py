"""Posting beside the night's summaries: whoever waits for a day holds nothing that a till needs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep

import pytest
from flask import Flask

from app.queries import locks
from app.services import reports, stock
from app.unit_of_work import transact, unit_of_work
from tests.concurrency.test_checkout import ring_up, shop_with
from tests.factories import NOON, basket

DAY = date(2026, 3, 2)
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


def post(app: Flask) -> int:
    with app.app_context():
        return transact(lambda session: stock.post_sales(session, now=NOON), budget_s=30, tries=20)


def test_a_till_sells_while_a_late_sale_waits_for_the_summary_of_its_day(app: Flask) -> None:
    shop, [milk] = shop_with(app, 10)
    ring_up(app, basket(shop, (milk, 1)))
    with app.app_context():
        transact(lambda session: reports.summarise_day(session, shop.store_id, DAY, now=NOON))

    with ThreadPoolExecutor(2) as pool, app.app_context(), unit_of_work() as summary:
        locks.summarised_day(summary, shop.store_id, DAY)
        posting = pool.submit(post, app)
        sleep(0.5)
        selling = pool.submit(ring_up, app, basket(shop, (milk, 1)))
        sold = selling.result(20)
        has_posted = posting.done()

    assert (sold, has_posted) == ("new", False)
    assert posting.result() == 1
