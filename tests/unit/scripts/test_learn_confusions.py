"""Confusions are counted by aligning, and what comes out is noise that the models can read."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import soundfile

from models.text.noise import NOISE_TABLE, OWN_TABLE, SttNoise
from scripts import learn_confusions


def test_syllables_are_counted_by_what_was_heard() -> None:
    pairs = learn_confusions.count([("돈을 보내라", "돈을 보네라"), ("보내라.", "네 보네라"), ("여기", "여")])
    wrong = {pair: number for pair, number in pairs.items() if pair[0] != pair[1]}
    assert wrong == {("내", "네"): 2, ("", "네"): 1, ("기", ""): 1}
    assert pairs["보", "보"] == 2


def test_pairs_seen_once_and_other_letters_are_left_out(tmp_path: Path) -> None:
    pairs = Counter({("내", "네"): 2, ("가", "가"): 9, ("내", "매"): 1, ("", "음"): 3, ("a", "b"): 5, ("가", ""): 4})
    learn_confusions.write(tmp_path / "table.csv", pairs)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert rows == [["del", "가", "", "4", "13"], ["ins", "", "음", "3", "21"], ["sub", "내", "네", "2", "3"]]
    noise = SttNoise.from_csv(tmp_path / "table.csv")
    assert (noise.heard, noise.added) == ({"내": (["네"], [2])}, (["음"], [3]))


def test_a_line_changes_the_sound_and_about_keeps_its_length(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    wav = tmp_path / "call.wav"
    before = (0.1 * rng.standard_normal(12 * 16_000)).astype(np.float32)
    soundfile.write(wav, before, 16_000, "PCM_16")
    learn_confusions.over_telephone(wav, rng)
    after, rate = soundfile.read(wav, dtype="float32")
    assert rate == 16_000
    assert abs(len(after) - len(before)) < 16_000
    assert not np.allclose(after[:16_000], before[:16_000], atol=1e-2)


def test_the_table_of_the_data_folder_is_added_to_our_own(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / NOISE_TABLE).write_text(
        "op,reference,hypothesis,count,reference_total\nsub,뷁,뵑,7,9\n", "utf-8"
    )
    assert OWN_TABLE.is_file()
    own, both = SttNoise.learned(tmp_path / "nowhere"), SttNoise.learned(tmp_path)
    assert "뷁" not in own.heard and own.heard
    assert set(both.heard) == {*own.heard, "뷁"}
