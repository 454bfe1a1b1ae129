"""Indexes of lists over all stores (by day, by till, movements by kind) and words to find products by

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from app.domain.search_text import beginnings

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_sales_business_date_id", "sales", ["business_date", "id"]),
    ("ix_sales_till_id", "sales", ["till", "id"]),
    ("ix_refunds_business_date_id", "refunds", ["business_date", "id"]),
    ("ix_stock_movements_kind_id", "stock_movements", ["kind", "id"]),
)
CHUNK = 1000


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: these databases keep each step at once."""
    inspector = sa.inspect(op.get_bind())
    for name, table, columns in INDEXES:
        if name not in {index["name"] for index in inspector.get_indexes(table)}:
            op.create_index(name, table, columns)
    if inspector.has_table("product_words"):
        op.drop_table("product_words")
    words = op.create_table(
        "product_words",
        sa.Column(
            "word",
            sa.String(length=24)
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=24), "mariadb")
            .with_variant(mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=24), "mysql"),
            nullable=False,
        ),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_words_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "product_id", name=op.f("pk_product_words")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_unicode_ci",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_product_words_product_id"), "product_words", ["product_id"])
    _fill(words)


def _fill(words: sa.Table) -> None:
    connection = op.get_bind()
    texts = connection.execute(sa.text("SELECT id, search_text FROM products")).all()
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        rows = [{"word": word, "product_id": key} for key, text in part for word in beginnings(text)]
        if rows:
            connection.execute(sa.insert(words), rows)


def downgrade() -> None:
    """Move the schema back."""
    op.drop_table("product_words")
    for name, table, _columns in INDEXES:
        op.drop_index(name, table_name=table)
