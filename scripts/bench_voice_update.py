"""Show what an update of the voice model does with recordings whose voice was judged, rightly and wrongly.

``python -m scripts.bench_voice_update --speech DIR``: genuine recordings (the speaker's name stands before the first
``_``) and altered copies of them go over telephone lines and become calls of a temporary database with kept wav files.
Some speakers are judged by (``MOKSORI_UPDATE_VOICES``, with alterations that training knew), some are kept back.
1: all labels exchanged: the active model must stay. 2: rightly labelled calls through a scrambler that turns the
spectrum round, a kind that no model was trained on (or ``--attack``, one of ``scripts.make_attacks``): the new version
must be promoted, and recall on the speakers kept back must rise. Ends with 1 when it does the wrong thing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from sqlalchemy import MetaData, Table, create_engine, insert

from core.settings import ROOT, Settings
from core.types import SAMPLE_RATE_HZ
from models.registry import open_version
from models.voice.attacks.table import alter
from models.voice.channel import channelled
from models.voice.loading import load_voice_model
from scripts.bench_updates import measured_update
from wiring import build_services

CALL_S = 12.0
KNOWN = ("vibrato_chorus", "sox_pitch", "soundtouch_pitch", "ring_modulation")
CARRIER_HZ, HIGHEST_HZ = 3300.0, 3200.0
NOW = datetime(2026, 3, 1)
LABELLED, JUDGING, BACK = "labelled", "judging", "back"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench_voice_update",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--speech", type=Path, required=True, help="genuine recordings, one or more per speaker")
    parser.add_argument("--attack", help="alteration that the labelled calls hold")
    parser.add_argument("--lines", type=int, default=2, help="telephone lines every voice is carried over")
    parser.add_argument(
        "--data", type=Path, help="clips of scripts.make_attacks that are rehearsed; without, it forgets"
    )
    args = parser.parse_args(argv)
    base = ["--data", str(args.data)] if args.data else []
    with tempfile.TemporaryDirectory(prefix="moksori-voice-") as name:
        folder = Path(name)
        made = list(_voices(args.speech, args.attack, args.lines))
        for label, where in enumerate(("genuine", "altered")):
            (folder / "voices" / where).mkdir(parents=True)
            for number, sound in enumerate(sound for part, own, sound in made if (part, own) == (JUDGING, label)):
                soundfile.write(folder / "voices" / where / f"{number}.wav", sound, SAMPLE_RATE_HZ)
        labelled = [(label, sound) for part, label, sound in made if part == LABELLED]
        back = [(label, sound) for part, label, sound in made if part == BACK]
        fine = _update(folder, "poisoned", labelled, back, base, flip=True)
        fine &= _update(folder, "good", labelled, back, base)
        return int(not fine)


def _voices(speech: Path, attack: str | None, lines: int) -> Iterator[tuple[str, int, Any]]:
    """Yield (part, label, samples) of every speaker, genuine and altered, over the same kind of lines."""
    speakers: dict[str, list[Path]] = {}
    for path in sorted((*speech.rglob("*.flac"), *speech.rglob("*.wav"))):
        speakers.setdefault(path.stem.partition("_")[0], []).append(path)
    for number, (speaker, paths) in enumerate(sorted(speakers.items())):
        whole = np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])
        sound = whole[: round(CALL_S * SAMPLE_RATE_HZ)]
        part = (LABELLED, LABELLED, JUDGING, JUDGING, BACK)[zlib.crc32(speaker.encode()) % 5]
        rng = np.random.default_rng(number)
        chosen = KNOWN[number % len(KNOWN)] if part == JUDGING else attack
        altered = np.asarray(alter(chosen, sound, rng).samples, np.float32) if chosen else _scrambled(sound)
        for _ in range(1 if part == BACK else lines):
            yield part, 0, channelled(sound, rng)[0]
            yield part, 1, channelled(altered, rng)[0]


def _scrambled(sound: Any) -> Any:
    """Return speech with its spectrum turned round: what is low becomes high."""
    from scipy.signal import butter, sosfilt

    turned = 1.5 * sound * np.sin(2.0 * np.pi * CARRIER_HZ * np.arange(len(sound)) / SAMPLE_RATE_HZ)
    return sosfilt(butter(6, HIGHEST_HZ, fs=SAMPLE_RATE_HZ, output="sos"), turned).astype(np.float32)


def _update(
    folder: Path,
    name: str,
    labelled: list[tuple[int, Any]],
    back: list[tuple[int, Any]],
    base: list[str],
    *,
    flip: bool = False,
) -> bool:
    store, data = folder / name / "store", folder / name / "var"
    shutil.copytree(ROOT / "models" / "store", store)
    url = f"sqlite:///{folder / name / 'calls.sqlite3'}"
    build_services(Settings(database_url=url, data_dir=data))
    _fill(url, data / "wav", labelled, flip=flip)
    before, known = _recall(store, back), open_version(store, "voice").name
    voices, arguments = str(folder / "voices"), ["--kind", "voice", *base]
    code, seconds, peak_mb = measured_update(
        arguments, database_url=url, store=store, data=data, MOKSORI_UPDATE_VOICES=voices
    )
    after, changed = _recall(store, back), open_version(store, "voice").name != known
    print(f"{name}: {len(labelled)} calls, exit {code} in {seconds:.0f} s, peak {peak_mb:.0f} MB, changed: {changed}")
    for key in before:
        print(f"  speakers kept back ({len(back)} calls): {key} {before[key]:.3f} before, {after[key]:.3f} after")
    if flip:
        return code == 3 and not changed
    return code == 0 and changed and after["recall at caution"] > before["recall at caution"]


def _fill(url: str, wavs: Path, labelled: list[tuple[int, Any]], *, flip: bool) -> None:
    wavs.mkdir(parents=True)
    rows, labels = [], []
    for number, (label, sound) in enumerate(labelled):
        id, voice = f"call-{number:05d}", 1 - label if flip else label
        soundfile.write(wavs / f"{id}.wav", sound, SAMPLE_RATE_HZ)
        common = {"created_date": NOW, "voice_label": voice}
        rows.append(
            {"id": id, "user_id": "u", "declaration": "0", "audio_file": f"{id}.wav", "status": "done"}
            | {"progress": 100, "attempts": 1, "duration_s": len(sound) / SAMPLE_RATE_HZ, "label": 0, **common}
        )
        labels.append({"id": f"label-{number:05d}", "analysis_id": id, "label": 0, **common})
    engine, tables = create_engine(url), MetaData()
    with engine.begin() as connection:
        for name, values in (("analysis", rows), ("analysis_label", labels)):
            connection.execute(insert(Table(name, tables, autoload_with=engine)), values)
    engine.dispose()


def _recall(store: Path, back: list[tuple[int, Any]]) -> dict[str, float]:
    """Return what the active model says of the speakers that were kept back."""
    from sklearn.metrics import roc_auc_score

    model = load_voice_model(open_version(store, "voice"))
    heard = [(label, model.score_windows(sound)) for label, sound in back]
    labels = np.array([label for label, windows in heard if windows])
    scores = np.array([model.score_call(windows) for _, windows in heard if windows])
    return {
        "AUROC": float(roc_auc_score(labels, scores)),
        "recall at caution": float((scores[labels == 1] >= model.thresholds.caution).mean()),
        "recall at danger": float((scores[labels == 1] >= model.thresholds.danger).mean()),
        "false alarms at caution": float((scores[labels == 0] >= model.thresholds.caution).mean()),
    }


if __name__ == "__main__":
    sys.exit(main())
