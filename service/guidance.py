"""What a person should do now: by scam type and grade, with the numbers to call; a quiz; what suits a user.

Texts, contacts, their sources and the dates of their last check lie in ``guidance.json``.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.types import Analysis, Status
from db.guidance import Seen

DATA = Path(__file__).with_name("guidance.json")
GENERAL, NOW, CAUTION, DANGER = "general", "now", 1, 2
SITUATIONS = (NOW, "money_sent", "app_installed", "data_given")
NOW_TITLE = ("지금 할 일", "Now")
SCAM_TYPES = (
    "authority",
    "card_bank",
    "loan",
    "family",
    "messenger_delivery",
    "investment",
    "extortion",
    "purchase",
    "romance",
    "job",
    "refund",
)
"""What ``text.scam_type`` may name; a test keeps them equal to the model's, without its "other"."""
TYPES = (*SCAM_TYPES, GENERAL)
"""Types with advice of their own; a test keeps them equal to the data."""
MOST_ITEMS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, in Korean and English; ``situation`` says when: now, money_sent, app_installed, data_given."""

    situation: str
    title: str
    title_en: str
    text: str
    text_en: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call. ``checked``: when the number was last seen at ``source``; None when it never was."""

    name: str
    name_en: str
    number: str
    what_for: str
    what_for_en: str
    source: str | None
    checked: str | None


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to do after a call of a grade (1 or 2) and scam type."""

    grade: int
    scam_type: str
    name: str
    name_en: str
    steps: tuple[Step, ...]
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class Recommended:
    """Something to learn, because of so many calls of its type in the history of a user."""

    scam_type: str
    name: str
    name_en: str
    calls: int
    quiz: tuple[str, ...]
    steps: tuple[Step, ...]


class History(Protocol):
    """The database as this service needs it."""

    def seen(self, user_id: str) -> Sequence[Seen]:
        """Count the finished analyses of a user by grade and scam type."""
        ...


class Guide:
    """Recommends from the history of a user; no transcript is read."""

    def __init__(self, history: History) -> None:
        self._history = history

    def recommended(self, user_id: str) -> tuple[dict[str, int], tuple[Recommended, ...]]:
        """Return how many calls of each grade a user had, and what to learn from them, most needed first."""
        grades: dict[str, int] = {"0": 0, "1": 0, "2": 0, "null": 0}
        calls: dict[str, int] = {}
        for seen in self._history.seen(user_id):
            grades["null" if seen.grade is None else str(seen.grade)] += seen.calls
            if seen.grade in (CAUTION, DANGER):
                kind = find_type(seen.scam_type)["id"]
                calls[kind] = calls.get(kind, 0) + seen.calls
        most = sorted(calls, key=lambda kind: (-calls[kind], kind))[:MOST_ITEMS] or [GENERAL]
        return grades, tuple(_recommend(kind, calls.get(kind, 0)) for kind in most)


def guidance(scam_type: str | None, grade: int) -> Guidance:
    """Return what to do after a call; an unknown scam type gets the general advice."""
    data, kind = _data(), find_type(scam_type)
    steps = _steps(NOW, NOW_TITLE, [*data["first"][str(grade)], *kind["steps"].get(NOW, [])])
    for situation in data["situations"]:
        title = (situation["title"], situation["title_en"])
        steps += _steps(situation["id"], title, [*situation["steps"], *kind["steps"].get(situation["id"], [])])
    return Guidance(grade, kind["id"], kind["name"], kind["name_en"], tuple(steps), contacts())


def guidance_of(analysis: Analysis) -> Guidance | None:
    """Return what to do after a finished call of grade 1 or 2, the higher of text and voice; else None."""
    grade = max(analysis.predict1 or 0, analysis.predict2 or 0)
    if analysis.status is not Status.DONE or grade not in (CAUTION, DANGER):
        return None
    return guidance(analysis.text.scam_type if analysis.text else None, grade)


def contacts() -> tuple[Contact, ...]:
    """Return whom to call."""
    return tuple(Contact(**{key: row[key] for key in Contact.__slots__}) for row in _data()["contacts"])


def quiz() -> Sequence[Mapping[str, Any]]:
    """Return the questions, each with choices, the number of the right one (from 0) and why."""
    questions: list[dict[str, Any]] = _data()["quiz"]
    return questions


def find_type(scam_type: str | None) -> dict[str, Any]:
    """Return the advice for a scam type by its id or one of its names, else the general one."""
    wanted = _plain(scam_type or GENERAL)
    types: list[dict[str, Any]] = _data()["types"]
    named = [
        kind for kind in types if wanted in {_plain(name) for name in (kind["id"], kind["name"], *kind["aliases"])}
    ]
    return (named or [kind for kind in types if kind["id"] == GENERAL])[0]


def _recommend(kind: str, calls: int) -> Recommended:
    found = find_type(kind)
    questions = tuple(question["id"] for question in quiz() if question["scam_type"] in (kind, GENERAL))
    steps = tuple(_steps(NOW, NOW_TITLE, found["steps"][NOW]))
    return Recommended(kind, found["name"], found["name_en"], calls, questions, steps)


def _steps(situation: str, title: tuple[str, str], texts: Sequence[Mapping[str, str]]) -> list[Step]:
    return [Step(situation, *title, one["text"], one["text_en"]) for one in texts]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFC", name)).lower()


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
    return data
