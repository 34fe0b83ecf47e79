"""Runs of model updates, with what they found.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    op.create_table(
        "model_update",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("options", LONG_TEXT, nullable=False),
        sa.Column("created_date", MOMENT, nullable=False),
        sa.Column("started_date", MOMENT),
        sa.Column("finished_date", MOMENT),
        sa.Column("exit_code", sa.Integer),
        sa.Column("version", sa.String(128)),
        sa.Column("summary", LONG_TEXT),
        sa.Column("report", LONG_TEXT),
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )


def downgrade() -> None:
    op.drop_table("model_update")
