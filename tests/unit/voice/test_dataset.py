from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from models.voice import building
from models.voice.attacks.manifest import Row, appending
from models.voice.attacks.manifest import append as add
from models.voice.dataset import Clip, labels, make, read, stacked
from models.voice.features_views import views
from tests.unit.voice.speech import speech_like


def row(path: str, attack: str) -> Row:
    label = int(attack != "genuine")
    return Row(path, label, "genuine_en", "a", attack, "genuine" if not label else "world", "", "{}", 8.0, "en", "e/a")


@pytest.fixture
def attacks(tmp_path: Path) -> Path:
    rows = [row("genuine/00000.flac", "genuine"), row("world/00000.flac", "world_resynth")]
    with appending(tmp_path, []) as file:
        for i, one in enumerate(rows):
            target = tmp_path / one.path
            target.parent.mkdir()
            soundfile.write(target, 5.0 * speech_like(8.0, seed=i), 16_000)
            add(file, one)
    return tmp_path


def test_a_clip_becomes_windows_over_a_wide_and_over_a_plain_line(attacks: Path, tmp_path: Path) -> None:
    clips = building.clips(attacks, variants=2)
    assert len(clips) == 4
    bank = tmp_path / "bank"
    bank.mkdir()
    assert all(make(clip, attacks, bank, clip_s=6.4, seed=1) for clip in clips)
    heard = read(clips, bank)
    assert sorted(part.altered for part in heard) == [False, False, True, True]
    assert sorted(part.line for part in heard if part.altered) == ["codec alone", "wide"]
    assert len(labels(heard)) == sum(map(len, heard)) == len(stacked(heard, "mfcc"))


def test_what_is_there_is_not_made_again_and_what_is_missing_is_left_out(attacks: Path, tmp_path: Path) -> None:
    clip = building.clips(attacks, variants=1)[0]
    bank = tmp_path / "bank"
    bank.mkdir()
    assert read([clip], bank) == []
    make(clip, attacks, bank, clip_s=6.4, seed=1)
    (attacks / clip.row.path).unlink()
    assert make(clip, attacks, bank, clip_s=6.4, seed=1)
    assert not list(bank.glob("*.part"))


def test_the_same_seed_gives_the_same_windows(attacks: Path, tmp_path: Path) -> None:
    clip = building.clips(attacks, variants=1)[1]
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make(clip, attacks, tmp_path / name, clip_s=6.4, seed=3)
        made.append(read([clip], tmp_path / name)[0].views["log_mel"])
    np.testing.assert_array_equal(*made)


def test_the_name_of_a_clip_tells_row_and_line() -> None:
    one = Clip(row("world/00007.flac", "world_resynth"), 1)
    assert one.name == "world-00007.1.npz"
    assert set(asdict(one)) == {"row", "variant"}


def test_mfcc_from_the_bank_are_those_of_serving(attacks: Path, tmp_path: Path) -> None:
    from models.voice.dataset import store
    from models.voice.windows import cut, speech_windows

    sound = speech_like(8.0)
    windows = cut(sound, speech_windows(sound))
    clip = building.clips(attacks, variants=1)[0]
    store(tmp_path / clip.name, windows, "mulaw")
    heard = read([clip], tmp_path)
    for name, served in views(windows).items():  # half precision on disk: three digits
        np.testing.assert_allclose(stacked(heard, name), served, atol=2e-2)


def test_every_second_clip_is_heard_by_whisper_without_the_lowest_frequencies(attacks: Path, tmp_path: Path) -> None:
    from models.voice.dataset import store
    from models.voice.whisper_mel import narrowed
    from models.voice.windows import cut, speech_windows

    sound = speech_like(8.0)
    windows = cut(sound, speech_windows(sound))
    wide, narrow = (views(heard, ["whisper"])["whisper"] for heard in (windows, narrowed(windows)))
    assert np.abs(wide - narrow).max() > 0.1
    kinds = []
    for clip in building.clips(attacks, variants=4):
        store(tmp_path / clip.name, windows, "mulaw")
        made = stacked(read([clip], tmp_path), "whisper")
        kinds.append([np.allclose(made, served, atol=2e-2) for served in (wide, narrow)])
    assert {tuple(kind) for kind in kinds} == {(True, False), (False, True)}
