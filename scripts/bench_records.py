"""How fast the records answer: history pages, numbers, a reroll; ends with 1 when a median is over 50 ms.

``python -m scripts.bench_records --rows 1000000 [--database-url URL]``: loads made-up finished calls into a database
of its own (a temporary SQLite file, or a new database on the MariaDB server of URL, whose other databases are not
touched), asks every question 50 times, each time for somebody else, and drops what it made.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from core.errors import ConfigurationError, MoksoriError
from core.log import configure_logging
from core.records import HistoryFilter, Summary
from core.settings import Settings
from scripts.bench_rows import SINCE, SPAN_S, database, load
from service.records import Records
from service.reroll import Reroll
from wiring import build_models, build_services

MAX_S = 0.05
TIMES = 50
PAGE = 50
FIRST_NUMBER = "01000000000"
"""Reported in one of a hundred calls."""
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
            with database(options.database_url, folder) as url:
                return _bench(url, folder, options.rows)
    except MoksoriError as error:
        print(f"bench_records: {error.message}", file=sys.stderr)
        return 1


def _bench(url: str, folder: Path, rows: int) -> int:
    settings = Settings(database_url=url, data_dir=folder)
    services = build_services(settings)
    if services.records is None or services.reroll is None:
        raise ConfigurationError("the services were built without records")
    started = time.perf_counter()
    load(url, rows, build_models(settings).text.borrow())
    print(f"{rows} rows loaded in {time.perf_counter() - started:.0f} s")
    slow = False
    for name, question in _questions(services.records, services.reroll).items():
        taken_s = [_taken_s(question) for _ in range(TIMES)]
        median_s = statistics.median(taken_s)
        slow |= median_s > MAX_S
        print(f"{name:<36} median {1000 * median_s:7.1f} ms, worst {1000 * max(taken_s):7.1f} ms")
    return int(slow)


def _questions(records: Records, reroll: Reroll) -> dict[str, Question]:
    dice = random.Random(1)  # noqa: S311  (nothing secret)
    deep = records.page(HistoryFilter(until=_moment(0.2)), size=PAGE).end
    some = iter([_somebody(records, dice) for _ in range(4 * TIMES)])

    def by_grade() -> object:
        since = _moment(0.9 * dice.random())
        return records.page(HistoryFilter(grade=2, since=since, until=since + timedelta(days=31)), size=PAGE)

    def reroll_of_a_pair() -> object:
        one = next(some)
        return reroll.pair(one.user_id, one.declaration)

    somebody = _somebody(records, dice)
    reroll.pair(somebody.user_id, somebody.declaration)  # loads the model, which a server does once
    return {
        "history by user": lambda: records.page(HistoryFilter(user_id=next(some).user_id), size=PAGE),
        "history by number": lambda: records.page(HistoryFilter(declaration=next(some).declaration), size=PAGE),
        "history by grade and dates": by_grade,
        "history, unfiltered": lambda: records.page(HistoryFilter(), size=PAGE),
        "history, cursor four fifths down": lambda: records.page(HistoryFilter(), size=PAGE, after=deep),
        "history, page 200": lambda: records.page(HistoryFilter(), size=PAGE, number=200),
        "number": lambda: records.number(next(some).declaration),
        "number reported most": lambda: records.number(FIRST_NUMBER),
        "reroll of one pair": reroll_of_a_pair,
    }


def _somebody(records: Records, dice: random.Random) -> Summary:
    """Return any call: the last one before a moment."""
    return records.page(HistoryFilter(until=_moment(0.1 + 0.9 * dice.random())), size=1).items[0]


def _moment(share: float) -> datetime:
    return SINCE + timedelta(seconds=share * SPAN_S)


def _taken_s(question: Question) -> float:
    started = time.perf_counter()
    question()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
