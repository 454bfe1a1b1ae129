"""The database is lost and restored to a moment: tills send what they have once more, and every sale is there once."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import utc_now
from app.domain.checkout import NewSale
from app.extensions import db
from app.models.checkout import Sale
from app.services import audit, audit_seal, checkout, stock
from app.unit_of_work import read_only, transact, unit_of_work
from tests.databases import new_app
from tests.factories import NOON, basket, make_product, make_shop
from tests.faults.length import long
from tests.servers import DAEMON_PATH, MariaDb

NAME = "aisle"


class LoggedMariaDb(MariaDb):
    """With a binary log."""

    def command(self) -> Sequence[str]:
        """The tests' server, every change in its log."""
        kept = [argument for argument in super().command() if argument != "--skip-log-bin"]
        return [*kept, "--log-bin=bin", "--binlog-format=ROW", "--server-id=1"]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[LoggedMariaDb, MariaDb]]:
    lost, new = LoggedMariaDb(tmp_path / "lost"), MariaDb(tmp_path / "new")
    try:
        for server in (lost, new):
            server.start()
            server.execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
        yield lost, new
    finally:
        lost.stop()
        new.stop()


@long
def test_tills_bring_back_what_a_restore_to_a_moment_has_lost(servers: tuple[LoggedMariaDb, MariaDb]) -> None:
    lost, new = servers
    app = new_app(lost.url(NAME))
    with app.app_context():
        flask_migrate.upgrade()
        with unit_of_work() as session:
            shop = make_shop(session)
            milk = make_product(session, shop, on_hand=1_000)
    sales = [basket(shop, (milk, 1)) for _ in range(30)]
    sell(app, sales[:10])
    post(app)
    dump = run(lost, "mariadb-dump", "--single-transaction", "--master-data=2", NAME)
    sell(app, sales[10:20])
    head = seal(app)
    moment = position(lost)
    sell(app, sales[20:])
    seal(app)
    with app.app_context():
        db.engine.dispose()

    load(new, dump)
    load(new, run_log(lost, begin=dumped_at(dump), end=moment))
    restored = new_app(new.url(NAME))
    kept = stored(restored)
    chain = proved(restored)
    again = sell(restored, sales)
    post(restored)

    assert kept == {sale.uuid for sale in sales[:20]}
    assert (chain.head, chain.sealed, chain.faults) == (head, 1, ())
    assert again == [False] * 20 + [True] * 10
    assert stored(restored) == {sale.uuid for sale in sales}
    with restored.app_context():
        with read_only() as session:
            assert [one for one in stock.verify(session) if one.invariant != "shortage_is_on_order"] == []
        db.engine.dispose()


def sell(app: Flask, sales: Sequence[NewSale]) -> list[bool]:
    """Which of them were new."""
    with app.app_context():
        return [transact(lambda s, sale=sale: checkout.ring_up(s, sale, now=NOON)).is_new for sale in sales]  # type: ignore[misc]


def post(app: Flask) -> None:
    with app.app_context():
        transact(lambda session: stock.post_sales(session, now=NOON))


def seal(app: Flask) -> str:
    """Something is done and sealed; the head that is logged then."""
    with app.app_context():
        transact(
            lambda session: audit.record(session, action="till_enrolled", user_id=None, subject_kind="till", now=NOON)
        )
        transact(audit_seal.seal)
        with read_only() as session:
            return audit_seal.head(session)


def proved(app: Flask) -> audit_seal.ChainReport:
    with app.app_context(), read_only() as session:
        return audit_seal.verify(session, now=utc_now())


def stored(app: Flask) -> set[UUID]:
    with app.app_context(), read_only() as session:
        return set(session.scalars(select(Sale.uuid)))


def run(server: MariaDb, program: str, *arguments: str, given: str | None = None) -> str:
    """What one of MariaDB's programs answers."""
    found = shutil.which(program, path=DAEMON_PATH)
    assert found is not None
    login = ["--host=127.0.0.1", f"--port={server.port}", "--user=aisle", "--password=aisle"]
    done = subprocess.run(
        [found, "--no-defaults", *login, *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def load(server: MariaDb, statements: str) -> None:
    run(server, "mariadb", "--binary-mode", NAME, given=statements)


def run_log(server: MariaDb, *, begin: tuple[str, int], end: tuple[str, int]) -> str:
    """What the binary log says between two places."""
    assert begin[0] == end[0]
    return run(
        server, "mariadb-binlog", "--read-from-remote-server", f"--start-position={begin[1]}",
        f"--stop-position={end[1]}", begin[0],
    )  # fmt: skip


def dumped_at(dump: str) -> tuple[str, int]:
    """The place in the binary log at which the dump was taken; it stands in its head."""
    [line] = [line for line in dump.splitlines() if line.startswith("-- CHANGE MASTER TO")]
    words = line.split("'")
    return words[1], int(words[2].split("=")[1].rstrip(";"))


def position(server: MariaDb) -> tuple[str, int]:
    """Where the binary log stands now."""
    name, place, *_ = run(server, "mariadb", "--skip-column-names", "--batch", "--execute=SHOW MASTER STATUS").split()
    return name, int(place)
