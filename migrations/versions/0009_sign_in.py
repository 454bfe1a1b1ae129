"""Two factors to sign in: an app beside the password, a PIN beside an enrolled till

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

ADDED = (("users", "second_factor_at"), ("login_sessions", "till_id"))
"""Processes that run during the upgrade know nothing of these and let users in by their password."""
TABLES = ("second_factors", "recovery_codes", "enrolled_tills", "pins")
OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    inspector = sa.inspect(op.get_bind())
    for (table, name), kind in zip(ADDED, (_moment(), sa.Integer()), strict=True):
        if name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    for table, make in zip(TABLES, (_second_factors, _recovery_codes, _enrolled_tills, _pins), strict=True):
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


def _enrolled_tills() -> None:
    op.create_table(
        "enrolled_tills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("till", _code(16), nullable=False),
        sa.Column("code_hash", _code(64), nullable=True),
        sa.Column("code_expires_at", _moment(), nullable=True),
        sa.Column("secret_hash", _code(64), nullable=True),
        sa.Column("enrolled_at", _moment(), nullable=True),
        sa.Column("offered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name="fk_enrolled_tills_store_id"),
        sa.ForeignKeyConstraint(["offered_by"], ["users.id"], name="fk_enrolled_tills_offered_by"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolled_tills"),
        sa.UniqueConstraint("code_hash", name="uq_enrolled_tills_code_hash"),
        sa.UniqueConstraint("secret_hash", name="uq_enrolled_tills_secret_hash"),
        **OPTIONS,
    )


def _pins() -> None:
    op.create_table(
        "pins",
        *_of_user("pins"),
        sa.Column("hash", sa.String(255), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("set_at", _moment(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_pins"),
        **OPTIONS,
    )


def downgrade() -> None:
    """Back to passwords alone; whoever has a second factor loses it, and PINs are forgotten."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, name in reversed(ADDED):
        op.drop_column(table, name)
