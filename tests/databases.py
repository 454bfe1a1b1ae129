"""The databases the integration and web tests run on: migrated once per worker, emptied before each test."""

import os
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Table, create_engine, insert, select, text
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from app.config import Settings
from app.extensions import db
from app.factory import create_app
from app.models import Base
from tests import catalog_guard, shared_servers

TEST_SECRETS = {"secret_key": "only-for-tests-0123456789", "security_password_salt": "only-for-tests-9876543210"}


class ReadingClient(FlaskClient):
    """Reads every answer to its end, so that a file sent by the server is closed again."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        """As in Flask, but buffered unless the test says otherwise."""
        return super().open(*args, buffered=buffered, **kwargs)


class Database:
    """One migrated database of one worker, with the application that works on it."""

    def __init__(self, url: str) -> None:
        self.url = url
        # As patient as a worker: on a busy machine a server may be slow to answer, and no customer waits here.
        self.app = new_app(url, aisle_role="worker")
        with self.app.app_context():
            flask_migrate.upgrade()
            with db.engine.connect() as connection:
                self._seeds = _rows_from_migrations(connection)

    def empty(self) -> None:
        """Bring every table back to what the migrations left in it."""
        with self.app.app_context(), db.engine.begin() as connection:
            _pause_foreign_keys(connection)
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table, rows in self._seeds:
                connection.execute(insert(table), rows)
            _mind_foreign_keys(connection)


def settings_for(url: str, **changes: Any) -> Settings:
    """The settings of a test application on `url`."""
    values: dict[str, Any] = {"database_url": url, "redis_url": shared_servers.redis_url(), "aisle_env": "test"}
    # Tests change rows without telling anybody: what is remembered is another test's subject.
    return Settings(**(values | TEST_SECRETS | {"secure_cookies": False, "product_cache_s": 0} | changes))


def new_app(url: str, **changes: Any) -> Flask:
    """An application on `url`; for tests that need other settings than the one of their database."""
    app = create_app(settings_for(url, **changes))
    app.test_client_class = ReadingClient
    with app.app_context():
        catalog_guard.watch(db.engine)
    return app


def address(kind: str, folder: Path, name: str = "aisle") -> str:
    """The URL of this worker's database of a kind, freshly created; of a further one by another name."""
    if kind == "sqlite":
        return f"sqlite:///{folder / name}.db"
    name = f"{name}_{shared_servers.worker_name()}"
    server_url = os.environ[shared_servers.MYSQL_URL] if kind == "mysql" else shared_servers.mariadb().url("")
    _recreate(server_url, name)
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


def _recreate(server_url: str, name: str) -> None:
    engine = create_engine(make_url(server_url).set(database=None), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4"))
    engine.dispose()


def _rows_from_migrations(connection: Connection) -> list[tuple[Table, list[dict[str, Any]]]]:
    found = []
    for table in Base.metadata.sorted_tables:
        rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        if rows:
            found.append((table, rows))
    return found


def _pause_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
    else:
        connection.execute(text("SET SESSION foreign_key_checks=0"))


def _mind_foreign_keys(connection: Connection) -> None:
    # The connection goes back to the pool, and with it what was set for its session.
    if connection.dialect.name != "sqlite":
        connection.execute(text("SET SESSION foreign_key_checks=1"))
