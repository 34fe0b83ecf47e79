"""The table, with the column names the gateway's team knows and our own beside them.

Dates are stored in UTC without zone; JSON is stored as text, so that one type serves both databases.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql

MARIADB = ("mysql", "mariadb")
_blob = LargeBinary().with_variant(mysql.LONGBLOB(), *MARIADB)
_json = Text().with_variant(mysql.LONGTEXT(), *MARIADB)
_moment = DateTime().with_variant(mysql.DATETIME(fsp=6), *MARIADB)

metadata = MetaData()

analysis = Table(
    "analysis",
    metadata,
    Column("id", String(36), primary_key=True, comment="UUID"),
    Column("user_id", String(64), nullable=False),
    Column("declaration", String(32), nullable=False, comment="reported number, digits only"),
    Column("audio_file", String(1024), nullable=False),
    Column("content", _blob, comment="transcript, UTF-8"),
    Column("disdata", SmallInteger, comment="predict1"),
    Column("mfcc", SmallInteger, comment="predict2"),
    Column("reroll", SmallInteger),
    Column("created_date", _moment, nullable=False, comment="UTC"),
    Column("finished_date", _moment, comment="UTC"),
    Column("status", String(16), nullable=False),
    Column("progress", SmallInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("duration_s", Double),
    Column("callback_url", String(1024)),
    Column("text_version", String(64)),
    Column("voice_version", String(64)),
    Column("text_result", _json),
    Column("voice_result", _json),
    Column("warnings", _json),
    Column("error", _json),
    Index("ix_analysis_user_declaration", "user_id", "declaration"),
    Index("ix_analysis_created_date", "created_date"),
    Index("ix_analysis_status", "status"),
    mariadb_charset="utf8mb4",
    mariadb_engine="InnoDB",
    mysql_charset="utf8mb4",
    mysql_engine="InnoDB",
)
