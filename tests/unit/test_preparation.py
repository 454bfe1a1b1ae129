"""When the database is prepared before a start, and when that would only cost time."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import preparation
from scripts.installation import Installation, from_environment

Start = Callable[[], bool]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """One start of an installation on SQLite; tells whether the database was prepared."""
    monkeypatch.setenv("AISLE_VAR", str(tmp_path))
    (tmp_path / "run").mkdir()
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path / 'aisle.db'}", "AISLE_ENV": "production"}
    installation: Installation = from_environment({})
    calls: list[Path] = []

    def prepare(_environment: object, logins: Path) -> None:
        calls.append(logins)
        set_version(tmp_path, "0002")

    monkeypatch.setattr(preparation, "_prepare", prepare)

    def start() -> bool:
        calls.clear()
        preparation.prepare_if_due(installation, environment)
        return bool(calls)

    return start


def test_only_the_first_of_two_starts_prepares_the_database(start: Start) -> None:
    assert [start(), start()] == [True, False]


def test_a_deleted_database_is_prepared_again(start: Start, tmp_path: Path) -> None:
    start()
    (tmp_path / "aisle.db").unlink()

    assert start()


def test_a_restored_older_database_is_prepared_again(start: Start, tmp_path: Path) -> None:
    start()
    set_version(tmp_path, "0001")

    assert start()


def set_version(folder: Path, version: str) -> None:
    """What the migrations leave behind."""
    connection = sqlite3.connect(folder / "aisle.db")
    connection.executescript(
        f"CREATE TABLE IF NOT EXISTS alembic_version (version_num);"
        f"DELETE FROM alembic_version; INSERT INTO alembic_version VALUES ('{version}');"
    )
    connection.close()
