"""What durable jobs need: leases, idempotency keys, chunk transcripts, and defaults for rows that the gateway inserts.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")

_HEX = "lower(hex(randomblob({})))"
SQLITE_UUID = " || '-' || ".join(_HEX.format(size) for size in (4, 2, 2, 2, 6))
DEFAULTS = {
    "sqlite": (f"({SQLITE_UUID})", "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')"),
    "mysql": ("(uuid())", "(utc_timestamp(6))"),
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    new_id, now = DEFAULTS["sqlite" if dialect == "sqlite" else "mysql"]
    with op.batch_alter_table("analysis") as table:
        table.alter_column("id", existing_type=sa.String(36), existing_nullable=False, server_default=sa.text(new_id))
        table.alter_column("created_date", existing_type=MOMENT, existing_nullable=False, server_default=sa.text(now))
        table.alter_column("progress", existing_type=sa.Integer, existing_nullable=False, server_default="0")
        table.alter_column("attempts", existing_type=sa.Integer, existing_nullable=False, server_default="0")
        table.add_column(sa.Column("lease_until", MOMENT))
        table.add_column(sa.Column("dispatched_at", MOMENT))
        table.add_column(sa.Column("uploaded", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("idempotency_key", sa.String(255)))
        table.add_column(sa.Column("request_hash", sa.String(64)))
        table.add_column(sa.Column("reported", sa.Integer, nullable=False, server_default="0"))
        table.add_column(sa.Column("courier_until", MOMENT))
        table.add_column(sa.Column("callback_error", sa.String(255)))
    op.drop_index("ix_analysis_status", "analysis")
    op.create_index("ix_analysis_status_created_date", "analysis", ["status", "created_date"])
    op.create_index("ix_analysis_idempotency_key", "analysis", ["idempotency_key"], unique=True)
    op.create_index("ix_analysis_courier_until", "analysis", ["courier_until"])
    op.create_table(
        "analysis_chunk",
        sa.Column("analysis_id", sa.String(36), primary_key=True),
        sa.Column("start_sample", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("end_sample", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("segments", LONG_TEXT, nullable=False),
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )


def downgrade() -> None:
    op.drop_table("analysis_chunk")
    op.drop_index("ix_analysis_courier_until", "analysis")
    op.drop_index("ix_analysis_idempotency_key", "analysis")
    op.drop_index("ix_analysis_status_created_date", "analysis")
    op.create_index("ix_analysis_status", "analysis", ["status"])
    with op.batch_alter_table("analysis") as table:
        for name in (
            "callback_error",
            "courier_until",
            "reported",
            "request_hash",
            "idempotency_key",
            "uploaded",
            "dispatched_at",
            "lease_until",
        ):
            table.drop_column(name)
        table.alter_column("attempts", existing_type=sa.Integer, existing_nullable=False, server_default=None)
        table.alter_column("progress", existing_type=sa.Integer, existing_nullable=False, server_default=None)
        table.alter_column("created_date", existing_type=MOMENT, existing_nullable=False, server_default=None)
        table.alter_column("id", existing_type=sa.String(36), existing_nullable=False, server_default=None)
