"""Forecasts and their runs, shelves to look at, replays of the past; what ordering needs to know besides

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ADDED = (
    ("categories", "service_level", sa.Integer(), {"nullable": False, "server_default": "950"}),
    ("products", "shelf_life_days", sa.Integer(), {"nullable": True}),
    ("products", "minimum_order", sa.BigInteger(), {"nullable": False, "server_default": "0"}),
    ("stock_levels", "is_safety_pinned", sa.Boolean(), {"nullable": False, "server_default": sa.false()}),
    ("replenishment_order_lines", "proposed", sa.BigInteger(), {"nullable": True}),
)
TABLES = ("forecast_runs", "forecast_chunks", "forecasts", "shelf_checks", "what_ifs")
"""In the order in which they refer to each other."""
OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    inspector = sa.inspect(op.get_bind())
    for table, name, kind, options in ADDED:
        if name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind, **options))
    # What a manager has set stays theirs, and what was proposed is known from the reasons kept with the lines.
    op.execute("UPDATE stock_levels SET is_safety_pinned = 1 WHERE safety_stock IS NOT NULL")
    whole = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "SIGNED"
    op.execute(
        f"UPDATE replenishment_order_lines SET proposed = CAST(JSON_EXTRACT(reason, '$.quantity') AS {whole}) "  # noqa: S608
        "WHERE proposed IS NULL"
    )
    for table, make in zip(TABLES, (_runs, _chunks, _forecasts, _shelf_checks, _what_ifs), strict=True):
        if not inspector.has_table(table):
            make()


def _code(length: int) -> sa.types.TypeEngine:
    binary = mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=length)
    return sa.String(length=length).with_variant(binary, "mariadb").with_variant(binary, "mysql")


def _moment() -> sa.types.TypeEngine:
    exact = mysql.DATETIME(fsp=6)
    return sa.DateTime().with_variant(exact, "mariadb").with_variant(exact, "mysql")


def _big_id() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _runs() -> None:
    op.create_table(
        "forecast_runs",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("open_key", _code(32), nullable=True),
        sa.Column("method", _code(40), nullable=True),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("finished_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_forecast_runs_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_runs")),
        sa.UniqueConstraint("open_key", name=op.f("uq_forecast_runs_open_key")),
        sa.Index("ix_forecast_runs_store_id_id", "store_id", "id"),
        **OPTIONS,
    )


def _chunks() -> None:
    op.create_table(
        "forecast_chunks",
        sa.Column("run_id", _big_id(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_ids", sa.JSON(), nullable=False),
        sa.Column("claimed_at", _moment(), nullable=True),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("done_at", _moment(), nullable=True),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["forecast_runs.id"], name=op.f("fk_forecast_chunks_run_id")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_forecast_chunks")),
        sa.Index(op.f("ix_forecast_chunks_done_at"), "done_at"),
        **OPTIONS,
    )


def _forecasts() -> None:
    op.create_table(
        "forecasts",
        sa.Column("store_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _code(8), nullable=False),
        sa.Column("method", _code(40), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("mean", sa.JSON(), nullable=False),
        sa.Column("quantiles", sa.JSON(), nullable=False),
        sa.Column("cover", sa.JSON(), nullable=False),
        sa.Column("wape", sa.Float(), nullable=True),
        sa.Column("rmsse", sa.Float(), nullable=True),
        sa.Column("bias", sa.Float(), nullable=True),
        sa.Column("history_days", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "product_id", name=op.f("pk_forecasts")),
        sa.Index("ix_forecasts_run_id", "run_id"),
        **OPTIONS,
    )


def _shelf_checks() -> None:
    op.create_table(
        "shelf_checks",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("open_key", _code(32), nullable=True),
        sa.Column("opened_at", _moment(), nullable=False),
        sa.Column("silent_since", _moment(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("chance", sa.Integer(), nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("answer", _code(12), nullable=True),
        sa.Column("answered_at", _moment(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["users.id"], name=op.f("fk_shelf_checks_answered_by_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_shelf_checks_product_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_shelf_checks_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_checks")),
        sa.UniqueConstraint("open_key", name=op.f("uq_shelf_checks_open_key")),
        sa.Index("ix_shelf_checks_store_id_id", "store_id", "id"),
        **OPTIONS,
    )


def _what_ifs() -> None:
    op.create_table(
        "what_ifs",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", _moment(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", _code(12), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("finished_at", _moment(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name=op.f("fk_what_ifs_asked_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_what_ifs_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_what_ifs")),
        **OPTIONS,
    )


def downgrade() -> None:
    """Move the schema back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, name, _kind, _options in reversed(ADDED):
        op.drop_column(table, name)
