"""Indexes of lists over all stores: by day, by till, and movements by kind

Revision: 0004
Follows: 0003
"""

from alembic import op

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


def upgrade() -> None:
    """Move the schema forward."""
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Move the schema back."""
    for name, table, _columns in INDEXES:
        op.drop_index(name, table_name=table)
