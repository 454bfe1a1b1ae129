"""A real primary and a GTID replica: who is asked what, and what happens when the replica is of no use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import flask_migrate
import pymysql
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from app.clock import utc_now
from app.domain.errors import Busy
from app.models.catalog import Product
from app.observability import OWN
from app.replica import Replica
from app.services import ops
from app.unit_of_work import REPLICA, transact
from tests.databases import new_app
from tests.factories import Shop
from tests.servers import MariaDb, wait_until
from tests.web.staff_room import csrf, log_in
from tests.web.till import PASSWORD, open_till, sale, stock

NAME = "aisle"
LIMIT_S = 90


class Member(MariaDb):
    """One of the pair."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder)
        self.number = number

    def command(self) -> Sequence[str]:
        """With a binary log; its owner makes the replica read-only."""
        return [
            *super().command(),
            *("--log-bin=bin", "--binlog-format=ROW", f"--server-id={self.number}", "--log-slave-updates"),
        ]

    def hire_clerk(self) -> None:
        """Let there be a user without the right to write to a read-only server."""
        with pymysql.connect(unix_socket=str(self.folder / "s.sock"), user="root") as root:
            root.cursor().execute("CREATE USER clerk@'127.0.0.1' IDENTIFIED BY 'clerk'")
            root.cursor().execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {NAME}.* TO clerk@'127.0.0.1'")


@dataclass(frozen=True)
class Pair:
    """A shop on a primary and its replica."""

    primary: Member
    replica: Member
    app: Flask
    shop: Shop
    product: Product
    username: str

    def browser(self) -> FlaskClient:
        """Somebody who has just logged in with a browser, and written nothing."""
        client = self.app.test_client()
        assert log_in(client, self.username, PASSWORD).status_code == 200
        return client

    def beat(self, age_s: float = 0) -> None:
        """Let beat's sign of life be `age_s` old on the primary."""
        seen_at = utc_now() - timedelta(seconds=age_s)
        with self.app.app_context():
            transact(lambda session: ops.seen(session, ("beat",), host="test", now=seen_at))

    def found(self, client: FlaskClient) -> str:
        """The name that a search for the product answers."""
        answer = client.get(f"/api/products?search={self.product.sku}")
        assert answer.status_code == 200, answer.get_json()
        return str(answer.get_json()["items"][0]["name"])


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Pair]:
    primary = Member(tmp_path_factory.mktemp("primary"), 1)
    replica = Member(tmp_path_factory.mktemp("replica"), 2)
    try:
        primary.start()
        replica.start()
        primary.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
        app = new_app(primary.url(NAME), database_replica_url=replica.url(NAME), replica_max_lag_s=LIMIT_S)
        with app.app_context():
            flask_migrate.upgrade()
        replica.execute(
            f"CHANGE MASTER TO master_host='127.0.0.1', master_port={primary.port}, master_user='aisle', "
            "master_password='aisle', master_use_gtid=slave_pos",
            "START SLAVE",
            "SET GLOBAL read_only=1",
        )
        till = open_till(app)
        product = stock(app, till.shop, pieces=100)
        yield Pair(primary, replica, app, till.shop, product, till.shop.cashier.username)
    finally:
        replica.stop()
        primary.stop()


@pytest.fixture
def pair(started: Pair) -> Iterator[Pair]:
    """The pair in order: following, young, and with a name of its own for the product on the replica."""
    started.replica.execute("START SLAVE")
    started.app.extensions[REPLICA] = Replica(started.replica.url(NAME), LIMIT_S)
    started.beat()
    wait_until(lambda: _heard_now(started), seconds=20)
    started.replica.execute(f"UPDATE {NAME}.products SET name='on the replica' WHERE id={started.product.id}", "COMMIT")
    yield started
    started.app.extensions[REPLICA].dispose()


def _heard_now(pair: Pair) -> bool:
    engine = create_engine(pair.replica.url(NAME))
    with engine.connect() as connection:
        try:
            age = connection.scalar(text("SELECT MIN(TIMESTAMPDIFF(SECOND, seen_at, UTC_TIMESTAMP())) FROM heartbeats"))
        except Exception:  # the table has not arrived yet
            return False
    return age is not None and age < 5


def misses(reason: str) -> float:
    return OWN.get_sample_value("aisle_replica_misses_total", {"reason": reason}) or 0


def test_a_search_reads_the_replica_and_says_as_of_when(pair: Pair) -> None:
    client = pair.browser()

    answer = client.get(f"/api/products?search={pair.product.sku}")

    assert answer.get_json()["items"][0]["name"] == "on the replica"
    assert "Aisle-As-Of" in answer.headers


def test_a_scan_and_a_program_with_a_token_read_the_primary(pair: Pair) -> None:
    till = open_till(pair.app, shop=pair.shop)

    assert pair.found(pair.browser()) == "on the replica"
    scan = pair.browser().get(f"/api/products/by-barcode/{pair.product.sku}").get_json()
    assert scan["product"]["name"] == pair.product.name
    assert till.get(f"/api/products?search={pair.product.sku}").get_json()["items"][0]["name"] == pair.product.name


def test_who_has_just_sold_reads_the_primary(pair: Pair) -> None:
    client = pair.browser()
    assert pair.found(client) == "on the replica"

    sold = client.post("/api/sales", json=sale((pair.product, 1)), headers=csrf(client))

    assert sold.status_code == 201, sold.get_json()
    assert pair.found(client) == pair.product.name


def test_a_replica_that_no_longer_follows_is_not_asked(pair: Pair) -> None:
    pair.replica.execute("STOP SLAVE SQL_THREAD")
    pair.replica.execute(f"UPDATE {NAME}.heartbeats SET seen_at = seen_at - INTERVAL 10 MINUTE", "COMMIT")
    before = misses("lag")

    assert pair.found(pair.browser()) == pair.product.name
    assert misses("lag") == before + 1


def test_a_primary_that_was_demoted_answers_busy(pair: Pair) -> None:
    pair.primary.hire_clerk()
    pair.primary.execute("SET GLOBAL read_only=1")
    demoted = new_app(pair.primary.url(NAME).replace("aisle:aisle@", "clerk:clerk@"))
    try:
        with demoted.app_context(), pytest.raises(Busy):
            transact(lambda session: ops.seen(session, ("web",), host="test", now=utc_now()))
    finally:
        pair.primary.execute("SET GLOBAL read_only=0")


def test_a_stopped_replica_costs_one_failure_and_no_sale(pair: Pair) -> None:
    client = pair.browser()
    assert pair.found(client) == "on the replica"
    failures = misses("error")
    pair.replica.stop()

    try:
        names = {pair.found(client) for _ in range(5)}
        sold = client.post("/api/sales", json=sale((pair.product, 1)), headers=csrf(client))
    finally:
        pair.replica.start()

    assert names == {pair.product.name}
    assert misses("error") == failures + 1
    assert sold.status_code == 201, sold.get_json()
