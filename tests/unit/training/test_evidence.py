import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from core.evidence import StoredRow
from core.types import Thresholds
from models.training.evidence import DISDATA, OWN_WEIGHT, PERSON, REROLL, TEST, TRAIN, TUNE, Taught, part_of, taught
from tests.unit.training.examples import SCAM, call

BORDERS = Thresholds("fake", caution=0.4, danger=0.6)


def row(**changes: Any) -> StoredRow:
    plain = {"id": "1", "content": b"", "label": None, "reroll": None, "disdata": None, "mfcc": None}
    return StoredRow(**{**plain, "created_date": datetime(2026, 1, 1, tzinfo=UTC), "labelled_date": None, **changes})


def unneeded() -> float:
    raise AssertionError("a person's label needs no score")


@pytest.mark.parametrize("label", [0, 1])
def test_a_person_outweighs_every_prediction(label: int) -> None:
    found = taught(row(label=label, reroll=2 - 2 * label, disdata=2 - 2 * label), unneeded, BORDERS)
    assert found == Taught(label, 1.0, PERSON)


def test_a_reroll_outweighs_the_first_grade() -> None:
    assert taught(row(reroll=0, disdata=2), lambda: 0.1, BORDERS) == Taught(0, OWN_WEIGHT, REROLL)


@pytest.mark.parametrize(
    ("grade", "score", "label"),
    [(2, 0.85, 1), (0, 0.15, 0), (2, 0.7, None), (0, 0.3, None), (1, 0.5, None), (2, 0.1, None), (0, 0.9, None)],
)
def test_a_prediction_enters_only_far_from_the_border_and_with_low_weight(
    grade: int, score: float, label: int | None
) -> None:
    found = taught(row(disdata=grade), lambda: score, BORDERS)
    assert found == (None if label is None else Taught(label, OWN_WEIGHT, DISDATA))


def test_a_call_that_nobody_judged_teaches_nothing() -> None:
    assert taught(row(), unneeded, BORDERS) is None
    assert taught(row(), unneeded, BORDERS, plain=True) is None


@pytest.mark.parametrize(("grade", "label"), [(0, 0), (1, 1), (2, 1)])
def test_the_plain_behaviour_takes_every_row_by_disdata(grade: int, label: int) -> None:
    found = taught(row(disdata=grade, label=1 - label, reroll=2 - grade), unneeded, BORDERS, plain=True)
    assert found == Taught(label, 1.0, DISDATA)


def test_a_fifth_of_the_calls_is_held_out_and_a_call_always_falls_on_the_same_side() -> None:
    dice = random.Random(3)
    texts = ["".join(chr(dice.randrange(0xAC00, 0xD7A3)) for _ in range(60)) for _ in range(2000)]
    parts = [part_of(text) for text in texts]
    counts = Counter(parts)
    assert counts[TRAIN] == pytest.approx(1600, rel=0.06)
    assert counts[TUNE] == pytest.approx(200, rel=0.25)
    assert counts[TEST] == pytest.approx(200, rel=0.25)
    assert parts == [part_of(text) for text in texts]


def test_calls_that_share_nearly_all_their_text_fall_together() -> None:
    together = 0
    for number in range(200):
        base = call(SCAM, number).text * 3 + "".join(chr(0xAC00 + (number * 131 + i * 17) % 11_000) for i in range(60))
        together += part_of(base) == part_of(base + "네")
    assert together >= 190


def test_a_very_short_text_has_a_side_too() -> None:
    assert part_of("네") in {TRAIN, TUNE, TEST}
