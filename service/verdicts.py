"""What scoring stored transcripts again gives, row by row and in sum. No value holds text of a call."""

from __future__ import annotations

from dataclasses import dataclass

from db.rerolls import Verdict


@dataclass(frozen=True, slots=True)
class NewVerdict:
    """What the model says now. ``score`` and ``grade`` are None when ``reason`` says why not."""

    grade: int | None
    score: float | None
    reason: str | None
    model_version: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was left as it is."""

    code: str
    message: str


NO_TRANSCRIPT = Problem("no_transcript", "nothing is stored that could be scored")
UNDECODABLE = Problem("undecodable", "the stored transcript is neither UTF-8 nor Korean in CP949")
ERASED = Problem("not_found", "the analysis was erased meanwhile")


@dataclass(frozen=True, slots=True)
class Item:
    """One row: either ``new`` or ``error`` is set."""

    id: str
    old: Verdict
    new: NewVerdict | None = None
    error: Problem | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All rows of a request."""

    model_version: str
    items: tuple[Item, ...]


@dataclass(slots=True)
class Summary:
    """What a pass over the table did; never any text of a call."""

    model_version: str
    found: int
    rescored: int = 0
    grade_changed: int = 0
    not_judged: int = 0
    no_transcript: int = 0
    undecodable: int = 0
    erased: int = 0
    seconds: float = 0.0
    rows_per_s: float = 0.0

    def count(self, item: Item) -> None:
        """Add one row."""
        if item.new is not None:
            self.rescored += 1
            self.grade_changed += item.new.grade != item.old.grade
            self.not_judged += item.new.grade is None
        self.no_transcript += item.error == NO_TRANSCRIPT
        self.undecodable += item.error == UNDECODABLE
        self.erased += item.error == ERASED
