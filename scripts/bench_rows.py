"""A database of its own full of made-up finished calls, for ``scripts.bench_records`` and ``scripts.bench_reroll``.

Transcripts are those of our own corpus, with what the active text model says of them; users, numbers and
times are drawn. The texts are sent once: the database itself multiplies them, which is ten times as fast as
sending a million.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    case,
    cast,
    create_engine,
    func,
    insert,
    literal,
    make_url,
    select,
    text,
)
from tqdm import tqdm

from core.errors import ConfigurationError
from core.types import Segment
from models.protocols import TextModel
from models.text.data import CORPUS
from pipeline.text import score_text

EVERY = 8
"""Every eighth call of the corpus: 190, of which each length occurs."""
DRAWS = 10_000
"""Rows of one transaction; what is drawn for them is shifted for the next ones."""
SINCE, SPAN_S = datetime(2024, 1, 1, tzinfo=UTC), 730 * 86_400
EARLIER = "made-up"
"""Name of the text model that seems to have graded the rows."""
_ONE = 2**20
_WITHOUT_LIMIT = {"read_timeout": 86_400}


@contextmanager
def database(url: str | None, folder: Path) -> Iterator[str]:
    """Make a database and drop it in the end: a new one on the MariaDB server of ``url``, else a file in ``folder``.

    Raises:
        ConfigurationError: for the URL of a SQLite file: what lies there is not loaded into.
    """
    if url is None:
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    server = make_url(url)
    if server.get_backend_name() == "sqlite":
        raise ConfigurationError("SQLite is measured in a temporary file: leave --database-url out")
    name = f"moksori_bench_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server)
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        engine.dispose()


def load(url: str, rows: int, model: TextModel) -> None:
    """Fill the empty table of a migrated database; indexes are built afterwards, in one pass where possible."""
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, connect_args={} if is_sqlite else _WITHOUT_LIMIT)
    table = Table("analysis", MetaData(), autoload_with=engine)
    with engine.connect() as connection:
        for index in table.indexes:
            index.drop(connection)
        call, draw = _helpers(connection, table, model, rows)
        connection.commit()
        for start in tqdm(range(0, rows, DRAWS), unit="batch", file=sys.stderr, disable=None):
            values = _values(call, draw, start, rows)
            made = select(*values.values()).join_from(draw, call, call.c.n == draw.c.call)
            made = made.where(draw.c.n < rows - start).order_by(draw.c.n)
            connection.execute(insert(table).from_select(list(values), made, include_defaults=False))
            connection.commit()
        if is_sqlite:
            for index in table.indexes:
                index.create(connection)
        else:
            added = [
                f"ADD {'UNIQUE ' * bool(index.unique)}INDEX {index.name} ({', '.join(index.columns.keys())})"
                for index in table.indexes
            ]
            connection.execute(text(f"ALTER TABLE analysis {', '.join(added)}"))
        connection.commit()
    engine.dispose()


def _helpers(connection: Connection, table: Table, model: TextModel, rows: int) -> tuple[Table, Table]:
    """Return the calls that are multiplied, and what is drawn for the rows of one transaction."""
    dice, helpers = random.Random(0), MetaData()  # noqa: S311  (nothing secret)
    first, second = (Column("n", Integer, primary_key=True, autoincrement=False) for _ in range(2))
    texts = [Column("content", table.c.content.type), Column("text_result", table.c.text_result.type)]
    call = Table("bench_call", helpers, first, *texts, Column("grade", Integer))
    drawn = [Column("call", Integer), Column("user", Integer), Column("share", Integer), Column("label", Integer)]
    draw = Table("bench_draw", helpers, second, Column("moment", String(32)), Column("tail", String(32)), *drawn)
    helpers.create_all(connection)
    calls = list(_calls(model))
    connection.execute(insert(call), calls)
    connection.execute(
        insert(draw),
        [
            {
                "n": n,
                "moment": str((SINCE + timedelta(seconds=dice.random() * SPAN_S)).replace(tzinfo=None, microsecond=0)),
                "tail": str(uuid.UUID(int=dice.getrandbits(128), version=4))[8:],
                "call": dice.randrange(len(calls)),
                "user": dice.randrange(_users(rows)),
                "share": dice.randrange(_ONE),
                "label": dice.choices((None, 0, 1), (95, 2, 3))[0],
            }
            for n in range(min(DRAWS, rows))
        ],
    )
    return call, draw


def _calls(model: TextModel) -> Iterator[dict[str, Any]]:
    lines = [line for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    for n, line in enumerate(lines[::EVERY]):
        transcript = json.loads(line)["text"]
        result = score_text([Segment(0.0, 60.0, transcript)], model)
        stored = json.dumps(asdict(result), ensure_ascii=False)
        yield {"n": n, "content": transcript.encode(), "text_result": stored, "grade": result.grade}


def _values(call: Table, draw: Table, start: int, rows: int) -> dict[str, ColumnElement[Any]]:
    """Return the columns of the rows from ``start`` on; few numbers are reported often, the first in 1 % of calls."""
    n = literal(start) + draw.c.n
    share = (draw.c.share + start * 7_919) % _ONE
    rank = case((draw.c.share < _ONE // 100, 0), else_=share * share * max(1, rows // 3) // literal(_ONE**2))
    moment = draw.c.moment + "." + _padded(n * 104_729 % 1_000_000, 6)
    return {
        "id": _padded(n, 8) + draw.c.tail,
        "user_id": "user-" + cast((draw.c.user + start * 7_919) % _users(rows), String(32)),
        "declaration": "010" + _padded(rank, 8),
        "audio_file": "upload:" + _padded(n, 8) + ".m4a",
        "content": call.c.content,
        "text_result": call.c.text_result,
        "disdata": call.c.grade,
        "mfcc": case((call.c.grade.is_not(None), 0)),
        "text_version": literal(EARLIER),
        "label": draw.c.label,
        "created_date": moment,
        "finished_date": moment,
        "duration_s": literal(60.0),
        "status": literal("done"),
        "progress": literal(100),
        "attempts": literal(1),
    }


def _padded(number: ColumnElement[Any], digits: int) -> ColumnElement[str]:
    return func.substr("0" * digits + cast(number, String(32)), -digits, type_=String)


def _users(rows: int) -> int:
    return max(1, rows // 20)
