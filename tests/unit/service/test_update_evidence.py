from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.evidence import RowFilter, StoredRow
from models.text.data import Call
from models.text.normalise import normalise
from models.training.evidence import REHEARSAL, TRAIN, TUNE, Example
from models.training.frozen import Guard
from models.training.spool import Spool
from service.update_evidence import CAP, PAGE, RECENT, REHEARSED, Gathered, Reading, add_base, gather, rehearse
from tests.fakes import KeywordTextModel

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SCAM, CALM = "고객님 지금 바로 안전계좌로 옮기셔야 합니다", "내일 점심에 만나서 같이 밥 먹기로 해요"


@dataclass
class FakeRows:
    rows: list[StoredRow] = field(default_factory=list)
    asked: list[RowFilter] = field(default_factory=list)

    def add(self, **changes: Any) -> None:
        plain = {"id": f"{len(self.rows):06d}", "content": SCAM.encode(), "label": 1, "created_date": NOW}
        rest = dict.fromkeys(("reroll", "disdata", "mfcc", "labelled_date"))
        self.rows.append(StoredRow(**{**rest, **plain, **changes}))

    def page(self, wanted: RowFilter, *, after: str, limit: int) -> list[StoredRow]:
        self.asked.append(wanted)
        return [row for row in self.rows if row.id > after][:limit]

    def count(self, wanted: RowFilter) -> int:
        return len(self.rows)


class SureModel(KeywordTextModel):
    """Certain enough to be learned from."""

    def predict_proba(self, texts: Any) -> Any:
        return (super().predict_proba([text.replace(" ", "") for text in texts]) - 0.5) * 1.2 + 0.5


def read(rows: FakeRows, folder: Path, **changes: Any) -> tuple[Gathered, list[Example]]:
    reading = Reading(**{"model": SureModel(), "wanted": RowFilter(), "guard": Guard([]), **changes})
    with Spool(folder) as spool:
        found = gather(rows, reading, spool, progress=lambda _: None)
        return found, list(spool.read())


def test_every_page_is_read_with_the_filter_that_was_asked_for(tmp_path: Path) -> None:
    rows, heard = FakeRows(), list[int]()
    for _ in range(PAGE + 3):
        rows.add()
    wanted = RowFilter(user_id="user-1")
    with Spool(tmp_path) as spool:
        found = gather(rows, Reading(SureModel(), wanted, Guard([])), spool, progress=heard.append)
        assert spool.size == found.rows == PAGE + 3
    assert set(rows.asked) == {wanted}
    assert heard == [PAGE, PAGE + 3]


def test_unreadable_and_undecided_rows_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = FakeRows()
    rows.add(content=None)
    rows.add(content=b"\xff\xfe")
    rows.add(content="네".encode())
    rows.add(label=None)
    rows.add(label=None, disdata=1)
    rows.add(label=None, disdata=0)
    found, examples = read(rows, tmp_path)
    assert (found.rows, found.unreadable, found.unused) == (6, 3, 3)
    assert examples == []


def test_a_prediction_is_never_held_out_and_does_not_count_as_new_evidence(tmp_path: Path) -> None:
    rows = FakeRows()
    rows.add(label=None, disdata=2)
    found, (example,) = read(rows, tmp_path)
    assert (example.part, example.weight, example.text) == (TRAIN, 0.1, normalise(SCAM))
    assert found.fresh == 0


@pytest.mark.parametrize(
    ("created", "labelled", "fresh"), [(-2, None, 0), (-2, -1, 0), (-2, 1, 1), (1, None, 1), (1, 2, 1)]
)
def test_new_is_what_came_or_was_labelled_since_the_last_reading(
    tmp_path: Path, created: int, labelled: int | None, fresh: int
) -> None:
    rows = FakeRows()
    labelled_date = None if labelled is None else NOW + timedelta(days=labelled)
    rows.add(created_date=NOW + timedelta(days=created), labelled_date=labelled_date)
    found, examples = read(rows, tmp_path, since=NOW)
    assert found.fresh == len(found.recent) == fresh
    assert len(examples) == 1


