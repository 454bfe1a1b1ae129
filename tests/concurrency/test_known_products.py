"""Two web processes remember what tills look up: no sale and no new price stays unknown to either for a second."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask_security import hash_password
from sqlalchemy import create_engine, text

from app.clock import utc_now
from app.live.news import TRUST_S
from app.models.catalog import Product
from app.services import catalog_edit
from app.services.catalog_edit import Editor
from app.tasks import news
from app.tasks.publisher import Breaker, Nudger
from app.unit_of_work import unit_of_work
from tests.databases import Database, new_app
from tests.factories import make_product, make_shop
from tests.servers import wait_until
from tests.system import System, running

PASSWORD = "till password of the tests"
BOTH = 24
"""Questions, each over a connection of its own: both processes get some, but for once in eight million times."""
pytestmark = pytest.mark.parametrize("database", ["mariadb"], indirect=True)


@dataclass(frozen=True)
class Counter:
    """A running shop of two web processes, somebody logged in, and one product."""

    system: System
    database_url: str
    token: str
    user_id: int
    product_id: int
    code: str

    def look_up(self) -> dict[str, Any]:
        """What one of the processes says."""
        address = f"{self.system.url}/api/products/by-barcode/{self.code}"
        answer = requests.get(address, headers=self._head(), timeout=60)
        product: dict[str, Any] = answer.json()["product"]
        return product

    def everybody_says(self, key: str) -> set[Any]:
        """What the processes say of the product."""
        return {self.look_up()[key] for _ in range(BOTH)}

    def sell(self) -> None:
        """One piece."""
        sale = {
            "uuid": str(uuid4()), "till": "T1", "lines": [{"product_id": self.product_id, "quantity": 1000}],
            "payments": [{"tender": "cash", "amount": 100}], "expected_total": 100,
        }  # fmt: skip
        answer = requests.post(f"{self.system.url}/api/sales", json=sale, headers=self._head(), timeout=60)
        assert answer.status_code == 201, answer.text

    def rename_behind_their_backs(self) -> str:
        """Without a word to anybody: whoever still says the old name has not asked the database. The new one."""
        name, engine = f"Milk {uuid4()}", create_engine(self.database_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE products SET name = :name"), {"name": name})
        engine.dispose()
        return name

    def is_remembered(self) -> bool:
        """Whether both processes answer without asking the database."""
        names = self.everybody_says("name")
        self.rename_behind_their_backs()
        return self.everybody_says("name") == names

    def _head(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def counter(database: Database, tmp_path: Path) -> Iterator[Counter]:
    with database.app.app_context(), unit_of_work() as session:
        shop = make_shop(session)
        shop.cashier.password = hash_password(PASSWORD)
        milk = make_product(session, shop, on_hand=100, price=100)
        credentials = {"username": shop.cashier.username, "password": PASSWORD, "token": True}
    with running(database.url, tmp_path) as system:
        system.start_web(workers=2)
        token = requests.post(f"{system.url}/api/session", json=credentials, timeout=60).json()["token"]
        counter = Counter(system, database.url, token, shop.cashier.id, milk.id, str(milk.barcode or milk.sku))
        wait_until(counter.is_remembered)  # not before both hear the news
        yield counter


def test_a_sale_in_one_process_is_known_to_both_at_once_without_asking_the_database(counter: Counter) -> None:
    rounds = itertools.count(1)

    def is_told() -> bool:
        names = counter.everybody_says("name")
        counter.rename_behind_their_backs()
        counter.sell()
        left = 100_000 - 1_000 * next(rounds)
        wait_until(lambda: counter.everybody_says("available") == {left}, step=0.01)
        return counter.everybody_says("name") == names

    # Not at the first sale, perhaps: on a busy machine the news may come late, and then the database is asked.
    wait_until(is_told)


def test_posting_is_known_too(counter: Counter) -> None:
    counter.system.start_stock_worker(processes=1)

    counter.sell()

    wait_until(lambda: counter.everybody_says("on_hand") == {99_000}, step=0.1)
    assert counter.everybody_says("available") == {99_000}


def test_a_price_changed_elsewhere_is_known_to_both_without_asking(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The one of an earlier test may wait for a Redis that is gone.
    fresh: Nudger[news.Item] = Nudger(news.NewsPublisher().send, Breaker("news"))
    monkeypatch.setattr(news, "nudger", fresh)
    elsewhere = new_app(counter.database_url, redis_url=f"{counter.system.valkey.url}/0")

    with elsewhere.app_context(), unit_of_work() as session:
        product = session.get_one(Product, counter.product_id)
        values = replace(catalog_edit.values_of(product), selling_price=120)
        catalog_edit.change_product(
            session, product.id, values=values, version=product.version, editor=Editor(counter.user_id, "Mia"),
            now=utc_now(), is_confirmed=True,
        )  # fmt: skip

    wait_until(lambda: counter.everybody_says("price") == {120}, step=0.01)


def test_without_redis_the_database_is_asked(counter: Counter) -> None:
    counter.system.valkey.stop()
    time.sleep(TRUST_S)

    name = counter.rename_behind_their_backs()

    assert counter.everybody_says("name") == {name}
