"""Erase stored calls: those older than so many days, or those of one user.

Goes: rows, chunk transcripts, labels, kept wav files and uploads. Stays: the gateway's own recordings. Prints
counts as JSON. May be stopped at any time: what is erased is erased, and the next run goes on with the rest.
Exit code 0: done (also when there was nothing); 1: the database is away, or another failure; 2: bad arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from dataclasses import asdict

from tqdm import tqdm

from core.errors import InvalidRequest, MoksoriError
from core.log import configure_logging
from core.settings import Settings
from service.purge import Erased, Purge
from wiring import build_purge


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    args = _parse(argv)
    try:
        settings = Settings.from_env()
        configure_logging("WARNING")
        with closing(build_purge(settings)) as service:
            counts = _run(service, args)
    except MoksoriError as error:
        print(f"purge: {error.message}", file=sys.stderr)
        return 2 if isinstance(error, InvalidRequest) else 1
    print(json.dumps({"dry_run": args.dry_run, **asdict(counts)}))
    return 0


def _run(service: Purge, args: argparse.Namespace) -> Erased:
    doomed = service.doomed(older_than_days=args.older_than, user_id=args.user)
    counts = service.count(doomed)
    if args.dry_run:
        return counts
    with tqdm(total=counts.analyses, unit="call", file=sys.stderr, disable=None) as bar:  # None: only on a terminal
        return service.erase(doomed, report=bar.update)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.purge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--older-than", type=_days, metavar="DAYS", help="calls created more than so many days ago")
    which.add_argument("--user", type=_user_id, metavar="USER_ID", help="every call of exactly this user")
    parser.add_argument("--dry-run", action="store_true", help="only count")
    return parser.parse_args(argv)


def _user_id(raw: str) -> str:
    if not raw.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return raw


def _days(raw: str) -> int:
    if not (raw.isascii() and raw.isdecimal()) or int(raw[:10]) == 0 or len(raw) > 9:
        raise argparse.ArgumentTypeError("must be a whole number of days above 0")
    return int(raw)


if __name__ == "__main__":
    sys.exit(main())
