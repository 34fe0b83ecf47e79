"""The table ``analysis``. ``db.migrations`` builds it; a test keeps the two equal.

``user_id``, ``declaration``, ``audio_file``, ``content``, ``disdata``, ``mfcc``, ``reroll`` and
``created_date`` are the names the gateway's team knows; the other columns are ours.
"""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Integer, MetaData, String, Table

from db.column_types import LONG_BLOB, LONG_TEXT, UtcDateTime

metadata = MetaData()

analysis = Table(
    "analysis",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("user_id", String(255), nullable=False),
    Column("declaration", String(32), nullable=False),  # digits; a string because of leading zeros
    Column("audio_file", String(1024), nullable=False),
    Column("content", LONG_BLOB),  # transcript, UTF-8
    Column("disdata", Integer),  # predict1, grade of the text: 0, 1, 2
    Column("mfcc", Integer),  # predict2, grade of the voice: 0, 1, 2
    Column("reroll", Integer),
    Column("created_date", UtcDateTime, nullable=False),
    Column("finished_date", UtcDateTime),
    Column("status", String(16), nullable=False),
    Column("progress", Integer, nullable=False),  # 0, 25, 50, 75, 100
    Column("duration_s", Double),
    Column("callback_url", LONG_TEXT),
    Column("text_result", LONG_TEXT),  # JSON, see db.serialise
    Column("voice_result", LONG_TEXT),
    Column("warnings", LONG_TEXT),
    Column("error", LONG_TEXT),
    Column("text_version", String(128)),
    Column("voice_version", String(128)),
    Column("attempts", Integer, nullable=False),  # how often a runner has claimed the row
    Column("claim_token", String(36)),  # makes a retried claim recognise its own first try
    Index("ix_analysis_user_id_declaration", "user_id", "declaration"),
    Index("ix_analysis_created_date", "created_date"),
    Index("ix_analysis_status", "status"),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    # Exact comparison, as in SQLite: other collations hold "Kim" and "kim", or any two emoji, for one user.
    mariadb_collate="utf8mb4_nopad_bin",
)
