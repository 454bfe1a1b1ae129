"""Counting sessions, the shelf of a product, the limit of a count that one person may book alone

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_products_shelf", "products", ["shelf"]),
    ("ix_sales_store_id_sold_at", "sales", ["store_id", "sold_at"]),
)
OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}


def big() -> sa.types.TypeEngine[int]:
    """A number that SQLite counts up by itself."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def code(length: int) -> sa.types.TypeEngine[str]:
    """A short text compared byte by byte."""
    binary = mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=length)
    return sa.String(length=length).with_variant(binary, "mariadb").with_variant(binary, "mysql")


def moment() -> sa.types.TypeEngine[object]:
    """A time with microseconds."""
    exact = mysql.DATETIME(fsp=6)
    return sa.DateTime().with_variant(exact, "mariadb").with_variant(exact, "mysql")


def added() -> tuple[tuple[str, sa.Column[object]], ...]:
    """New columns, made anew each time: a column belongs to one table."""
    return (
        ("products", sa.Column("shelf", sa.String(length=30), nullable=True)),
        ("stores", sa.Column("count_limit", sa.BigInteger(), nullable=False, server_default="50000")),
    )


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: these databases keep each step at once."""
    inspector = sa.inspect(op.get_bind())
    for table, column in added():
        if column.name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, column)
    for name, table, columns in INDEXES:
        if name not in {index["name"] for index in inspector.get_indexes(table)}:
            op.create_index(name, table, columns)
    for table, make in TABLES.items():
        if inspector.has_table(table):
            op.drop_table(table)
        make()


def _stocktakes() -> None:
    op.create_table(
        "stocktakes",
        sa.Column("id", big(), nullable=False),
        sa.Column("uuid", sa.Uuid(native_uuid=False), nullable=False),
        sa.Column("request_hash", code(64), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("kind", code(12), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=True),
        sa.Column("shelf", sa.String(length=30), nullable=True),
        sa.Column("state", code(12), nullable=False),
        sa.Column("opened_at", moment(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", moment(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("posted_at", moment(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("cancelled_at", moment(), nullable=True),
        sa.Column("lines_counted", sa.Integer(), nullable=False),
        sa.Column("lines_right", sa.Integer(), nullable=False),
        sa.Column("book_value", sa.BigInteger(), nullable=False),
        sa.Column("variance_value", sa.BigInteger(), nullable=False),
        sa.Column("net_value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'counted', 'posted', 'cancelled')", name=op.f("ck_stocktakes_state")),
        sa.CheckConstraint("kind IN ('category', 'shelf', 'list')", name=op.f("ck_stocktakes_kind")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_stocktakes_store_id")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_stocktakes_category_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["opened_by_id"], ["users.id"], name=op.f("fk_stocktakes_opened_by_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["users.id"], name=op.f("fk_stocktakes_closed_by_id")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["users.id"], name=op.f("fk_stocktakes_approved_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktakes")),
        sa.UniqueConstraint("uuid", name=op.f("uq_stocktakes_uuid")),
        **OPTIONS,
    )
    op.create_index("ix_stocktakes_store_id_state", "stocktakes", ["store_id", "state"])
    op.create_index("ix_stocktakes_posted_at", "stocktakes", ["posted_at"])


def _lines() -> None:
    op.create_table(
        "stocktake_lines",
        sa.Column("id", big(), nullable=False),
        sa.Column("stocktake_id", big(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("open_key", code(32), nullable=True),
        sa.Column("decided_round", sa.Integer(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=True),
        sa.Column("book", sa.BigInteger(), nullable=True),
        sa.Column("variance", sa.BigInteger(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("needs_recount", sa.Boolean(), nullable=False),
        sa.Column("reason", code(16), nullable=False),
        sa.Column("counted_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktakes.id"], name=op.f("fk_stocktake_lines_stocktake_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stocktake_lines_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_lines")),
        sa.UniqueConstraint("stocktake_id", "product_id", name=op.f("uq_stocktake_lines_stocktake_id_product_id")),
        sa.UniqueConstraint("open_key", name=op.f("uq_stocktake_lines_open_key")),
        **OPTIONS,
    )
    op.create_index(op.f("ix_stocktake_lines_product_id"), "stocktake_lines", ["product_id"])


def _counts() -> None:
    op.create_table(
        "stocktake_counts",
        sa.Column("id", big(), nullable=False),
        sa.Column("uuid", sa.Uuid(native_uuid=False), nullable=False),
        sa.Column("line_id", big(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("place", code(8), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", moment(), nullable=False),
        sa.Column("said_at", moment(), nullable=False),
        sa.Column("is_moment_doubtful", sa.Boolean(), nullable=False),
        sa.Column("received_at", moment(), nullable=False),
        sa.Column("counted_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stocktake_counts_quantity")),
        sa.CheckConstraint("place IN ('shelf', 'back')", name=op.f("ck_stocktake_counts_place")),
        sa.ForeignKeyConstraint(["line_id"], ["stocktake_lines.id"], name=op.f("fk_stocktake_counts_line_id")),
        sa.ForeignKeyConstraint(["counted_by_id"], ["users.id"], name=op.f("fk_stocktake_counts_counted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_counts")),
        sa.UniqueConstraint("uuid", name=op.f("uq_stocktake_counts_uuid")),
        **OPTIONS,
    )
    op.create_index(op.f("ix_stocktake_counts_line_id"), "stocktake_counts", ["line_id"])


TABLES = {"stocktakes": _stocktakes, "stocktake_lines": _lines, "stocktake_counts": _counts}


def downgrade() -> None:
    """Move the schema back."""
    for table in reversed(TABLES):
        op.drop_table(table)
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, column in reversed(added()):
        op.drop_column(table, column.name)
