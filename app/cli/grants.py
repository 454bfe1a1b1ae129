"""`flask grant-tables`: database users that may do to each table what the shop does to it, and nothing else."""

import re
from collections.abc import Iterator
from typing import Final

import click
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.cli.in_words import InWords
from app.database import error_number
from app.extensions import db
from app.models import Base

WRITTEN_ONCE: Final = frozenset({
    "audit_entries", "audit_seals", "goods_receipt_lines", "payments", "refund_lines", "refund_payments",
    "stock_movements", "stocktake_counts",
})  # fmt: skip
"""Ledgers: not even the application may change or delete a row."""
NEVER_DELETED: Final = WRITTEN_ONCE | {
    "goods_receipts", "label_batches", "refunds", "sale_lines", "sales", "shelf_checks",
    "stock_adjustments", "stock_exceptions", "stocktake_lines", "stocktakes", "stores", "users",
}  # fmt: skip
NO_SUCH_USER: Final = frozenset({1133, 1410})
"""MariaDB says that there is none, MySQL that a GRANT may not make one."""
DATABASE_USER: Final = re.compile(r"[a-z0-9_]{1,32}")


@click.command("grant-tables", cls=InWords)
@click.argument("users", nargs=-1, required=True)
def command(users: tuple[str, ...]) -> None:
    """Let these database USERS work on the tables; to be run by the migrating user after each migration."""
    for user in users:
        if not DATABASE_USER.fullmatch(user):
            raise click.BadParameter(f"{user}: use a-z, 0-9 and underscores")
    if db.engine.dialect.name == "sqlite":
        raise click.ClickException("SQLite has no users: guard the file instead.")
    try:
        with db.engine.begin() as connection:
            for statement in statements(users):
                connection.execute(text(statement))
    except DBAPIError as error:
        if error_number(error) not in NO_SUCH_USER:
            raise
        names = ", ".join(f"'{user}'@'%'" for user in users)
        raise click.ClickException(f"One of {names} does not exist: CREATE USER comes first.") from error
    click.echo(f"{', '.join(users)}: rights on {len(Base.metadata.tables)} tables.")


def statements(users: tuple[str, ...]) -> Iterator[str]:
    """One GRANT for each user and table."""
    for user in users:
        yield f"GRANT SELECT ON `alembic_version` TO '{user}'@'%'"
        for table in sorted(Base.metadata.tables):
            yield f"GRANT {', '.join(rights(table))} ON `{table}` TO '{user}'@'%'"


def rights(table: str) -> list[str]:
    """What the application does to the rows of a table."""
    changes = [] if table in WRITTEN_ONCE else ["UPDATE"]
    removes = [] if table in NEVER_DELETED else ["DELETE"]
    return ["SELECT", "INSERT", *changes, *removes]
