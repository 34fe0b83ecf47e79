from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import InvalidRequest, ModelRefused, NotFound
from db.rerolls import Stored, Verdict
from models.registry import ModelVersion, publish
from service.lending import Lender
from service.reroll import BATCH, Reroll
from service.text_models import TextModels
from tests.fakes import KeywordTextModel

SCAM = "고객님 지금 바로 안전계좌로\n돈을 옮기셔야 하니까 끊지 마시고 들으세요"
CALM = "어제 말씀하신 대로 내일 점심에 만나서 같이 밥을 먹기로 해요"
OLD = Verdict(grade=1, score=0.5, model_version="earlier")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MANIFEST = {"type": "fake", "thresholds": {"fake": {}}, "threshold_method": "fake", "metrics": {}, "data": {}}


@dataclass
class FakeRows:
    """Rows of one pair in a dict; ``written`` holds the grades of each transaction."""

    contents: dict[str, bytes | None]
    pair: tuple[str, str] = ("user-1", "112")
    erased: set[str] = field(default_factory=set)
    written: list[dict[str, int | None]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def of_pair(self, user_id: str, declaration: str, *, id: str | None, after: str, limit: int) -> list[Stored]:
        ids = [key for key in self.contents if id in {None, key} and (user_id, declaration) == self.pair]
        return self._page(ids, after, limit)

    def outdated(self, version: str, *, after: str, limit: int) -> list[Stored]:
        return self._page([id for id in self.contents if self.versions.get(id) != version], after, limit)

    def count_outdated(self, version: str) -> int:
        return len(self.outdated(version, after="", limit=1_000_000))

    def write(self, grades: Sequence[tuple[str, int | None]], *, version: str, now: datetime) -> set[str]:
        kept = {id: grade for id, grade in grades if id not in self.erased}
        self.written.append(kept)
        self.versions |= dict.fromkeys(kept, version)
        return set(kept)

    def close(self) -> None: ...

    def _page(self, ids: list[str], after: str, limit: int) -> list[Stored]:
        return [Stored(id, self.contents[id], OLD, self.reasons.get(id)) for id in sorted(ids) if id > after][:limit]


class NamedModel(KeywordTextModel):
    def __init__(self, version: str) -> None:
        self.version = version


@dataclass
class Models:
    """A registry of one version without files, and what was loaded from it."""

    store: Path
    loaded: list[str] = field(default_factory=list)

    def load(self, version: ModelVersion) -> NamedModel:
        self.loaded.append(version.name)
        return NamedModel(version.name)

    def add(self, content: str = "weights") -> str:
        def write(folder: Path) -> None:
            (folder / "weights.txt").write_text(content)

        return publish(self.store, "text", write, manifest=MANIFEST).name

    def lenders(self, active: Callable[[], KeywordTextModel] = KeywordTextModel) -> TextModels:
        return TextModels(self.store, Lender("text", active), self.load)


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path)


def reroll(rows: FakeRows, models: Models) -> Reroll:
    return Reroll(rows=rows, models=models.lenders(), clock=lambda: NOW)


def heard(done: int, total: int) -> None:
    del done, total


def test_every_row_of_the_pair_is_scored_and_written_by_the_active_model(models: Models) -> None:
    rows = FakeRows({"a": SCAM.encode(), "b": CALM.encode("cp949"), "c": "네".encode()})

    answer = reroll(rows, models).pair("user-1", "112")

    told = [(item.id, item.old, item.new.grade, item.new.score, item.new.reason) for item in answer.items if item.new]
    assert told == [("a", OLD, 2, 0.9, None), ("b", OLD, 0, 0.1, None), ("c", OLD, None, None, "too_short")]
    assert {item.new.model_version for item in answer.items if item.new} == {answer.model_version} == {"fake-text"}
    assert rows.written == [{"a": 2, "b": 0, "c": None}]


def test_a_row_without_a_readable_transcript_is_reported_and_left_alone(models: Models) -> None:
    rows = FakeRows({"a": None, "b": b"\xff\xfe\x00", "c": SCAM.encode()})

    items = reroll(rows, models).pair("user-1", "112").items

    assert [item.error.code if item.error else None for item in items] == ["no_transcript", "undecodable", None]
    assert [item.new is None for item in items] == [True, True, False]
    assert rows.written == [{"c": 2}]


