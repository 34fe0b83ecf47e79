"""Let the active text or voice model learn from stored calls; the new version is promoted only if it is worse nowhere.

Reads transcripts and labels from the database (--kind voice: recordings, and what people said of the voice), learns,
calibrates, chooses borders, judges on the frozen set and on held-out calls, and writes a new version with its report;
no version is ever overwritten. Prints one line.

Exit code 0: promoted (with --dry-run: would be); 1: a dependency failed; 2: bad arguments; 3: kept as candidate, the
line says why; 4: too little new data; 5: another update is running; 6: the active model cannot be updated.
May be killed at any time: the active version is then the old one or the new one, and nothing is left locked.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from core.errors import InvalidRequest, MoksoriError
from core.evidence import RowFilter
from core.log import configure_logging
from core.settings import Settings
from service.model_updates import Progress
from service.update_wanted import FAILED, KINDS, NOT_POSSIBLE, Done, Wanted, check, from_json, not_installed
from wiring.updates import build_model_updates

QUIET_S = 10.0
"""Seconds between two log lines about progress where there is no terminal."""
log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    args = _parse(argv)
    wanted = from_json(json.load(sys.stdin)) if args.run else _wanted(args)
    try:
        settings = Settings.from_env()
        configure_logging(settings.log_level)
        updates, recorded, store = build_model_updates(settings, wanted.kind)
        with closing(store):
            id = recorded.add(wanted, args.run).id
            with _progress() as progress:
                done = recorded.run(id, lambda: updates.run(wanted, progress=progress))
    except MoksoriError as error:
        done = Done(FAILED, error.message)
    except ModuleNotFoundError as error:
        done = not_installed(error)
    print(f"model_update: {done.summary}", file=sys.stderr if done.code in {FAILED, NOT_POSSIBLE} else sys.stdout)
    if args.json:
        print(json.dumps(done.report, ensure_ascii=False, indent=2))
    return done.code


@contextmanager
def _progress() -> Iterator[Progress]:
    """Give what shows progress: a bar for each stage on a terminal, log lines elsewhere."""
    if not sys.stderr.isatty():
        yield _tell()
        return
    with ExitStack() as stages:
        bars: dict[str, tqdm] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in bars:
                stages.close()  # the stage before has ended
                bars[stage] = stages.enter_context(tqdm(desc=stage, total=total, file=sys.stderr))
            bars[stage].update(done - bars[stage].n)

        yield show


def _tell() -> Progress:
    told = dict[str, float]()

    def tell(stage: str, done: int, total: int | None) -> None:
        if time.monotonic() - told.get(stage, -QUIET_S) >= QUIET_S or done == total:
            told[stage] = time.monotonic()
            log.info("%s: %d of %s", stage, done, "?" if total is None else total)

    return tell


def _wanted(args: argparse.Namespace) -> Wanted:
    chosen = RowFilter(args.user_id, args.since, args.until, args.source)
    return Wanted(chosen, args.line, args.plain, args.data, args.dry_run, args.min_new, args.kind)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.model_update", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=KINDS, default="text", help="which model (default: text)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="base folder that is learned from as well: text/*.csv, or for voices what scripts.make_attacks filled",
    )
    parser.add_argument("--plain", action="store_true", help="all rows, disdata as label: how earlier systems did it")
    parser.add_argument("--dry-run", action="store_true", help="do everything but write a version")
    parser.add_argument("--min-new", type=int, metavar="N", help="fewer new labels end with 4 (default: the setting)")
    parser.add_argument("--json", action="store_true", help="print the figures, too")
    some = parser.add_argument_group("some calls only")
    some.add_argument("--user-id", help="of this user")
    some.add_argument("--since", type=_moment, metavar="DATE", help="created on this day or later (UTC)")
    some.add_argument("--until", type=_moment, metavar="DATE", help="created before this day (UTC)")
    some.add_argument("--source", metavar="FOLDER", help="whose audio_file begins so: the folder of a site")
    some.add_argument("--line", default="default", help="named line of versions that the new one belongs to")
    parser.add_argument("--run", metavar="ID", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.data is not None and not any(args.data.glob("text/*.csv" if args.kind == "text" else "manifest.csv")):
        parser.error("--data holds no text/*.csv" if args.kind == "text" else "--data holds no clips' manifest")
    try:
        check(_wanted(args))
    except InvalidRequest as error:
        parser.error(error.message)
    return args


def _moment(raw: str) -> datetime:
    try:
        found = datetime.fromisoformat(raw)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date or time such as 2026-03-01") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


if __name__ == "__main__":
    sys.exit(main())