def test_calls_of_the_frozen_set_are_left_out_and_their_labels_compared(tmp_path: Path) -> None:
    rows = FakeRows()
    for label in (1, 0, 0, 0, 0, 0):
        rows.add(label=label)
    found, examples = read(rows, tmp_path, guard=Guard([Call("f", "corpus", 1, normalise(SCAM))]))
    assert examples == []
    assert (found.repeated, found.contradicting) == (6, 5)
    assert found.doubts == ("5 of 6 labels contradict the frozen set about the same calls",)


def test_a_few_contradictions_raise_no_doubt() -> None:
    assert Gathered(repeated=20, contradicting=5).doubts == ()
    assert Gathered(repeated=4, contradicting=4).doubts == ()


def test_the_plain_behaviour_learns_from_every_graded_row(tmp_path: Path) -> None:
    rows = FakeRows()
    for grade in (0, 1, 2):
        rows.add(label=1, disdata=grade, content=CALM.encode())
    found, examples = read(rows, tmp_path, plain=True)
    assert [e.label for e in examples] == [0, 1, 1]
    assert found.fresh == 3


def test_the_sample_for_drift_has_an_upper_bound_and_holds_late_calls_too(tmp_path: Path) -> None:
    rows = FakeRows()
    for number in range(3 * RECENT):
        rows.add(content=(CALM if number < 2 * RECENT else SCAM).encode())
    found, _ = read(rows, tmp_path)
    assert len(found.recent) == RECENT
    assert sum(text == normalise(SCAM) for text in found.recent) == pytest.approx(RECENT / 3, rel=0.15)


def test_rehearsed_calls_and_a_base_folder_join_and_no_source_drowns_the_rest(tmp_path: Path) -> None:
    big = [Call(str(n), "big", 0, normalise(CALM) + str(n)) for n in range(600)]
    frozen = Call("f", "corpus", 1, normalise(SCAM))
    with Spool(tmp_path) as spool:
        rehearse([Call("a003", "corpus", 1, "말")], spool)
        assert add_base([*big, Call("x", "small", 1, normalise(SCAM))], spool, Guard([frozen])) == 600
        first, *base = spool.read()
    assert (first.origin, first.weight) == (REHEARSAL, 1.0)
    assert sum(example.weight for example in base) == pytest.approx(CAP)


def test_what_is_rehearsed_keeps_pace_with_what_is_learned(tmp_path: Path) -> None:
    corpus = [Call(f"a{n:03d}", "corpus", n % 2, "말") for n in range(10)]
    with Spool(tmp_path) as spool:
        for number in range(200):
            spool.add(Example(str(number), "말", 1, 0.5, "person", TRAIN if number < 160 else TUNE))
        rehearse(corpus, spool)
        weights = [example.weight for example in spool.read() if example.origin == REHEARSAL]
    assert sum(weights) == pytest.approx(REHEARSED * 160 * 0.5)


@pytest.mark.parametrize(
    ("wrong_normal", "wrong_scam", "doubted"), [(10, 10, True), (10, 0, False), (0, 10, False), (1, 1, False)]
)
def test_labels_that_a_certain_model_denies_on_both_sides_are_doubted(
    tmp_path: Path, wrong_normal: int, wrong_scam: int, *, doubted: bool
) -> None:
    """One side only is what a new kind of scam, or of false alarm, looks like."""
    rows = FakeRows()
    for label, right, other, wrong in ((0, CALM, SCAM, wrong_normal), (1, SCAM, CALM, wrong_scam)):
        for number in range(40):
            rows.add(label=label, content=(other if number < wrong else right).encode())
    found, _ = read(rows, tmp_path)
    assert bool(found.doubts) is doubted
    found.usual = (0.2, 0.2)  # a model that is as wrong about known labels is no witness
    assert not found.doubts
    assert not read(rows, tmp_path, since=NOW)[0].doubts