def test_what_the_recogniser_was_not_sure_of_stays_without_a_grade(models: Models) -> None:
    rows = FakeRows({"a": SCAM.encode(), "b": SCAM.encode()}, reasons={"a": "low_confidence", "b": "too_short"})

    items = reroll(rows, models).pair("user-1", "112").items

    assert [(item.new.grade, item.new.reason) for item in items if item.new] == [(None, "low_confidence"), (2, None)]
    assert rows.written == [{"a": None, "b": 2}]


def test_a_row_erased_while_it_was_scored_is_not_called_done(models: Models) -> None:
    [item] = reroll(FakeRows({"a": SCAM.encode()}, erased={"a"}), models).pair("user-1", "112").items
    assert (item.new, item.error and item.error.code) == (None, "not_found")


@pytest.mark.parametrize(
    ("pair", "id"), [(("user-2", "112"), None), (("user-1", "119"), None), (("user-1", "112"), "b")]
)
def test_where_no_row_answers_to_all_keys_nothing_is_written(
    models: Models, pair: tuple[str, str], id: str | None
) -> None:
    rows = FakeRows({"a": SCAM.encode()})
    with pytest.raises(NotFound):
        reroll(rows, models).pair(*pair, id=id)
    assert rows.written == []


def test_one_id_leaves_the_other_rows_of_the_pair_alone(models: Models) -> None:
    rows = FakeRows({"a": SCAM.encode(), "b": SCAM.encode()})
    reroll(rows, models).pair("user-1", "112", id="b")
    assert rows.written == [{"b": 2}]


def test_a_named_version_scores_and_is_loaded_once(models: Models) -> None:
    name, rows = models.add(), FakeRows({"a": SCAM.encode()})
    service = reroll(rows, models)

    answers = [service.pair("user-1", "112", model_version=name) for _ in range(2)]

    assert [answer.model_version for answer in answers] == [name, name]
    assert (models.loaded, rows.versions) == ([name], {"a": name})


def test_the_active_version_by_name_is_not_loaded_a_second_time(models: Models) -> None:
    name = models.add()
    lenders = models.lenders(lambda: NamedModel(name))
    assert lenders.get(name) is not lenders.get()
    assert lenders.get(name) is lenders.get()


@pytest.mark.parametrize("name", ["../text", "/etc", "..", "a/b", "a\\b", "a\0b", "", "a\n", "가", "x" * 65])
def test_what_cannot_be_a_version_name_is_refused_unseen(models: Models, name: str) -> None:
    with pytest.raises(InvalidRequest):
        models.lenders().get(name)


@pytest.mark.parametrize("name", ["20200101T000000Z-00000000", "active"])
def test_an_unknown_version_is_not_found(models: Models, name: str) -> None:
    models.add()
    (models.store / "text" / "active").write_text("anything")
    with pytest.raises(NotFound):
        models.lenders().get(name)


def test_an_altered_version_is_refused(models: Models) -> None:
    name = models.add()
    (models.store / "text" / name / "weights.txt").write_text("other weights")
    with pytest.raises(ModelRefused):
        models.lenders().get(name)


def test_a_pass_over_the_table_goes_on_where_one_was_cut_short(models: Models) -> None:
    rows = FakeRows({f"{number:04}": SCAM.encode() for number in range(2 * BATCH + 10)})

    def killed(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reroll(rows, models).outdated(limit=None, report=killed)
    summary = reroll(rows, models).outdated(limit=None, report=heard)

    assert [len(batch) for batch in rows.written] == [BATCH, BATCH, 10]
    assert (summary.found, summary.rescored, summary.grade_changed) == (BATCH + 10, BATCH + 10, BATCH + 10)
    assert reroll(rows, models).outdated(limit=None, report=heard).found == 0


def test_rows_that_cannot_be_scored_are_counted_and_do_not_use_up_the_limit(models: Models) -> None:
    contents: dict[str, bytes | None] = {"a": b"\xff", "b": None, "c": b"\xff", "d": SCAM.encode(), "e": SCAM.encode()}
    told: list[tuple[int, int]] = []

    summary = reroll(FakeRows(contents), models).outdated(limit=1, report=lambda *numbers: told.append(numbers))

    assert (summary.rescored, summary.undecodable, summary.no_transcript, summary.found) == (1, 2, 1, 5)
    assert told[-1] == (4, 5)
    assert summary.rows_per_s > 0


def test_neither_answer_nor_summary_holds_a_word_of_the_calls(models: Models) -> None:
    service = reroll(FakeRows({"a": SCAM.encode(), "b": SCAM.encode("cp949")[:-1]}), models)
    told = repr(service.pair("user-1", "112")) + repr(service.outdated(limit=None, report=heard))
    assert not any(word in told for word in SCAM.split())
