"""A shop on a real primary and a GTID replica that may be stopped, frozen, held back or promoted."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import flask_migrate
import pymysql
import requests
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import DBAPIError

from app.clock import utc_now
from app.models.catalog import Product
from app.models.reports import Heartbeat
from app.observability import OWN
from app.replica import Replica
from app.services import ops
from app.unit_of_work import REPLICA, transact, unit_of_work
from tests.databases import new_app
from tests.factories import Shop, make_user
from tests.servers import MariaDb, wait_until
from tests.web.staff_room import log_in
from tests.web.till import PASSWORD, open_till, stock

NAME = "aisle"
LIMIT_S = 90
AGE_S = 20
THERE = "on the replica"
"""The product's name on the replica alone."""


class Member(MariaDb):
    """One of the pair."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder)
        self.number = number

    def command(self) -> Sequence[str]:
        """With a binary log, and with a table of every statement that reaches it."""
        return [
            *super().command(),
            *("--log-bin=bin", "--binlog-format=ROW", f"--server-id={self.number}", "--log-slave-updates"),
            *("--general-log", "--log-output=TABLE"),
        ]

    def hire_clerk(self) -> None:
        """Let there be a user without the right to write to a read-only server."""
        with self._as_root() as root:
            root.cursor().execute("CREATE USER clerk@'127.0.0.1' IDENTIFIED BY 'clerk'")
            root.cursor().execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {NAME}.* TO clerk@'127.0.0.1'")

    @contextmanager
    def asked(self) -> Iterator[list[str]]:
        """The questions that reach this server meanwhile, known at the end of the block."""
        questions: list[str] = []
        with self._as_root() as root, root.cursor() as cursor:
            cursor.execute("SET sql_log_bin=0")
            cursor.execute("TRUNCATE mysql.general_log")
            yield questions
            cursor.execute(
                "SELECT CAST(argument AS CHAR) FROM mysql.general_log WHERE command_type = 'Query'"
                " AND user_host LIKE 'aisle%' AND argument LIKE 'SELECT%'"
            )
            questions += [row[0] for row in cursor.fetchall()]

    def _as_root(self) -> pymysql.Connection:
        return pymysql.connect(unix_socket=str(self.folder / "s.sock"), user="root")


@dataclass(frozen=True, slots=True)
class Pair:
    """A shop on a primary and its replica, with a cashier and a manager."""

    primary: Member
    replica: Member
    app: Flask
    shop: Shop
    product: Product
    manager: str

    @property
    def cashier(self) -> str:
        """The cashier's user name."""
        return self.shop.cashier.username

    def browser(self, username: str | None = None) -> FlaskClient:
        """Somebody, the cashier if not named, who has just logged in with a browser and written nothing."""
        client = self.app.test_client()
        assert log_in(client, username or self.cashier, PASSWORD).status_code == 200
        return client

    def beat(self, age_s: float) -> datetime:
        """Let beat's sign of life be `age_s` old on the primary."""
        seen_at = utc_now() - timedelta(seconds=age_s)
        with self.app.app_context():
            transact(lambda session: ops.seen(session, ("beat",), host="test", now=seen_at))
        return seen_at

    def found(self, client: FlaskClient) -> str:
        """The name that a search for the product answers."""
        answer = client.get(f"/api/products?search={self.product.sku}")
        assert answer.status_code == 200, answer.get_json()
        return str(answer.get_json()["items"][0]["name"])

    def settle(self, *, limit_s: float = LIMIT_S, age_s: float = AGE_S) -> datetime:
        """Let the replica follow, be `age_s` old and be unknown to the shop; the time that its rows reach."""
        self.replica.execute("SET GLOBAL read_only=1", "START SLAVE")
        seen_at = self.beat(age_s)
        wait_until(lambda: self._heard() == seen_at)
        self.replica.execute(f"UPDATE {NAME}.products SET name='{THERE}' WHERE id={self.product.id}", "COMMIT")
        self.app.extensions[REPLICA] = Replica(self.replica.url(NAME), limit_s)
        return seen_at

    def _heard(self) -> datetime | None:
        engine = create_engine(self.replica.url(NAME))
        try:
            with engine.connect() as connection:
                return connection.scalar(select(func.max(Heartbeat.seen_at)))
        except DBAPIError:  # the table has not arrived yet
            return None
        finally:
            engine.dispose()


@contextmanager
def running_pair(folder: Path) -> Iterator[Pair]:
    """A pair that is gone at the end of the block."""
    primary, replica = Member(folder / "primary", 1), Member(folder / "replica", 2)
    try:
        primary.start()
        replica.start()
        yield _open(primary, replica)
    finally:
        replica.stop()
        primary.stop()


def _open(primary: Member, replica: Member) -> Pair:
    primary.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
    app = new_app(primary.url(NAME), database_replica_url=replica.url(NAME), replica_max_lag_s=LIMIT_S)
    with app.app_context():
        flask_migrate.upgrade()
    replica.execute(
        f"CHANGE MASTER TO master_host='127.0.0.1', master_port={primary.port}, master_user='aisle', "
        "master_password='aisle', master_use_gtid=slave_pos"
    )
    shop = open_till(app).shop
    with app.app_context(), unit_of_work() as session:
        manager = make_user(session, shop.store, role="manager", password=str(hash_password(PASSWORD)))
    return Pair(primary, replica, app, shop, stock(app, shop, pieces=1_000_000), manager.username)


def misses(reason: str) -> float:
    """How many questions for the replica the primary answered so far, for this reason."""
    return OWN.get_sample_value("aisle_replica_misses_total", {"reason": reason}) or 0


class Searchers:
    """People who look for products in a browser without a pause, until told to stop."""

    def __init__(self, url: str, pair: Pair, count: int) -> None:
        self.names: list[str] = []
        self._url, self._sku = url, pair.product.sku
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._look, args=(self._log_in(pair),)) for _ in range(count)]

    def __enter__(self) -> "Searchers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(90)

    def _log_in(self, pair: Pair) -> requests.Session:
        http = requests.Session()
        token = http.get(f"{self._url}/api/session", timeout=60).json()["csrf_token"]
        credentials = {"username": pair.cashier, "password": PASSWORD}
        answer = http.post(f"{self._url}/api/session", json=credentials, headers={"X-CSRFToken": token}, timeout=60)
        answer.raise_for_status()
        return http

    def _look(self, http: requests.Session) -> None:
        while not self._over.wait(0.02):
            answer = http.get(f"{self._url}/api/products?search={self._sku}", timeout=60)
            self.names.append(answer.json()["items"][0]["name"] if answer.ok else answer.text)


def stop(pair: Pair) -> None:
    pair.replica.stop()


def freeze(pair: Pair) -> None:
    pair.replica.freeze()


def hold_back(pair: Pair) -> None:
    pair.replica.execute("STOP SLAVE SQL_THREAD")
    pair.replica.execute(f"UPDATE {NAME}.heartbeats SET seen_at = seen_at - INTERVAL 10 MINUTE", "COMMIT")


def promote(pair: Pair) -> None:
    pair.replica.execute("STOP SLAVE", "SET GLOBAL read_only=0")


@contextmanager
def mended(pair: Pair) -> Iterator[None]:
    """Whatever the block does to the replica, it answers afterwards."""
    try:
        yield
    finally:
        pair.replica.thaw()
        if not pair.replica.answers():
            pair.replica.start()
