"""The builder: the same plan from the same seed, whatever stopped it goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.settings import ROOT
from models.voice.attacks import ATTACKS, FAMILIES, manifest
from models.voice.attacks.genuine import DEBIAN, TRAINING, load, pieces
from models.voice.attacks.plan import GENUINE, plan
from scripts.make_attacks import main
from tests.unit.voice.speech import RATE_HZ, speech_like

CHOSEN = ("ring_modulation", "vibrato_chorus", "phase_vocoder")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    for speaker in range(3):
        for clip in range(2):
            path = root / "voice" / "genuine_en" / f"{speaker}_{clip}.flac"
            path.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(path, speech_like(9.0, seed=10 * speaker + clip), RATE_HZ)
    return root


def command(data: Path, out: Path) -> list[str]:
    return ["--data", str(data), "--out", str(out), "--per-family", "4", "--jobs", "1", "--attacks", *CHOSEN]


def contents(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.flac")}


def test_a_piece_is_4_to_12_s_of_one_speaker(data: Path) -> None:
    found = pieces(data / "voice", TRAINING, seed=1)
    assert {piece.split for piece in found} == {f"genuine_en/{i}" for i in range(3)}
    for piece in found:
        assert {path.name.split("_")[0] for path, _, _ in piece.parts} == {piece.speaker}
        assert 3.8 < len(load(piece)) / RATE_HZ < 13.0
    assert sum(stop - start for piece in found for _, start, stop in piece.parts) > 0.6 * 54.0


def test_no_speaker_gives_more_than_asked_for(data: Path) -> None:
    found = pieces(data / "voice", TRAINING, seed=1, speaker_s=6.0)
    for speaker in {piece.speaker for piece in found}:
        parts = [part for piece in found if piece.speaker == speaker for part in piece.parts]
        assert sum(stop - start for _, start, stop in parts) <= 18.0


def test_prompts_of_a_telephone_exchange_are_read_from_an_unpacked_package(tmp_path: Path) -> None:
    folder = tmp_path / "asterisk-prompt-es-co/usr/share/asterisk/sounds/es"
    folder.mkdir(parents=True)
    for i in range(4):
        narrow = speech_like(3.0, seed=i)[::2]
        path = folder / f"prompt{i}.gsm"
        soundfile.write(path, narrow, 8000, format="RAW", subtype="GSM610")
    found = pieces(tmp_path, DEBIAN, seed=1)
    assert {(piece.corpus, piece.language) for piece in found} == {("asterisk-prompt-es-co", "es")}
    assert float(np.abs(load(found[0])).max()) == pytest.approx(0.7, abs=0.01)


def test_attacks_of_a_family_share_its_number_and_advance_in_step(data: Path) -> None:
    found = pieces(data / "voice", TRAINING, seed=1)
    chosen = {name: ATTACKS[name] for name in (*CHOSEN, "espeak", "kokoro")}
    jobs = plan(found, chosen, per_family=20, seed=3)
    made = [job.attack for job in jobs if job.attack]
    per_family = {FAMILIES[name]: sum(FAMILIES[other] == FAMILIES[name] for other in made) for name in made}
    assert per_family == {"modulation": 20, "phase_vocoder": 20, "espeak": 20, "kokoro": 16}
    assert len(jobs) == len(found) + 76
    half = made[: len(made) // 2]
    assert {name: half.count(name) for name in set(made)} == pytest.approx(
        {name: made.count(name) / 2 for name in set(made)}, abs=1
    )
    assert jobs == plan(found, chosen, per_family=20, seed=3) != plan(found, chosen, per_family=20, seed=4)


def test_a_stopped_build_goes_on_and_ends_as_if_never_stopped(data: Path, tmp_path: Path) -> None:
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    assert main(command(data, whole)) == 0
    rows = manifest.load(whole)
    assert {row.path for row in rows} == set(contents(whole))
    assert {row.label for row in rows if row.attack == GENUINE} == {0}
    assert {row.attack for row in rows if row.label == 1} == set(CHOSEN)
    assert all(row.split == f"{row.source}/{row.speaker}" for row in rows)

    assert main(command(data, torn)) == 0
    table = torn / manifest.NAME
    table.write_bytes(table.read_bytes()[:-20])  # a row torn by a kill
    (torn / manifest.load(torn)[0].path).unlink()  # a file that is gone
    before = {path: (torn / path).stat().st_mtime_ns for path in [row.path for row in manifest.load(torn)[1:]]}
    assert main(command(data, torn)) == 0
    assert contents(torn) == contents(whole)
    assert sorted(map(str, manifest.load(torn))) == sorted(map(str, rows))
    assert {path: (torn / path).stat().st_mtime_ns for path in before} == before


def test_a_killed_build_leaves_only_whole_rows_and_no_process(data: Path, tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "scripts.make_attacks", *command(data, tmp_path)]
    build = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60.0
    while not manifest.load(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    build.send_signal(signal.SIGKILL)
    build.wait()
    rows = manifest.load(tmp_path)
    assert rows
    assert all(soundfile.info(tmp_path / row.path).duration == pytest.approx(row.seconds, abs=0.01) for row in rows)
    while time.monotonic() < deadline and _group(build.pid):
        time.sleep(0.05)
    assert not _group(build.pid)


def test_attacks_without_their_tool_are_counted_and_others_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("models.voice.attacks.kinds._there", lambda name: name != "librosa")
    assert main(command(data, tmp_path)) == 0
    assert "skipped phase_vocoder: not installed: librosa" in capsys.readouterr().out
    with (tmp_path / manifest.NAME).open(encoding="utf-8", newline="") as file:
        assert {row["attack"] for row in csv.DictReader(file)} == {GENUINE, "ring_modulation", "vibrato_chorus"}


def test_no_data_and_unknown_attacks_end_with_2(tmp_path: Path, data: Path) -> None:
    for arguments in (["--data", str(tmp_path), "--out", str(tmp_path)], [*command(data, tmp_path), "no_such_attack"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 2


def _group(leader: int) -> list[int]:
    """Return the living processes of a session."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            except OSError:
                continue
            if int(group) == leader and state != "Z" and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found
