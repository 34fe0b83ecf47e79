"""All members judge the same clips, of speakers and families that they never heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.settings import ROOT
from models.voice import building, dataset, folds
from models.voice.dataset import GENUINE, LINES, Heard
from models.voice.evaluation import kept
from models.voice.evaluation.compare import Divided, Trial, divide, together, trial
from models.voice.evaluation.compared import SHIPPED, tables
from models.voice.evaluation.contenders import CONTENDERS, OneClass, Supervised
from models.voice.members.whisper import WhisperProbe
from scripts import compare_voice

FAMILIES = ("codec2", "espeak", "lpc", "piper", "world+codec2")
PROBE = Supervised(WhisperProbe(view="statistics"))


def clips(shift: float, *, count: int = 480) -> list[Heard]:
    """Return as many genuine as altered clips of forty people, each over both lines; some voices are synthetic."""
    rng = np.random.default_rng(3)
    made = []
    for i in range(count):
        family = GENUINE if i % 2 else FAMILIES[i // 2 % len(FAMILIES)]
        split = f"tts/{family}{i % 7}" if family in {"espeak", "piper"} else f"genuine_en/{i // 2 % 40}"
        statistics = rng.normal(size=(4, 6)).astype(np.float32)
        statistics[:, 0] += shift * (family != GENUINE)
        made.append(Heard(family, family, "genuine_en", split, "amr", {"statistics": statistics}, LINES[i // 2 % 2]))
    return made


@pytest.fixture(scope="module")
def apart() -> Divided:
    return divide(clips(40.0))


def cells(told: str, name: str) -> list[str]:
    return [
        cell.strip() for cell in next(row for row in told.splitlines() if row.startswith(f"| `{name}` |")).split("|")
    ]


def test_no_speaker_is_on_both_sides_and_families_left_out_are_never_learned(apart: Divided) -> None:
    assert apart.left_out == ("codec2", "piper")
    assert not {part.split for part in apart.learned} & {part.split for part in apart.judged}
    assert not {part.split for part in apart.learned_part} & {p.split for p in apart.unheard}
    assert {part.family for part in apart.learned_part} == {GENUINE, "espeak", "lpc"}
    assert {part.family for part in apart.unheard} == {GENUINE, "codec2", "piper", "world+codec2"}
    assert any(folds.speaker_fold(part) for part in apart.unheard if part.family == "piper")  # a voice of one tool
    assert not any(folds.speaker_fold(part) for part in apart.unheard if part.family != "piper")


def test_clips_of_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="genuine and altered"):
        divide([part for part in clips(1.0) if part.altered])


class Recorder:
    """A kind that remembers what it was taught."""

    view = "statistics"

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []

    def fit(self, view: np.ndarray, *given: Any, seed: int) -> Any:
        self.seen.append(view)
        return WhisperProbe().fit(view, *given, seed=seed)


def test_a_member_is_taught_twice_and_a_detector_once_without_attacks(
    apart: Divided, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = Recorder()
    trial("x", Supervised(kind), apart, seed=0)
    assert [len(view) for view in kind.seen] == [sum(map(len, s)) for s in (apart.learned, apart.learned_part)]
    taught: list[Any] = []
    learn = OneClass.learn
    monkeypatch.setattr(OneClass, "learn", lambda *given, seed: taught.append(learn(*given, seed=seed)) or taught[-1])
    trial("ica", OneClass("ica"), apart, seed=0)
    (usual,) = taught
    assert usual.member.model.scaler.mean[0] < 1.0  # altered windows lie at 40


@pytest.mark.parametrize("contender", [PROBE, OneClass("aakr")], ids=["whisper", "aakr"])
def test_voices_far_apart_are_all_told_and_noise_is_a_coin_toss(contender: Any, apart: Divided) -> None:
    told = cells(tables(apart, [trial("x", contender, apart, seed=0)]), "x")
    assert told[2] == contender.sort
    assert told[3:8] == ["0.000"] * 5
    noise = divide(clips(0.0))
    told = cells(tables(noise, [trial("x", contender, noise, seed=0)]), "x")
    assert all(0.3 < float(cell) < 0.7 for cell in told[3:8])


def made_up(name: str, divided: Divided, *, skill: float, sort: str = "supervised") -> Trial:
    rng = np.random.default_rng(len(name))
    known, unheard = (
        [rng.normal(size=len(part)) + skill * part.altered for part in side]
        for side in (divided.judged, divided.unheard)
    )
    return Trial(name, sort, "statistics", known, unheard, 1.25, 0.5, 0.125)


def test_the_best_stands_first_and_the_best_detector_joins_the_shipped(apart: Divided) -> None:
    trials = [made_up(name, apart, skill=1.0) for name in SHIPPED]
    trials += [made_up(n, apart, skill=s, sort="one-class") for n, s in (("ica", 0.1), ("vae", 2.0), ("aakr", 0.3))]
    told = tables(apart, trials)
    names = [row.split("`")[1] for row in told.splitlines() if "1.2 | 0.50 | 0.125" in row]
    assert names[0] == "vae"
    assert set(names[-2:]) == {"ica", "aakr"}
    assert cells(told, "trees")[8] == "–"
    assert float(cells(told, "vae")[8]) < 0.2
    rows = told.splitlines()[-2:]
    assert [row.split(" | ")[0] for row in rows] == [
        "| `trees`, `whisper`, `kernel`",
        "| `trees`, `whisper`, `kernel`, `vae`",
    ]


def test_too_little_speech_gives_dashes_and_no_ensemble(apart: Divided) -> None:
    short = [
        replace(part, split=f"genuine_en/{i}", views={"statistics": part.views["statistics"][:1]})
        for i, part in enumerate(clips(1.0))
    ]
    divided = divide(short)
    trials = [made_up(name, divided, skill=1.0) for name in SHIPPED]
    assert together(divided, trials) is None
    assert cells(tables(divided, trials), "kernel")[4:9] == ["–"] * 5


def test_a_trial_that_was_kept_is_read_again_and_other_clips_have_another_name(apart: Divided, tmp_path: Path) -> None:
    one = made_up("vae", apart, skill=1.0)
    path = kept.path_of(tmp_path / "kept", "vae", apart, seed=1)
    kept.save(path, one)
    again = kept.load(path, apart)
    assert tables(apart, [again]) == tables(apart, [one])
    assert path != kept.path_of(tmp_path / "kept", "vae", apart, seed=2)
    assert path != kept.path_of(tmp_path / "kept", "vae", divide(clips(39.0)), seed=1)


def test_the_table_goes_between_the_marks_of_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "voice_zoo.md"
    page.write_text((ROOT / "docs" / "models" / "voice_zoo.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(building, "clips", lambda *_, **__: list(range(900)))
    monkeypatch.setattr(building, "fill", lambda *_, **__: 0)
    monkeypatch.setattr(dataset, "read", lambda wanted, _: clips(40.0, count=len(wanted)))
    monkeypatch.setattr("models.voice.evaluation.contenders.CONTENDERS", {**CONTENDERS, "whisper": PROBE})
    arguments = ["--attacks", str(tmp_path), "--members", "whisper", "aakr", "--limit", "480", "--document", str(page)]
    arguments += ["--keep", str(tmp_path / "kept")]
    assert compare_voice.main(arguments) == 0
    told = capsys.readouterr().out.strip()
    assert f"<!-- members -->\n{told}\n<!-- /members -->" in page.read_text("utf-8")
    assert len(list((tmp_path / "kept").iterdir())) == 2
    monkeypatch.setattr("models.voice.evaluation.compare.trial", None)  # nothing is trained again
    assert compare_voice.main(arguments) == 0
    assert capsys.readouterr().out.strip() == told


def test_no_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        compare_voice.main(["--attacks", str(tmp_path), "--members", "trees", "--workers", "1"])
    assert stopped.value.code == 2
