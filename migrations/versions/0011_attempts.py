"""How often a part of a forecast and a replay were tried, when a replay was taken, and why neither will be again

Revision: 0011
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None


def _moment() -> sa.types.TypeEngine:
    exact = mysql.DATETIME(fsp=6)
    return sa.DateTime().with_variant(exact, "mariadb").with_variant(exact, "mysql")


def _code(length: int) -> sa.types.TypeEngine:
    binary = mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=length)
    return sa.String(length=length).with_variant(binary, "mariadb").with_variant(binary, "mysql")


# Processes that run during the upgrade know nothing of these: all have a value of their own, or none.
ADDED = (
    ("forecast_chunks", "attempts", sa.Integer(), {"nullable": False, "server_default": "0"}),
    ("forecast_chunks", "problem", sa.String(200), {"nullable": False, "server_default": ""}),
    ("what_ifs", "claimed_at", _moment(), {"nullable": True}),
    ("what_ifs", "attempts", sa.Integer(), {"nullable": False, "server_default": "0"}),
    ("what_ifs", "problem", _code(16), {"nullable": False, "server_default": ""}),
)


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    inspector = sa.inspect(op.get_bind())
    for table, name, kind, options in ADDED:
        if name not in {one["name"] for one in inspector.get_columns(table)}:
            op.add_column(table, sa.Column(name, kind, **options))


def downgrade() -> None:
    """Move the schema back."""
    for table, name, _kind, _options in reversed(ADDED):
        op.drop_column(table, name)
