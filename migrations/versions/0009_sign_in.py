"""A second factor beside the password: its secret, recovery codes, and since when a user has one

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("second_factors", "recovery_codes")
OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    inspector = sa.inspect(op.get_bind())
    # Processes that run during the upgrade know nothing of it and let users in by their password.
    if "second_factor_at" not in {one["name"] for one in inspector.get_columns("users")}:
        op.add_column("users", sa.Column("second_factor_at", _moment(), nullable=True))
    for table, make in zip(TABLES, (_second_factors, _recovery_codes), strict=True):
        if not inspector.has_table(table):
            make()


def _code(length: int) -> sa.types.TypeEngine:
    binary = mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=length)
    return sa.String(length=length).with_variant(binary, "mariadb").with_variant(binary, "mysql")


def _moment() -> sa.types.TypeEngine:
    exact = mysql.DATETIME(fsp=6)
    return sa.DateTime().with_variant(exact, "mariadb").with_variant(exact, "mysql")


def _of_user(table: str) -> list[sa.schema.SchemaItem]:
    key = sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE")
    return [sa.Column("user_id", sa.Integer(), nullable=False), key]


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        *_of_user("second_factors"),
        sa.Column("sealed", _code(160), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        **OPTIONS,
    )


def _recovery_codes() -> None:
    op.create_table(
        "recovery_codes",
        *_of_user("recovery_codes"),
        sa.Column("hash", _code(64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "hash", name="pk_recovery_codes"),
        **OPTIONS,
    )


def downgrade() -> None:
    """Back to passwords alone; whoever has a second factor loses it."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("users", "second_factor_at")
