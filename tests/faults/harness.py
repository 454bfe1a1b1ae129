"""A whole shop behind links that can fail: MariaDB with durable commits, Valkey, two web processes, two hosts, beat."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pymysql
import requests
from flask_security import hash_password
from sqlalchemy import func, select

from app.models.catalog import Product
from app.models.checkout import Sale
from app.models.stock import StockMovement
from app.services import stock
from app.unit_of_work import read_only, unit_of_work
from tests.databases import Database
from tests.factories import Shop, make_product, make_shop
from tests.faults.proxy import Proxy
from tests.servers import LONG_S, MariaDb, wait_until
from tests.system import Process, System
from tests.tills import NEVER_ANSWERED, Goods, Journal, Tills

PASSWORD = "till password of the tests"
GOODS = 10
PIECES = 1_000_000
SERVANT = "servant"
"""The user of every process of the shop: no administrator, so that a read-only or full server holds for it."""


class DurableMariaDb(MariaDb):
    """Commits are on the disk before they are answered, as a shop must have it."""

    def command(self) -> list[str]:
        """The tests' server, durable."""
        relaxed = ("--innodb-flush-log", "--innodb-doublewrite")
        kept = [argument for argument in super().command() if not argument.startswith(relaxed)]
        return [*kept, "--innodb-flush-log-at-trx-commit=1"]


class Links:
    """What stands between a group of processes and the two servers."""

    def __init__(self, mariadb: MariaDb, redis_port: int) -> None:
        self.database = Proxy(mariadb.port)
        self.redis = Proxy(redis_port)

    def settings(self) -> dict[str, str]:
        """The addresses to give to the processes behind these links."""
        return {
            "DATABASE_URL": f"mysql+pymysql://{SERVANT}:{SERVANT}@127.0.0.1:{self.database.port}/aisle",
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
        }

    def heal(self) -> None:
        """Both links work."""
        self.database.heal()
        self.redis.heal()


