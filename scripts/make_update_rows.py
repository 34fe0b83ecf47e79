"""Fill a database with made-up finished calls to try ``scripts.model_update`` on.

Texts are ours: turns of ``models/text/corpus`` put together anew (never of the frozen quarter), a few syllables
misheard, and with ``--new-kind`` calls about a scam that the corpus lacks (``models/training/examples``; every third
of them is kept back to judge by). Users, dates, grades and people's labels are drawn; ``--poison`` exchanges
labels. The same seed gives the same rows. Prints counts as JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, create_engine, insert

from core.errors import MoksoriError
from core.log import configure_logging
from core.settings import ROOT, Settings
from models.text.data import CORPUS, number_of
from models.text.noise import SttNoise
from models.training.frozen import is_frozen
from wiring import build_services

NEW_KIND = ROOT / "models" / "training" / "examples" / "new_kind.jsonl"
BATCH = 1000
LABELLED = 0.4
"""Share of the calls that a person has looked at."""
RIGHT = 0.9
"""Share of the stored grades that are right."""
MISHEARD = 0.06
"""Most syllables misheard in a call."""
NAMESPACE = uuid.UUID("6f1c9a52-3c0e-4b8e-9d5f-6b1f0f6f5f10")
Call = dict[str, Any]


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.make_update_rows",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--database-url", required=True, help="where to; never the database of a real service")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--new-kind", type=int, default=0, metavar="N", help="so many further rows of the new kind")
    parser.add_argument("--poison", type=float, default=0.0, metavar="SHARE", help="exchange this share of labels")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    configure_logging("WARNING")
    try:
        build_services(Settings(database_url=args.database_url))
    except MoksoriError as error:
        print(f"make_update_rows: {error.message}", file=sys.stderr)
        return 1
    print(json.dumps(fill(args.database_url, args.rows, new_kind=args.new_kind, poison=args.poison, seed=args.seed)))
    return 0


def fill(url: str, rows: int, *, new_kind: int = 0, poison: float = 0.0, seed: int = 1) -> dict[str, int]:
    """Insert the rows into a migrated database and return how many of each there are."""
    dice = random.Random(seed)  # noqa: S311  (nothing secret)
    known = [call for call in read(sorted(CORPUS.glob("*.jsonl"))) if not is_frozen(call["id"])]
    calls = [*mixed(known, rows, dice), *mixed(kinds()[0], new_kind, dice)]
    made = [as_row(label, text, poison, dice, f"{seed}-{number}") for number, (label, text) in enumerate(calls)]
    engine = create_engine(url)
    tables = MetaData()
    analysis, labels = (Table(name, tables, autoload_with=engine) for name in ("analysis", "analysis_label"))
    with engine.begin() as connection:
        for start in range(0, len(made), BATCH):
            part = made[start : start + BATCH]
            connection.execute(insert(analysis), part)
            given = [
                {
                    "id": str(uuid.uuid5(NAMESPACE, row["id"])),
                    "analysis_id": row["id"],
                    "label": row["label"],
                    "created_date": row["finished_date"],
                }
                for row in part
                if row["label"] is not None
            ]
            if given:
                connection.execute(insert(labels), given)
    engine.dispose()
    labelled = [row["label"] for row in made if row["label"] is not None]
    return {"rows": len(made), "labelled_scam": sum(labelled), "labelled_normal": len(labelled) - sum(labelled)}


def read(paths: Sequence[Path]) -> list[Call]:
    """Return the calls of JSON-lines files."""
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def kinds() -> tuple[list[Call], list[Call]]:
    """Return the calls of the new kind: those that rows are made of, and those kept back to judge by."""
    calls = read([NEW_KIND])
    back = [call for call in calls if number_of(call["id"]) % 3 == 0]
    return [call for call in calls if call not in back], back


def mixed(calls: Sequence[Call], number: int, dice: random.Random) -> Iterator[tuple[int, str]]:
    """Yield (label, text): most turns of one call, some of another with the same label, a little misheard."""
    by_label = {label: [call for call in calls if call["label"] == label] for label in (0, 1)}
    noise = SttNoise()
    for _ in range(number):
        label = int(dice.choice(calls)["label"])
        first, second = dice.choice(by_label[label]), dice.choice(by_label[label])
        turns = most_turns(first, dice)
        other = second["text"].split("\n")
        start = dice.randrange(len(other))
        turns += other[start : start + dice.randint(0, 3)]
        yield label, noise.apply("\n".join(turns), dice.uniform(0.0, MISHEARD), dice)


def most_turns(call: Call, dice: random.Random) -> list[str]:
    """Return the turns of a call without some of its beginning; what makes it a scam stays."""
    turns: list[str] = call["text"].split("\n")
    told = [int(turn) for turn in call.get("acts", {})]
    latest = min(told) if told else len(turns) // 4
    return turns[dice.randint(0, max(0, min(latest, len(turns) - 2))) :]


def as_row(label: int, text: str, poison: float, dice: random.Random, name: str) -> dict[str, Any]:
    """Return a finished call as it lies in the table."""
    created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(180 * 86_400))
    right = dice.random() < RIGHT
    looked_at = dice.random() < LABELLED
    user = min(dice.randrange(300), dice.randrange(300))
    return {
        "id": str(uuid.uuid5(NAMESPACE, name)),
        "user_id": f"user-{user}",
        "declaration": f"0100000{dice.randrange(10_000):04d}",
        "audio_file": f"site-{user % 4}/{name}.wav",
        "content": text.encode(),
        "disdata": 2 * label if right else dice.choice((2 - 2 * label, 1)),
        "mfcc": 0,
        "label": (1 - label if dice.random() < poison else label) if looked_at else None,
        "created_date": created.replace(tzinfo=None),
        "finished_date": (created + timedelta(minutes=2)).replace(tzinfo=None),
        "status": "done",
        "progress": 100,
        "attempts": 1,
    }


if __name__ == "__main__":
    sys.exit(main())
