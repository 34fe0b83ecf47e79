"""What people found out about a voice: altered or genuine, beside their verdict about the scam.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("analysis", "analysis_label"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("voice_label", sa.Integer))


def downgrade() -> None:
    for name in ("analysis_label", "analysis"):
        with op.batch_alter_table(name) as table:
            table.drop_column("voice_label")
