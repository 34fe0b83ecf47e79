from pathlib import Path

import pytest

from core.errors import ConfigurationError
from models.text.data import Call
from models.training.frozen import Guard, is_frozen, load_folder, split_corpus
from tests.unit.training.examples import CALM, NEW_SCAM, SCAM, call


def test_a_quarter_of_the_corpus_is_frozen_in_whole_pairs_of_every_batch() -> None:
    frozen, rest = split_corpus()
    assert len(frozen) == pytest.approx((len(frozen) + len(rest)) / 4, rel=0.02)
    batches = [{call.id.rstrip("0123456789") for call in part} for part in (frozen, rest)]
    assert batches[0] == batches[1]
    assert {"a", "aa"} <= batches[0]
    assert not {call.id for call in frozen} & {call.id for call in rest}
    for number in range(1, 200, 2):
        assert is_frozen(f"c{number:03d}") == is_frozen(f"c{number + 1:03d}") == is_frozen(f"ac{number:03d}")


def test_a_folder_adds_sources_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "branch.jsonl").write_text('{"text": "안전 계좌로 보내세요", "label": 1}\n', "utf-8")
    assert load_folder(tmp_path) == [Call("branch-1", "branch", 1, "안전계좌로보내세요")]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "x",
        "[]",
        '{"label": 1}',
        '{"text": "말", "label": 2}',
        '{"text": "123", "label": 1}',
        '{"text": 7, "label": 0}',
    ],
)
def test_a_bad_line_is_named_without_quoting_it(tmp_path: Path, line: str) -> None:
    (tmp_path / "branch.jsonl").write_text('{"text": "말", "label": 0}\n' + line + "\n", "utf-8")
    with pytest.raises(ConfigurationError, match=r"branch\.jsonl, line 2") as caught:
        load_folder(tmp_path)
    assert "말" not in caught.value.message


def test_an_empty_folder_and_a_file_called_like_our_corpus_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no \.jsonl"):
        load_folder(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"text": "말", "label": 0}\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"corpus\.jsonl"):
        load_folder(tmp_path)


def test_the_guard_knows_repeated_calls_and_their_label() -> None:
    guard = Guard([call(SCAM, 1), call(CALM, 2)])
    assert guard.repeated(call(SCAM, 7).text) == 1
    assert guard.repeated("네" + CALM + "네") == 0
    assert guard.repeated(SCAM + CALM) in {0, 1}
    assert guard.repeated(NEW_SCAM) is None


def test_what_stands_under_both_labels_says_nothing() -> None:
    guard = Guard([Call("1", "x", 0, SCAM), Call("2", "x", 1, SCAM)])
    assert guard.repeated(SCAM) == -1
