"""How often a stock level has changed, so that of two readings the newer is known

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE, COLUMN = "stock_levels", "revision"


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    if COLUMN not in {one["name"] for one in sa.inspect(op.get_bind()).get_columns(TABLE)}:
        op.add_column(TABLE, sa.Column(COLUMN, sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Move the schema back."""
    op.drop_column(TABLE, COLUMN)
