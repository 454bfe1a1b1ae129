"""A count that takes the place of what its own counter had said before

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE, COLUMN = "stocktake_counts", "is_instead"


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    if COLUMN not in {one["name"] for one in sa.inspect(op.get_bind()).get_columns(TABLE)}:
        op.add_column(TABLE, sa.Column(COLUMN, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Move the schema back."""
    op.drop_column(TABLE, COLUMN)
