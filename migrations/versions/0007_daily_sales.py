"""Summaries of a day: what came back to the shelf, offers, hours without stock; takings by hour and by cashier

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADDED = (
    ("daily_sales", "returned_cost", sa.BigInteger()),
    ("daily_sales", "is_promoted", sa.Boolean()),
    ("daily_sales", "out_of_stock_minutes", sa.Integer()),
    ("summarised_days", "edition", sa.Integer()),
    ("summarised_days", "open_minutes", sa.Integer()),
)
OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}
PARTS = (("daily_hours", "hour"), ("daily_cashiers", "cashier_id"))


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off. Rows are filled by the nightly run."""
    inspector = sa.inspect(op.get_bind())
    for table, name, kind in ADDED:
        if name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind, nullable=False, server_default="0"))
    for table, key in PARTS:
        if inspector.has_table(table):
            continue
        op.create_table(
            table,
            sa.Column("store_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("business_date", sa.Date(), nullable=False),
            sa.Column(key, sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("receipts", sa.Integer(), nullable=False),
            sa.Column("lines", sa.Integer(), nullable=False),
            sa.Column("gross", sa.BigInteger(), nullable=False),
            sa.Column("refunds", sa.Integer(), nullable=False),
            sa.Column("refunded", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("store_id", "business_date", key, name=op.f(f"pk_{table}")),
            **OPTIONS,
        )


def downgrade() -> None:
    """Move the schema back."""
    for table, _key in reversed(PARTS):
        op.drop_table(table)
    for table, name, _kind in reversed(ADDED):
        op.drop_column(table, name)
