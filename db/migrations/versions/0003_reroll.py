"""Which text model re-scored a row, and when.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def upgrade() -> None:
    with op.batch_alter_table("analysis") as table:
        table.add_column(sa.Column("reroll_version", sa.String(128)))
        table.add_column(sa.Column("reroll_date", MOMENT))


def downgrade() -> None:
    with op.batch_alter_table("analysis") as table:
        table.drop_column("reroll_date")
        table.drop_column("reroll_version")
