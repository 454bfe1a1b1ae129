"""Printers, scales, receipts to print, shelf labels to print and what was printed together

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci", "mysql_engine": "InnoDB"}
TABLES = ("print_jobs", "printers", "scales", "label_flags", "label_batches")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def code(length: int) -> sa.types.TypeEngine[str]:
    binary = mysql.VARCHAR(charset="utf8mb4", collation="utf8mb4_bin", length=length)
    return sa.String(length=length).with_variant(binary, "mysql", "mariadb")


def upgrade() -> None:
    """Move the schema forward; again, where it was broken off: what is there is empty."""
    inspector = sa.inspect(op.get_bind())
    for table in TABLES:
        if inspector.has_table(table):
            op.drop_table(table)
    _make_devices()
    _make_jobs()
    _make_labels()


def _make_devices() -> None:
    op.create_table(
        "printers",
        *_device("printers"),
        sa.Column("columns_per_line", sa.Integer(), nullable=False),
        sa.Column("locale", code(8), nullable=False),
        sa.Column("footer", sa.String(length=200), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("has_drawer", sa.Boolean(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("quiet_until", MOMENT, nullable=True),
        sa.CheckConstraint("columns_per_line IN (32, 42, 48)", name=op.f("ck_printers_columns_per_line")),
        **OPTIONS,
    )
    op.create_table("scales", *_device("scales"), **OPTIONS)
    for table in ("printers", "scales"):
        op.create_index(op.f(f"ix_{table}_store_id"), table, ["store_id"])


def _device(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("till", code(16), nullable=False),
        sa.Column("address", code(200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f(f"fk_{table}_store_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("name", name=op.f(f"uq_{table}_name")),
        sa.UniqueConstraint("store_id", "till", name=op.f(f"uq_{table}_store_id_till")),
    ]


def _make_jobs() -> None:
    op.create_table(
        "print_jobs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("uuid", sa.Uuid(native_uuid=False), nullable=False),
        sa.Column("printer_id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("till", code(16), nullable=False),
        sa.Column("sale_id", BIG_ID, nullable=False),
        sa.Column("copy_number", sa.Integer(), nullable=False),
        sa.Column("original_key", code(32), nullable=True),
        sa.Column("state", code(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", code(24), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'printed', 'perhaps', 'given_up')", name=op.f("ck_print_jobs_state")
        ),
        sa.CheckConstraint("copy_number >= 0", name=op.f("ck_print_jobs_copy_number")),
        sa.ForeignKeyConstraint(
            ["printer_id"], ["printers.id"], name=op.f("fk_print_jobs_printer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["requested_by_id"], ["users.id"], name=op.f("fk_print_jobs_requested_by_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sales.id"], name=op.f("fk_print_jobs_sale_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_print_jobs_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_jobs")),
        sa.UniqueConstraint("original_key", name=op.f("uq_print_jobs_original_key")),
        sa.UniqueConstraint("uuid", name=op.f("uq_print_jobs_uuid")),
        **OPTIONS,
    )
    op.create_index("ix_print_jobs_printer_id_state_id", "print_jobs", ["printer_id", "state", "id"])
    op.create_index(op.f("ix_print_jobs_sale_id"), "print_jobs", ["sale_id"])
    op.create_index("ix_print_jobs_store_id_id", "print_jobs", ["store_id", "id"])


def _make_labels() -> None:
    op.create_table(
        "label_batches",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("kind", code(12), nullable=False),
        sa.Column("label_count", sa.Integer(), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("printed_at", MOMENT, nullable=False),
        sa.Column("printed_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("label_count > 0", name=op.f("ck_label_batches_label_count")),
        sa.ForeignKeyConstraint(["printed_by_id"], ["users.id"], name=op.f("fk_label_batches_printed_by_id")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_label_batches_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_batches")),
        **OPTIONS,
    )
    op.create_index("ix_label_batches_store_id_id", "label_batches", ["store_id", "id"])
    op.create_table(
        "label_flags",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("flagged_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_label_flags_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_label_flags_store_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_flags")),
        **OPTIONS,
    )
    op.create_index(op.f("ix_label_flags_product_id"), "label_flags", ["product_id"])
    op.create_index("ix_label_flags_store_id_product_id", "label_flags", ["store_id", "product_id"], unique=True)


def downgrade() -> None:
    """Move the schema back."""
    for table in TABLES:
        op.drop_table(table)
