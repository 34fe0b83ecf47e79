"""What a model update is asked for, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import InvalidRequest
from core.evidence import RowFilter
from models.registry import DEFAULT_LINE

KINDS = ("text", "voice")
PROMOTED, FAILED, CANDIDATE, TOO_LITTLE, RUNNING, NOT_POSSIBLE = 0, 1, 3, 4, 5, 6
OUTCOMES = {
    PROMOTED: "promoted",
    CANDIDATE: "candidate",
    TOO_LITTLE: "too_little_new_data",
    RUNNING: "already_running",
    NOT_POSSIBLE: "not_possible",
    FAILED: "failed",
}
"""Exit code → word; 2 stays what it is everywhere: bad arguments."""

_LINE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to update from: see ``scripts.model_update`` for each."""

    filter: RowFilter = field(default_factory=RowFilter)
    line: str = DEFAULT_LINE
    plain: bool = False
    data: Path | None = None
    dry_run: bool = False
    min_new: int | None = None
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Done:
    """How an update ended: exit code, one line for people, the version if one was made, figures."""

    code: int
    summary: str
    version: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)


def not_installed(error: ModuleNotFoundError) -> Done:
    """Return how an update ends where only what serves is installed."""
    return Done(NOT_POSSIBLE, f"{error.name} is not installed: pip install -r requirements-train.txt")


def check(wanted: Wanted) -> None:
    """Refuse what makes no sense.

    Raises:
        InvalidRequest: for a line that is no name, a limit on the default line, which learns from all calls, or
            ``plain`` for voices, which have no grades to learn from.
    """
    if wanted.kind not in KINDS:
        raise InvalidRequest(f"kind must be one of {', '.join(KINDS)}", field="kind")
    if wanted.plain and wanted.kind != "text":
        raise InvalidRequest("plain is for the text model only; voices are learned from people's labels", field="plain")
    if not _LINE.fullmatch(wanted.line):
        message = "line must be lower-case letters, digits, _ and -, at most 32 of them"
        raise InvalidRequest(message, field="line")
    if wanted.filter != RowFilter() and wanted.line == DEFAULT_LINE:
        raise InvalidRequest("an update from some calls only needs a line of its own", field="line")


def described(wanted: Wanted) -> dict[str, Any]:
    """Return what was asked for without saying whose calls: a user's id is not written down."""
    chosen = wanted.filter
    return {
        "kind": wanted.kind,
        "line": wanted.line,
        "plain": wanted.plain,
        "dry_run": wanted.dry_run,
        "base_data": wanted.data is not None,
        "one_user": chosen.user_id is not None,
        "since": chosen.since.isoformat() if chosen.since else None,
        "until": chosen.until.isoformat() if chosen.until else None,
        "source": chosen.source,
    }


def to_json(wanted: Wanted) -> dict[str, Any]:
    """Return all of it, for the process that runs it."""
    known = described(wanted) | {"user_id": wanted.filter.user_id, "min_new": wanted.min_new}
    return known | {"data": None if wanted.data is None else str(wanted.data)}


def from_json(given: Mapping[str, Any]) -> Wanted:
    """Read what ``to_json`` gave."""
    since, until = (None if given[name] is None else datetime.fromisoformat(given[name]) for name in ("since", "until"))
    return Wanted(
        filter=RowFilter(given["user_id"], since, until, given["source"]),
        line=given["line"],
        plain=given["plain"],
        data=None if given["data"] is None else Path(given["data"]),
        dry_run=given["dry_run"],
        min_new=given["min_new"],
        kind=given["kind"],
    )
