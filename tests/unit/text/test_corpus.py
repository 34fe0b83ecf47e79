"""Our own corpus: whole, balanced, and written call by call."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from typing import Any

import pytest

from models.text.data import CORPUS, fold_of_corpus, load_corpus
from models.text.scam_types import TYPES

SHARED_CHARS, MOST_CALLS = 12, 3
ACTS = {"demand", "pressure", "isolation"}


def rows() -> list[dict[str, Any]]:
    return [
        json.loads(line) for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
    ]


def test_there_are_enough_calls_and_both_labels_weigh_the_same() -> None:
    labels = Counter(call.label for call in load_corpus())
    assert labels[0] == labels[1]
    assert sum(labels.values()) >= 1_500


def test_ids_are_unique_and_each_pair_is_whole() -> None:
    found = rows()
    assert len({row["id"] for row in found}) == len(found)
    labels = {row["id"]: row["label"] for row in found}
    for id, label in labels.items():
        batch, number = id[:-3], int(id[-3:])
        if batch != "b":  # the second batch was not written in pairs
            assert label == (number + 1) % 2
            assert labels[f"{batch}{number + (1 if number % 2 else -1):03d}"] != label


def test_two_batches_make_a_fold() -> None:
    assert [fold_of_corpus(id) for id in ("a001", "b160", "c001", "z130", "aa001", "ab001", "az120", "ba001")] == [
        0,
        0,
        1,
        12,
        13,
        13,
        25,
        26,
    ]


def test_no_phrase_is_shared_by_many_calls() -> None:
    """Slot-filling would show as long strings that come again and again."""
    owners: dict[str, set[str]] = defaultdict(set)
    for row in rows():
        hangul = re.sub(r"[^가-힣]", "", row["text"])
        for start in range(len(hangul) - SHARED_CHARS + 1):
            owners[hangul[start : start + SHARED_CHARS]].add(row["id"])
    often = {text: ids for text, ids in owners.items() if len(ids) > MOST_CALLS}
    assert often == {}


def test_words_do_not_tell_the_label() -> None:
    """A frequent word occurs on both sides: of those in 40 calls or more, few lean more than four to one."""
    calls: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows():
        for word in set(re.findall(r"[가-힣]{2,}", row["text"])):
            calls[word][row["label"]] += 1
    frequent = {word: count for word, count in calls.items() if count.total() >= 40}
    leaning = [word for word, count in frequent.items() if min(count[0], count[1]) * 4 < max(count[0], count[1])]
    assert len(frequent) > 100
    assert len(leaning) <= 0.03 * len(frequent)


def test_length_and_punctuation_do_not_tell_the_label() -> None:
    by_label = {label: [row["text"] for row in rows() if row["label"] == label] for label in (0, 1)}
    length = {label: sum(map(len, texts)) / len(texts) for label, texts in by_label.items()}
    marked = {
        label: sum(bool(re.search(r"[.?!]", text)) for text in texts) / len(texts) for label, texts in by_label.items()
    }
    assert length[0] == pytest.approx(length[1], rel=0.15)
    assert marked[0] == pytest.approx(marked[1], abs=0.1)


def test_no_number_of_a_person_and_no_empty_turn() -> None:
    for row in rows():
        turns = row["text"].split("\n")
        assert len(turns) >= 2, row["id"]
        assert all(turn.strip() for turn in turns), row["id"]
        assert not re.search(r"\d{7,}", re.sub(r"[\s.-]", "", row["text"])), row["id"]


def test_acts_name_turns_of_scams_only() -> None:
    for row in rows():
        acts = row.get("acts", {})
        assert set(acts.values()) <= ACTS, row["id"]
        assert row["label"] == 1 or not acts, row["id"]
        assert all(0 <= int(turn) < len(row["text"].split("\n")) for turn in acts), row["id"]


def test_every_scam_has_a_known_type_and_no_innocent_call_has_one() -> None:
    for row in rows():
        assert (row.get("type") in TYPES) == (row["label"] == 1), row["id"]
        assert row["label"] == 1 or "type" not in row, row["id"]
    assert {row["type"] for row in rows() if row["label"] == 1} == set(TYPES)
