"""What the stored calls teach: rows of the database on their way into a spool."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.evidence import RowFilter, StoredRow
from db.transcripts import decode_transcript
from models.protocols import TextModel
from models.text.data import SHORTEST, Call
from models.text.normalise import normalise
from models.training.evidence import DISDATA, PERSON, REHEARSAL, TRAIN, Example, is_far, part_of, taught
from models.training.frozen import Guard
from models.training.outcome import exchanged
from models.training.spool import Spool
from service.paging import each

PAGE = 500
RECENT = 1000
"""Calls drawn to look for drift."""
BASE = "data"
CAP = 300.0
"""Most calls one (source, label) of a base data folder may count for, so that none drowns the stored calls."""
REHEARSED = 0.5
"""Least weight of all that is rehearsed against all that is learned from: much evidence must not drown it."""
CONTRADICTED, FEWEST_REPEATED = 0.5, 5
MOST_ASKED = 500
"""Calls of each label that the active model is asked about."""


class Rows(Protocol):
    """Finished rows; see ``db.training_rows``."""

    def page(self, wanted: RowFilter, *, after: str, limit: int) -> list[StoredRow]:
        """Return the next rows by id."""
        ...

    def count(self, wanted: RowFilter) -> int:
        """Return how many there are."""
        ...


@dataclass(slots=True)
class Gathered:
    """Counts of a reading, and texts drawn evenly from the calls that are new."""

    rows: int = 0
    unreadable: int = 0
    unused: int = 0
    used: Counter[str] = field(default_factory=Counter)
    fresh: int = 0
    repeated: int = 0
    contradicting: int = 0
    asked: Counter[int] = field(default_factory=Counter)
    denied: Counter[int] = field(default_factory=Counter)
    usual: tuple[float, float] = (0.0, 0.0)
    """Shares of normal and scam calls of the frozen set about which the active model is certain and wrong."""
    recent: list[str] = field(default_factory=list)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Say when people's labels contradict the frozen set about the very same calls, or look exchanged."""
        found = []
        if self.repeated >= FEWEST_REPEATED and self.contradicting > CONTRADICTED * self.repeated:
            contradicting = f"{self.contradicting} of {self.repeated} labels"
            found.append(f"{contradicting} contradict the frozen set about the same calls")
        asked = [self.asked[label] for label in (0, 1)]
        shares = [self.denied[label] / max(1, number) for label, number in enumerate(asked)]
        return (*found, *exchanged("text", min(asked), shares, self.usual))


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are read: by which model and filter, what is new, and in which way labels are taken."""

    model: TextModel
    wanted: RowFilter
    guard: Guard
    since: datetime | None = None
    plain: bool = False


def gather(rows: Rows, reading: Reading, spool: Spool, *, progress: Callable[[int], None]) -> Gathered:
    """Read every row that is wanted, page by page, into ``spool``; ``progress`` hears how many are read.

    Calls that repeat one of the frozen set are counted and left out.
    """
    found, seen = Gathered(), 0
    dice = random.Random(0)  # noqa: S311  (a sample, not a secret)
    for row in each(lambda after: rows.page(reading.wanted, after=after, limit=PAGE)):
        found.rows += 1
        raw = None if row.content is None else decode_transcript(row.content)
        text = normalise(raw or "")
        if len(text) < SHORTEST:
            found.unreadable += 1
        else:
            new = reading.since is None or max(row.created_date, row.labelled_date or row.created_date) > reading.since
            if new:
                seen += 1
                _draw(found.recent, text, seen, dice)
            _take(row, text, reading, spool, found, new=new)
        if found.rows % PAGE == 0:
            progress(found.rows)
    progress(found.rows)
    return found


def rehearse(calls: Iterable[Call], spool: Spool) -> None:
    """Add calls of our own corpus, so that the model does not forget them; last, their weight follows the rest."""
    kept = list(calls)
    weight = max(1.0, REHEARSED * spool.mass / max(1, len(kept)))
    for call in kept:
        spool.add(Example(call.id, call.text, call.label, weight, REHEARSAL))


def add_base(calls: Iterable[Call], spool: Spool, guard: Guard) -> int:
    """Add the calls of a base data folder, no source above ``CAP``; return how many there were."""
    kept = [call for call in calls if guard.repeated(call.text) is None]
    sizes = Counter((call.source, call.label) for call in kept)
    for call in kept:
        weight = min(1.0, CAP / sizes[call.source, call.label])
        spool.add(Example(f"{call.source}/{call.id}", call.text, call.label, weight, BASE))
    return len(kept)


def _take(row: StoredRow, text: str, reading: Reading, spool: Spool, found: Gathered, *, new: bool) -> None:
    taken = taught(
        row, lambda: float(reading.model.predict_proba([text])[0]), reading.model.thresholds, plain=reading.plain
    )
    if taken is None:
        found.unused += 1
        return
    frozen_label = reading.guard.repeated(text)
    if frozen_label is not None:
        found.repeated += 1
        found.contradicting += frozen_label == 1 - taken.label
        return
    held = taken.origin == PERSON or (reading.plain and taken.origin == DISDATA)
    spool.add(Example(row.id, text, taken.label, taken.weight, taken.origin, part_of(text) if held else TRAIN))
    found.used[f"{taken.origin} {taken.label}"] += 1
    found.fresh += new and held
    if new and held and found.asked[taken.label] < MOST_ASKED:
        found.asked[taken.label] += 1
        score = float(reading.model.predict_proba([text])[0])
        found.denied[taken.label] += is_far(score, 2 - 2 * taken.label, reading.model.thresholds)


def _draw(kept: list[str], text: str, seen: int, dice: random.Random) -> None:
    """Keep an even sample of what was seen (reservoir sampling)."""
    if len(kept) < RECENT:
        kept.append(text)
    elif (place := dice.randrange(seen)) < RECENT:
        kept[place] = text
