"""The table analysis: made, or taken over from an earlier system.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from db.migrations import adopt
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
LONG_BLOB = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
INDEXES = {
    "ix_analysis_user_id_declaration": ["user_id", "declaration"],
    "ix_analysis_created_date": ["created_date"],
    "ix_analysis_status": ["status"],
}


def upgrade() -> None:
    earlier = adopt.find(op.get_bind())
    if earlier is None:
        create("analysis")
    elif not adopt.is_ours(earlier):
        adopt.take_over(op.get_bind(), earlier, create)
    adopt.tidy(op.get_bind())
    for name, columns in INDEXES.items():
        op.create_index(name, "analysis", columns, if_not_exists=True)


def create(name: str, *more: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_id", sa.String(255), nullable=False),
        sa.Column("declaration", sa.String(32), nullable=False),
        sa.Column("audio_file", sa.String(1024), nullable=False),
        sa.Column("content", LONG_BLOB),
        sa.Column("disdata", sa.Integer),
        sa.Column("mfcc", sa.Integer),
        sa.Column("reroll", sa.Integer),
        sa.Column("created_date", MOMENT, nullable=False),
        sa.Column("finished_date", MOMENT),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Double),
        sa.Column("callback_url", LONG_TEXT),
        sa.Column("text_result", LONG_TEXT),
        sa.Column("voice_result", LONG_TEXT),
        sa.Column("warnings", LONG_TEXT),
        sa.Column("error", LONG_TEXT),
        sa.Column("text_version", sa.String(128)),
        sa.Column("voice_version", sa.String(128)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim_token", sa.String(36)),
        *more,
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )


def downgrade() -> None:
    op.drop_table("analysis")
