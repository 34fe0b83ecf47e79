"""History, labels and numbers: indexes for their questions, a person's label, official numbers.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
NEWEST = ["created_date", "id"]
INDEXES = {
    "ix_analysis_history": NEWEST,
    "ix_analysis_history_user": ["user_id", *NEWEST],
    "ix_analysis_history_user_number": ["user_id", "declaration", *NEWEST],
    "ix_analysis_history_grade": ["disdata", *NEWEST],
    "ix_analysis_number": ["declaration", *NEWEST, "disdata", "label", "user_id"],
}


def upgrade() -> None:
    with op.batch_alter_table("analysis") as table:
        table.add_column(sa.Column("label", sa.Integer))
    for name, columns in INDEXES.items():
        op.create_index(name, "analysis", columns)
    # Each is the beginning of a new one.
    op.drop_index("ix_analysis_user_id_declaration", "analysis")
    op.drop_index("ix_analysis_created_date", "analysis")
    op.create_table(
        "analysis_label",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("analysis_id", sa.String(36), nullable=False),
        sa.Column("label", sa.Integer, nullable=False),
        sa.Column("note", LONG_TEXT),
        sa.Column("labelled_by", sa.String(255)),
        sa.Column("created_date", MOMENT, nullable=False),
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )
    op.create_index("ix_analysis_label_analysis_id", "analysis_label", ["analysis_id", *NEWEST])
    op.create_table(
        "official_number",
        sa.Column("declaration", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("source", sa.String(1024), nullable=False),
        sa.Column("checked_date", sa.Date, nullable=False),
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_nopad_bin",
    )


def downgrade() -> None:
    op.drop_table("official_number")
    op.drop_table("analysis_label")
    op.create_index("ix_analysis_created_date", "analysis", ["created_date"])
    op.create_index("ix_analysis_user_id_declaration", "analysis", ["user_id", "declaration"])
    for name in INDEXES:
        op.drop_index(name, "analysis")
    with op.batch_alter_table("analysis") as table:
        table.drop_column("label")