class FaultyShop:
    """The running system, what can be done to it, and what must hold afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir(parents=True)
        self.mariadb = DurableMariaDb(folder / "mariadb")
        self.mariadb.start()
        self.mariadb.execute("CREATE DATABASE aisle CHARACTER SET utf8mb4")
        self._hire_servant()
        self.database = Database(self.mariadb.url("aisle"))
        self.shop = self._stock()
        self.system = System(self.mariadb.url("aisle"), folder)
        self.valkey = self.system.valkey
        self.web, self.host_a, self.host_b = (Links(self.mariadb, self.valkey.port) for _ in range(3))
        self.system.environment |= self.web.settings() | {
            "AISLE_FAILPOINTS": str(self.failpoints), "SOFT_SHUTDOWN_S": "5",
        }  # fmt: skip
        self.journal = Journal()
        self._token = ""
        self._is_over = threading.Event()
        self._workers_lock = threading.Lock()
        self.restarts_workers = False
        self._supervisor: threading.Thread | None = None

    def start(self) -> None:
        """Every process of the shop, the two worker hosts with a configuration of their own."""
        self.workers = {"host-a": self.start_host("host-a"), "host-b": self.start_host("host-b")}
        self.beat = self.start_beat("beat")
        self._web = self.system.start_web(workers=2)
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._supervisor.start()
        self._token = self._log_in()
        self.send_until_answered(self.basket())
        self.drain()

    def start_host(self, name: str) -> Process:
        """Start one of the two worker hosts."""
        links = self.host_a if name == "host-a" else self.host_b
        return self.system.start_stock_worker(processes=2, name=name, settings=links.settings())

    def start_beat(self, name: str) -> Process:
        """Start a beat."""
        return self.system.start_beat(name)

    def replace_web(self) -> None:
        """New web processes take over one by one from the old ones, which finish what they do."""
        self._web.send(signal.SIGHUP)

    def restart_host(self, name: str) -> None:
        """Start a worker host again after its end."""
        with self._workers_lock:
            self.workers[name].kill()
            self.workers[name] = self.start_host(name)

    def stop(self) -> None:
        """End everything."""
        self._is_over.set()
        if self._supervisor is not None:
            self._supervisor.join(60)
        self.system.stop()
        for links in (self.web, self.host_a, self.host_b):
            links.database.close()
            links.redis.close()
        self.mariadb.stop()

    @property
    def web_group(self) -> int:
        """The process group of the web processes that serve now."""
        return self._web.group

    def heal(self) -> None:
        """All links work, nothing is planned any more, the shop answers."""
        for links in (self.web, self.host_a, self.host_b):
            links.heal()
        for plan in self.failpoints.iterdir():
            plan.unlink(missing_ok=True)
        wait_until(lambda: self.system.answers)

    def arm(self, place: str, action: str) -> Path:
        """Plan `action` for the next passage of `place`; the file is gone once it has happened."""
        plan = self.failpoints / place
        draft = self.folder / "plan"
        draft.write_text(action)
        draft.rename(plan)
        return plan

    def tills(self, *, count: int = 8, seed: int = 1, doubled: float = 0.0) -> Tills:
        """Tills of this shop."""
        return Tills(
            self.system.url, self.shop.cashier.username, PASSWORD, self.goods(), count=count, seed=seed, doubled=doubled
        )

    def goods(self) -> list[Goods]:
        """What they sell, in the order of the keys."""
        with self.database.app.app_context(), read_only() as session:
            return [Goods(*row) for row in session.execute(select(Product.id, Product.selling_price))]

    def basket(self, *, pieces: int = 1, uuid: str | None = None) -> dict[str, Any]:
        """A sale of every product."""
        goods = self.goods()
        total = sum(one.price for one in goods) * pieces
        lines = [{"product_id": one.product_id, "quantity": pieces * 1000} for one in goods]
        payments = [{"tender": "cash", "amount": total}]
        return {"uuid": uuid or str(uuid4()), "till": "T0", "lines": lines, "payments": payments,
                "expected_total": total}  # fmt: skip

    def send(self, basket: dict[str, Any], *, seconds: float = LONG_S) -> requests.Response:
        """One attempt to sell; an acknowledged sale goes into the journal.

        Raises:
            requests.ConnectionError: the answer did not come; so does Timeout.
        """
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = requests.post(f"{self.system.url}/api/sales", json=basket, headers=headers, timeout=seconds)
        if answer.status_code in (200, 201):
            self.journal.sold[basket["uuid"]] = basket["expected_total"]
        return answer

    def send_until_answered(self, basket: dict[str, Any], *, seconds: float = LONG_S) -> requests.Response:
        """Send as a till does: again until the shop has answered with anything but "busy"."""
        answers: list[requests.Response] = []

        def is_settled() -> bool:
            try:
                answers.append(self.send(basket, seconds=15))
            except NEVER_ANSWERED:
                return False
            return answers[-1].status_code != 503

        wait_until(is_settled, seconds=seconds, step=0.2)
        return answers[-1]

    def note(self, journal: Journal) -> None:
        """Add what tills saw to the journal of the shop."""
        self.journal.sold |= journal.sold
        self.journal.refused |= journal.refused
        self.journal.contradictions += journal.contradictions

    def unposted(self) -> int:
        """Sales without ledger rows."""
        return self._count(select(func.count()).select_from(Sale).where(Sale.posted_at.is_(None)))

    def movements(self) -> int:
        """Ledger rows of sales."""
        return self._count(select(func.count()).select_from(StockMovement).where(StockMovement.kind == "sale"))

    def stored(self, uuid: str) -> int:
        """How many sales have this UUID."""
        return self._count(select(func.count()).select_from(Sale).where(Sale.uuid == UUID(uuid)))

    def drain(self, *, seconds: float = 2 * LONG_S) -> None:
        """Wait until every sale is in the ledger."""
        wait_until(lambda: self.unposted() == 0, seconds=seconds)

    def findings(self) -> list[str]:
        """What is wrong: acknowledged and lost, stored and unknown, refused for nothing, books that disagree."""
        with self.database.app.app_context(), read_only() as session:
            stored = {str(row.uuid): row.total for row in session.execute(select(Sale.uuid, Sale.total))}
            broken = [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"]
        sold = {str(UUID(uuid)): total for uuid, total in self.journal.sold.items()}
        return [
            *(f"acknowledged but not stored: {uuid}" for uuid in sold.keys() - stored.keys()),
            *(f"stored but unknown to every till: {uuid}" for uuid in stored.keys() - sold.keys()),
            *(f"another total: {uuid}" for uuid in sold.keys() & stored.keys() if sold[uuid] != stored[uuid]),
            *(f"refused: {uuid} {why}" for uuid, why in self.journal.refused.items()),
            *(f"two numbers: {one}" for one in self.journal.contradictions),
            *(f"books: {one}" for one in broken),
        ]

    def _hire_servant(self) -> None:
        with pymysql.connect(unix_socket=str(self.mariadb.folder / "s.sock"), user="root") as root:
            root.cursor().execute(f"CREATE USER {SERVANT}@'127.0.0.1' IDENTIFIED BY '{SERVANT}'")
            root.cursor().execute(f"GRANT ALL ON aisle.* TO {SERVANT}@'127.0.0.1'")

    def _stock(self) -> Shop:
        with self.database.app.app_context(), unit_of_work() as session:
            shop = make_shop(session)
            shop.cashier.password = hash_password(PASSWORD)
            for price in range(GOODS):
                make_product(session, shop, on_hand=PIECES, price=100 + price)
            return shop

    def _supervise(self) -> None:
        """Start the web processes again when they give up, as supervisord does: two crashes in a row end them all."""
        while not self._is_over.wait(0.2):
            if self._web.has_ended:
                self._web = self.system.start_web(workers=2)
            if self.restarts_workers:  # celery may give up for good when Redis dies under it
                self._restart_ended_workers()

    def restart_ended(self) -> None:
        """What a supervisor does: start worker hosts again that gave up."""
        self._restart_ended_workers()

    def _restart_ended_workers(self) -> None:
        with self._workers_lock:
            for name in [name for name, worker in self.workers.items() if worker.has_ended]:
                self.workers[name] = self.start_host(name)

    def _log_in(self) -> str:
        credentials = {"username": self.shop.cashier.username, "password": PASSWORD, "token": True}
        answer = requests.post(f"{self.system.url}/api/session", json=credentials, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["token"])

    def _count(self, statement: Any) -> int:
        with self.database.app.app_context(), read_only() as session:
            return session.scalar(statement) or 0


@contextmanager
def faulty_shop(folder: Path) -> Iterator[FaultyShop]:
    """A running shop that is gone at the end of the block."""
    shop = FaultyShop(folder)
    try:
        shop.start()
        yield shop
    finally:
        shop.stop()


def assert_sound(shop: FaultyShop) -> None:
    """The shop goes on selling, nothing is lost or doubled, all is posted and the books agree."""
    shop.send_until_answered(shop.basket())
    shop.drain()
    assert shop.findings() == []


def outcomes(answers: Sequence[requests.Response]) -> list[int]:
    """The status codes in order."""
    return sorted(answer.status_code for answer in answers)
