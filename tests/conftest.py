"""What every test can ask for; servers start when the first test needs them.

Heavy imports stand inside the fixtures: a unit test must not wait for the web framework.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import shared_servers
from tests.schedule import LONELY_FOLDERS, LonelyScheduling

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from tests.databases import Database


def pytest_configure(config: pytest.Config) -> None:
    """Keep every test away from the developer's own database and Redis."""
    if not hasattr(config, "workerinput"):
        shared_servers.open_run()
        config.add_cleanup(shared_servers.close_run)
    os.environ["AISLE_ENV"] = "test"
    os.environ["REDIS_URL"] = shared_servers.redis_url()
    os.environ["DATABASE_URL"] = "sqlite:///:memory:"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of those folders, so that `-m "not e2e"` leaves them out."""
    for item in items:
        if (folder := _folder(item)) in LONELY_FOLDERS:
            item.add_marker(getattr(pytest.mark, folder))
    # Last: the browser tests' shop runs on to the end and would disturb whatever came after it.
    items.sort(key=lambda item: _folder(item) == "e2e")


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LonelyScheduling:
    """Give all tests that must not run next to each other to one worker; xdist_group does not work on pytest 9.2."""
    return LonelyScheduling(config, log)


@pytest.fixture(scope="session")
def valkey_url() -> str:
    """This worker's Redis database on the run's one server, as the last test left it."""
    shared_servers.valkey()
    return shared_servers.redis_url()


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """This worker's Redis database, emptied."""
    import redis

    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
    return valkey_url


@pytest.fixture(scope="session")
def database_of(tmp_path_factory: pytest.TempPathFactory) -> "Callable[[str], Database]":
    """This worker's migrated database of a kind, made when first asked for."""
    from tests.databases import Database, address

    made: dict[str, Database] = {}

    def find(kind: str) -> Database:
        if kind not in made:
            made[kind] = Database(address(kind, tmp_path_factory.mktemp(kind)))
        return made[kind]

    return find


@pytest.fixture(params=shared_servers.KINDS)
def database(request: pytest.FixtureRequest, database_of: "Callable[[str], Database]") -> "Database":
    """Every database in turn, empty. One kind only: parametrize("database", ["sqlite"], indirect=True)."""
    found = database_of(request.param)
    found.empty()
    return found


@pytest.fixture
def database_url(database: "Database") -> str:
    """The address of the empty database."""
    return database.url


@pytest.fixture
def patient_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printers and scales may take a minute for what they do at once, but on a busy machine."""
    for name in ("CONNECT_S", "ANSWER_S", "WRITE_S", "PAPER_S"):
        monkeypatch.setattr(f"app.devices.receipt_printer.{name}", 60)
    for name in ("OPEN_S", "PATIENCE_S"):
        monkeypatch.setattr(f"app.devices.scale.{name}", 60)


@pytest.fixture
def app(database: "Database", redis_url: str, monkeypatch: pytest.MonkeyPatch) -> "Flask":
    """The application on the empty database and an empty Redis."""
    # Figures that a busy machine made slow would be kept, and shown to the next test too.
    monkeypatch.setattr("app.views.admin.kept.QUICK_S", 60)
    return database.app


@pytest.fixture
def client(app: "Flask") -> "FlaskClient":
    """A browser without a session."""
    return app.test_client()


@pytest.fixture
def app_context(app: "Flask") -> "Iterator[Flask]":
    """The application as the current one: for unit_of_work() and tasks; not together with `client`."""
    # A client's requests would share this context's `g`, and with it the logged-in user.
    with app.app_context():
        yield app


@pytest.fixture
def session(app: "Flask") -> "Iterator[Session]":
    """A writing session for use cases; rolled back at the end unless the test commits."""
    from sqlalchemy.orm import Session

    from app.database import begin_write
    from app.extensions import db

    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        begin_write(session)
        yield session
