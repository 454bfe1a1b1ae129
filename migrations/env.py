"""Alembic's environment: migrate the database of the app that runs the command."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from app.cli.in_words import database_fault
from app.database import begin_migration
from app.models import Base
from app.models.base import UtcDateTime


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | bool:
    """Migrations stand alone: our column types appear as what they are in the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return 'sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")'
    return False


def run(connection: Connection) -> None:
    """Run the migrations on `connection`."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


engine = current_app.extensions["migrate"].db.engine
try:
    with begin_migration(engine) as connection:
        run(connection)
except DBAPIError as error:
    fault = database_fault(error)
    if fault is None:
        raise
    raise CommandError(f"The database is {fault}") from error
