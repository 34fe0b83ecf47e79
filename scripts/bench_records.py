"""How fast history pages and numbers are found; ends with 1 when a median is over 50 ms.

``python -m scripts.bench_records --rows 1000000 [--database-url URL]``: loads made-up finished calls into a database
of its own (a temporary SQLite file, or a new database on the MariaDB server of URL, whose other databases are not
touched), asks every question 50 times, each time for somebody else, and drops what it made.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, insert, make_url, text
from tqdm import tqdm

from core.errors import ConfigurationError, MoksoriError
from core.log import configure_logging
from core.records import HistoryFilter
from core.settings import Settings
from service.records import Records
from wiring import build_services

MAX_S = 0.05
TIMES = 50
BATCH = 10_000
PAGE = 50
SINCE, SPAN_S = datetime(2024, 1, 1, tzinfo=UTC), 730 * 86_400
WORDS = ("안녕하세요", "고객님", "계좌", "대출", "확인", "부탁드립니다", "오늘", "감사합니다", "검찰청", "택배")
SENTENCE = {"start_s": 0.0, "end_s": 60.0, "score": 0.1, "flagged": False}
Question = Callable[[], object]


def main(argv: list[str] | None = None) -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench_records",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database-url", help="mariadb+mariadbconnector://user:pass@host; default: temporary SQLite")
    options = parser.parse_args(argv)
    configure_logging("WARNING")
    try:
        with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
            folder = Path(name)
            with _database(options.database_url, folder) as url:
                return _bench(url, folder, options.rows)
    except MoksoriError as error:
        print(f"bench_records: {error.message}", file=sys.stderr)
        return 1


def _bench(url: str, folder: Path, rows: int) -> int:
    records = build_services(Settings(database_url=url, data_dir=folder)).records
    if records is None:
        raise ConfigurationError("the services were built without records")
    started = time.perf_counter()
    load(url, rows)
    print(f"{rows} rows loaded in {time.perf_counter() - started:.0f} s")
    slow = False
    for name, question in _questions(records, rows).items():
        taken_s = [_taken_s(question) for _ in range(TIMES)]
        median_s = statistics.median(taken_s)
        slow |= median_s > MAX_S
        print(f"{name:<36} median {1000 * median_s:7.1f} ms, worst {1000 * max(taken_s):7.1f} ms")
    return int(slow)


def _questions(records: Records, rows: int) -> dict[str, Question]:
    dice = random.Random(1)  # noqa: S311  (nothing secret)
    deep = records.page(HistoryFilter(until=SINCE + timedelta(seconds=0.2 * SPAN_S)), size=PAGE).end

    def by_grade() -> object:
        since = SINCE + timedelta(seconds=dice.random() * 0.9 * SPAN_S)
        return records.page(HistoryFilter(grade=2, since=since, until=since + timedelta(days=31)), size=PAGE)

    return {
        "history by user": lambda: records.page(HistoryFilter(user_id=_user(dice, rows)), size=PAGE),
        "history by number": lambda: records.page(HistoryFilter(declaration=_number(dice, rows)), size=PAGE),
        "history by grade and dates": by_grade,
        "history, unfiltered": lambda: records.page(HistoryFilter(), size=PAGE),
        "history, cursor four fifths down": lambda: records.page(HistoryFilter(), size=PAGE, after=deep),
        "history, page 200": lambda: records.page(HistoryFilter(), size=PAGE, number=200),
        "number": lambda: records.number(_number(dice, rows)),
        "number reported most": lambda: records.number(_as_number(0)),
    }


def load(url: str, rows: int) -> None:
    """Insert made-up calls; indexes are built afterwards, which is several times as fast."""
    engine = create_engine(url)
    table = Table("analysis", MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        for index in table.indexes:
            index.drop(connection)
        made = _rows(rows)
        with tqdm(total=rows, unit="row", unit_scale=True, file=sys.stderr, disable=None) as bar:
            while batch := list(islice(made, BATCH)):
                connection.execute(insert(table), batch)
                bar.update(len(batch))
        for index in tqdm(sorted(table.indexes, key=lambda index: str(index.name)), unit="index", disable=None):
            index.create(connection)
    engine.dispose()


def _rows(rows: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(0)  # noqa: S311  (nothing secret)
    for _ in range(rows):
        created = SINCE.replace(tzinfo=None) + timedelta(seconds=dice.random() * SPAN_S)
        transcript = " ".join(dice.choices(WORDS, k=60))
        grade = dice.choices((0, 1, 2, None), (80, 10, 6, 4))[0]
        yield {
            "id": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
            "user_id": _user(dice, rows),
            "declaration": _number(dice, rows),
            "audio_file": f"upload:{dice.getrandbits(32):08x}.m4a",
            "content": transcript.encode(),
            "text_result": json.dumps({"score": dice.random(), "sentences": [{**SENTENCE, "text": transcript}]}),
            "disdata": grade,
            "mfcc": None if grade is None else 0,
            "label": dice.choices((None, 0, 1), (95, 2, 3))[0],
            "created_date": created,
            "finished_date": created + timedelta(seconds=30),
            "status": "done",
            "progress": 100,
            "attempts": 1,
            "uploaded": 0,
            "reported": 0,
            "duration_s": 60.0,
        }


def _user(dice: random.Random, rows: int) -> str:
    return f"user-{dice.randrange(max(1, rows // 20))}"


def _number(dice: random.Random, rows: int) -> str:
    """Return a number; few are reported often, the first in one of a hundred calls."""
    return _as_number(0 if dice.random() < 0.01 else int(rows / 3 * dice.random() ** 2))


def _as_number(rank: int) -> str:
    return f"010{rank:08d}"


def _taken_s(question: Question) -> float:
    started = time.perf_counter()
    question()
    return time.perf_counter() - started


@contextmanager
def _database(url: str | None, folder: Path) -> Iterator[str]:
    """Make a database and drop it in the end."""
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


if __name__ == "__main__":
    sys.exit(main())
