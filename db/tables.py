"""The tables. ``db.migrations`` builds them; a test keeps the two equal.

``user_id``, ``declaration``, ``audio_file``, ``content``, ``disdata``, ``mfcc``, ``reroll`` and
``created_date`` are the names the gateway's team knows; the other columns are ours.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Double, Index, Integer, MetaData, String, Table

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
    Column("reroll", Integer),  # grade of the text by a later model
    Column("reroll_version", String(128)),
    Column("reroll_date", UtcDateTime),
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
    Column("claim_token", String(36)),  # who holds the row: every write of a runner names it
    Column("lease_until", UtcDateTime),  # a running row may be claimed by another runner after this
    Column("dispatched_at", UtcDateTime),  # when a message was last sent to the queue
    Column("uploaded", Integer, nullable=False, server_default="0"),  # 1: the audio is our own copy
    Column("idempotency_key", String(255)),
    Column("request_hash", String(64)),  # SHA-256 of what came with the key
    Column("reported", Integer, nullable=False, server_default="0"),  # last percentage the callback receiver took
    Column("courier_until", UtcDateTime),  # finished, reports owed: another process may send them after this
    Column("callback_error", String(255)),
    Column("label", Integer),  # a person's verdict, the newest of analysis_label: 1 scam, 0 not
    Column("voice_label", Integer),  # likewise about the voice: 1 altered, 0 genuine
    Index("ix_analysis_history", "created_date", "id"),
    Index("ix_analysis_history_user", "user_id", "created_date", "id"),
    Index("ix_analysis_history_user_number", "user_id", "declaration", "created_date", "id"),
    Index("ix_analysis_history_grade", "disdata", "created_date", "id"),
    # Holds everything that is counted of a number, so that the rows themselves are not read.
    Index("ix_analysis_number", "declaration", "created_date", "id", "disdata", "label", "user_id"),
    Index("ix_analysis_status_created_date", "status", "created_date"),
    Index("ix_analysis_idempotency_key", "idempotency_key", unique=True),
    Index("ix_analysis_courier_until", "courier_until"),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    # Exact comparison, as in SQLite: other collations hold "Kim" and "kim", or any two emoji, for one user.
    mariadb_collate="utf8mb4_nopad_bin",
)

analysis_chunk = Table(
    "analysis_chunk",
    metadata,
    Column("analysis_id", String(36), primary_key=True),
    Column("start_sample", Integer, primary_key=True, autoincrement=False),
    Column("end_sample", Integer, primary_key=True, autoincrement=False),
    # JSON; gone when the analysis ends. Of the row that starts at -1: the score so far, see db.running.
    Column("segments", LONG_TEXT, nullable=False),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_nopad_bin",
)

analysis_label = Table(
    "analysis_label",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("analysis_id", String(36), nullable=False),
    Column("label", Integer, nullable=False),
    Column("note", LONG_TEXT),
    Column("labelled_by", String(255)),
    Column("created_date", UtcDateTime, nullable=False),
    Column("voice_label", Integer),
    Index("ix_analysis_label_analysis_id", "analysis_id", "created_date", "id"),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_nopad_bin",
)

official_number = Table(
    "official_number",
    metadata,
    Column("declaration", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("source", String(1024), nullable=False),
    Column("checked_date", Date, nullable=False),
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_nopad_bin",
)

model_update = Table(
    "model_update",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),  # queued, running, done, failed
    Column("options", LONG_TEXT, nullable=False),  # JSON; never whose calls
    Column("created_date", UtcDateTime, nullable=False),
    Column("started_date", UtcDateTime),
    Column("finished_date", UtcDateTime),
    Column("exit_code", Integer),
    Column("version", String(128)),
    Column("summary", LONG_TEXT),
    Column("report", LONG_TEXT),  # JSON: figures, no text of any call
    mariadb_engine="InnoDB",
    mariadb_charset="utf8mb4",
    mariadb_collate="utf8mb4_nopad_bin",
)
