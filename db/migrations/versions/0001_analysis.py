"""The analysis table."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MARIADB = ("mysql", "mariadb")


def upgrade() -> None:
    """Create the table as version 0.1.0 knows it."""
    blob = sa.LargeBinary().with_variant(mysql.LONGBLOB(), *MARIADB)
    json = sa.Text().with_variant(mysql.LONGTEXT(), *MARIADB)
    moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), *MARIADB)
    op.create_table(
        "analysis",
        sa.Column("id", sa.String(36), primary_key=True, comment="UUID"),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("declaration", sa.String(32), nullable=False, comment="reported number, digits only"),
        sa.Column("audio_file", sa.String(1024), nullable=False),
        sa.Column("content", blob, comment="transcript, UTF-8"),
        sa.Column("disdata", sa.SmallInteger, comment="predict1"),
        sa.Column("mfcc", sa.SmallInteger, comment="predict2"),
        sa.Column("reroll", sa.SmallInteger),
        sa.Column("created_date", moment, nullable=False, comment="UTC"),
        sa.Column("finished_date", moment, comment="UTC"),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("progress", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("duration_s", sa.Double),
        sa.Column("callback_url", sa.String(1024)),
        sa.Column("text_version", sa.String(64)),
        sa.Column("voice_version", sa.String(64)),
        sa.Column("text_result", json),
        sa.Column("voice_result", json),
        sa.Column("warnings", json),
        sa.Column("error", json),
        mariadb_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_analysis_user_declaration", "analysis", ["user_id", "declaration"])
    op.create_index("ix_analysis_created_date", "analysis", ["created_date"])
    op.create_index("ix_analysis_status", "analysis", ["status"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("analysis")
