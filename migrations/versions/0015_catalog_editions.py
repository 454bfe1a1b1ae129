"""The edition of the catalogue, by which whoever remembers prices learns that they changed

Revision: 0015
Follows: 0014
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "catalog_editions"
OPTIONS = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there already stays."""
    connection = op.get_bind()
    if TABLE not in sa.inspect(connection).get_table_names():
        op.create_table(
            TABLE,
            sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("number", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_editions")),
            **OPTIONS,
        )
    editions = sa.table(TABLE, sa.column("id"), sa.column("number"))
    if connection.scalar(sa.select(sa.func.count()).select_from(editions)) == 0:
        op.bulk_insert(editions, [{"id": 1, "number": secrets.randbits(62)}])


def downgrade() -> None:
    """Move the schema back."""
    op.drop_table(TABLE)
