"""Crashes and dead servers while tills sell: nothing lost, nothing doubled, tills do not wait."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from flask_security import hash_password
from sqlalchemy import func, select

from app.models.checkout import Sale
from app.models.stock import StockMovement
from app.services import stock
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import make_product, make_shop
from tests.servers import wait_until
from tests.system import Process, System, running
from tests.tills import Goods, Journal, Tills

PASSWORD = "till password of the tests"
TILLS = 8
HELD_UP_S = 0.3
"""Less than a sale would take that waited for Redis wherever it has something to tell."""
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@dataclass(slots=True)
class Opening:
    """A shop that sells: its processes, its tills, its books."""

    database: Database
    system: System
    web: Process
    tills: Tills

    def sell_for(self, seconds: float) -> Journal:
        """Let the tills work for a while, and until they have seen something; what that was."""
        self.tills.fresh_journal()
        time.sleep(seconds)
        wait_until(lambda: len(self.tills.journal.seconds) >= 5 * TILLS)
        return self.tills.fresh_journal()

    def hire(self) -> None:
        """A worker and the clock of the sweeps."""
        self.system.start_stock_worker()
        self.system.start_beat()

    def unposted(self) -> int:
        with self.database.app.app_context(), read_only() as session:
            return session.scalar(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None))) or 0

    def movements(self) -> int:
        with self.database.app.app_context(), read_only() as session:
            wanted = select(func.count()).select_from(StockMovement).where(StockMovement.kind == "sale")
            return session.scalar(wanted) or 0

    def assert_nothing_lost_or_doubled(self) -> Journal:
        """Every acknowledged sale is stored once at its total and posted, no other is, and the books agree."""
        journal = self.tills.close()
        wait_until(lambda: self.unposted() == 0)
        with self.database.app.app_context(), read_only() as session:
            stored = {str(row.uuid): row.total for row in session.execute(select(Sale.uuid, Sale.total))}
            found = [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]
        assert stored == {str(UUID(uuid)): total for uuid, total in journal.sold.items()}
        assert journal.refused == {}
        assert found == []
        return journal


@pytest.fixture
def opening(database: Database, tmp_path: Path) -> Iterator[Opening]:
    """Tills sell, and nobody posts yet."""
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        goods = [
            Goods(make_product(session, shop, on_hand=100_000, price=100 + more).id, 100 + more) for more in range(10)
        ]
        username = shop.cashier.username
    with running(database.url, tmp_path) as system:
        web = system.start_web()
        yield Opening(database, system, web, Tills(system.url, username, PASSWORD, goods, count=TILLS, seed=1).open())


@pytest.fixture
def staffed(opening: Opening) -> Opening:
    """Tills sell and their sales are posted."""
    opening.hire()
    return opening


def test_a_worker_killed_in_mid_batch_posts_every_sale_once(opening: Opening) -> None:
    wait_until(lambda: len(opening.tills.journal.sold) > 300)  # a backlog, since no worker runs

    for _ in range(2):
        worker = opening.system.start_stock_worker(processes=2)
        before = opening.movements()
        wait_until(lambda before=before: opening.movements() > before, step=0.01)  # type: ignore[misc]
        worker.kill()
    opening.tills.close()
    opening.hire()

    journal = opening.assert_nothing_lost_or_doubled()
    assert len(journal.sold) > 100


def test_redis_killed_and_restarted_empty_loses_no_sale(staffed: Opening) -> None:
    usual = staffed.sell_for(4)

    staffed.system.valkey.kill()
    without = staffed.sell_for(5)
    staffed.system.valkey.start()
    staffed.sell_for(2)

    staffed.assert_nothing_lost_or_doubled()
    assert without.typical() - usual.typical() < HELD_UP_S


def test_a_frozen_redis_does_not_hold_up_a_till(staffed: Opening) -> None:
    usual = staffed.sell_for(4)

    staffed.system.valkey.freeze()
    frozen = staffed.sell_for(12)
    staffed.system.valkey.thaw()
    staffed.sell_for(2)

    staffed.assert_nothing_lost_or_doubled()
    assert frozen.typical() - usual.typical() < HELD_UP_S


def test_a_web_process_killed_under_load_answers_the_retry_with_the_first_sale(staffed: Opening) -> None:
    for _ in range(3):
        time.sleep(1.5)
        staffed.web.kill()
        staffed.web = staffed.system.start_web()

    journal = staffed.assert_nothing_lost_or_doubled()
    assert journal.repeats > 0
