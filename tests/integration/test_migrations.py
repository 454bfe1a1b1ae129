"""The migrations and the models describe the same database."""

from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app.extensions import db
from app.models import Base
from tests import shared_servers
from tests.databases import address, new_app


def test_the_migrated_database_is_what_the_models_say(app_context: Flask) -> None:
    assert differences() == []


@pytest.mark.parametrize("kind", shared_servers.KINDS)
def test_a_migration_that_was_broken_off_is_finished_by_the_next_run(kind: str, tmp_path: Path, redis_url: str) -> None:
    with new_app(address(kind, tmp_path, "aisle_migrating")).app_context():
        flask_migrate.upgrade(revision="0003")
        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE INDEX ix_sales_till_id ON sales (till, id)")
            connection.exec_driver_sql("CREATE TABLE product_words (word VARCHAR(24), product_id INTEGER)")

        flask_migrate.upgrade()

        assert differences() == []


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))
