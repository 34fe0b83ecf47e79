"""Score stored transcripts again: the calls of one user about one number, or all by an outdated text model.

Prints JSON. ``--outdated`` may be stopped at any time: the next run goes on with what is left.
Exit code 0: done (also when nothing is outdated); 1: nothing found, nothing could be scored, or a dependency
failed; 2: bad arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
import uuid
from contextlib import closing
from dataclasses import asdict
from typing import Any

from tqdm import tqdm

from core.errors import InvalidRequest, MoksoriError
from core.log import configure_logging
from core.settings import Settings
from service.declaration import normalise_declaration
from service.reroll import Reroll
from wiring import build_reroll


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    args = _parse(argv)
    try:
        settings = Settings.from_env()
        configure_logging("WARNING")
        with closing(build_reroll(settings)) as service:
            answer, code = _outdated(service, args.limit) if args.outdated else _pair(service, args)
    except MoksoriError as error:
        print(f"reroll: {error.message}", file=sys.stderr)
        return 2 if isinstance(error, InvalidRequest) else 1
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return code


def _pair(service: Reroll, args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    answer = service.pair(args.user_id, args.declaration, id=args.id, model_version=args.model_version)
    return asdict(answer), 0 if any(item.new for item in answer.items) else 1


def _outdated(service: Reroll, limit: int | None) -> tuple[dict[str, Any], int]:
    with tqdm(unit="call", file=sys.stderr, disable=None) as bar:  # None: only on a terminal

        def report(done: int, total: int) -> None:
            bar.total = total if limit is None else min(total, limit)
            bar.update(done - bar.n)

        return asdict(service.outdated(limit=limit, report=report)), 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.reroll", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pair = parser.add_argument_group("calls of one user about one number")
    pair.add_argument("--user-id", type=_user_id)
    pair.add_argument("--declaration", type=_declaration, help="reported number, in any notation")
    pair.add_argument("--id", type=_uuid, help="only this analysis")
    pair.add_argument("--model-version", help="text model version (default: the active one)")
    every = parser.add_argument_group("calls of everybody")
    every.add_argument("--outdated", action="store_true", help="every call that the active text model did not grade")
    every.add_argument("--limit", type=_positive, help="stop after this many grades")
    args = parser.parse_args(argv)
    if args.outdated and any((args.user_id, args.declaration, args.id, args.model_version)):
        parser.error("--outdated goes with --limit only")
    if not args.outdated and args.limit:
        parser.error("--limit goes with --outdated only")
    if not args.outdated and not (args.user_id and args.declaration):
        parser.error("give both --user-id and --declaration, or --outdated")
    return args


def _user_id(raw: str) -> str:
    text = unicodedata.normalize("NFC", raw).strip()
    if not text:
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _declaration(raw: str) -> str:
    try:
        return normalise_declaration(raw)
    except InvalidRequest as error:
        raise argparse.ArgumentTypeError(error.message) from None


def _uuid(raw: str) -> str:
    try:
        return str(uuid.UUID(raw))
    except ValueError:
        raise argparse.ArgumentTypeError("the id of an analysis is a UUID") from None


def _positive(raw: str) -> int:
    if not raw.isdecimal() or int(raw) == 0:
        raise argparse.ArgumentTypeError("must be a whole number above 0")
    return int(raw)


if __name__ == "__main__":
    sys.exit(main())
