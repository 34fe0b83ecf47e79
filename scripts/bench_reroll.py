"""How fast stored transcripts are scored again, and in how much memory; ends with 1 when the memory grows.

``python -m scripts.bench_reroll --rows 10000 [--database-url URL]``: loads made-up finished calls as
``scripts.bench_records`` does, scores all of them with the active text model in one pass, and drops what it made.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from core.errors import MoksoriError
from core.log import configure_logging
from core.settings import Settings
from scripts.bench_rows import database, load
from wiring import build_models, build_reroll

MAX_GROWTH_MB = 20.0
WARM = 0.2
"""Share of the rows after which everything is loaded and every buffer has its size."""


def main(argv: list[str] | None = None) -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench_reroll", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--database-url", help="mariadb+mariadbconnector://user:pass@host; default: temporary SQLite")
    options = parser.parse_args(argv)
    configure_logging("WARNING")
    try:
        with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
            folder = Path(name)
            with database(options.database_url, folder) as url:
                return _bench(Settings(database_url=url, data_dir=folder), options.rows)
    except MoksoriError as error:
        print(f"bench_reroll: {error.message}", file=sys.stderr)
        return 1


def _bench(settings: Settings, rows: int) -> int:
    models, resident_mb = build_models(settings), list[float]()
    with closing(build_reroll(settings)) as reroll:  # makes the tables
        load(settings.database_url, rows, models.text.borrow())
        done = reroll.outdated(limit=None, report=lambda *_: resident_mb.append(_resident_mb()))
    warm_mb, most_mb = resident_mb[int(WARM * len(resident_mb))], max(resident_mb)
    print(f"{done.rescored} of {done.found} transcripts in {done.seconds:.1f} s: {done.rows_per_s:.0f} a second")
    print(f"resident {warm_mb:.0f} MB after {WARM:.0%} of them, at most {most_mb:.0f} MB")
    return 0 if done.rescored == rows and most_mb - warm_mb <= MAX_GROWTH_MB else 1


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    sys.exit(main())
