"""Sums of fortnights of daily sales, which reports of many days read

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    inspector = sa.inspect(op.get_bind())
    if not inspector.has_table("fortnight_sales"):
        op.create_table(
            "fortnight_sales",
            *_key(),
            sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("units", sa.BigInteger(), nullable=False),
            sa.Column("net", sa.BigInteger(), nullable=False),
            sa.Column("cost", sa.BigInteger(), nullable=False),
            sa.Column("is_promoted", sa.Boolean(), nullable=False),
            sa.Column("out_of_stock_minutes", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("store_id", "first_day", "product_id", name=op.f("pk_fortnight_sales")),
            sa.Index("ix_fortnight_sales_product_id_first_day", "product_id", "first_day"),
            **OPTIONS,
        )
    if not inspector.has_table("summed_fortnights"):
        op.create_table(
            "summed_fortnights",
            *_key(),
            sa.Column("summed_at", _moment(), nullable=True),
            sa.PrimaryKeyConstraint("store_id", "first_day", name=op.f("pk_summed_fortnights")),
            **OPTIONS,
        )


def _key() -> tuple[sa.Column[int], sa.Column[object]]:
    return (
        sa.Column("store_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
    )


def _moment() -> sa.types.TypeEngine:
    exact = mysql.DATETIME(fsp=6)
    return sa.DateTime().with_variant(exact, "mariadb").with_variant(exact, "mysql")


def downgrade() -> None:
    """Move the schema back."""
    op.drop_table("summed_fortnights")
    op.drop_table("fortnight_sales")
