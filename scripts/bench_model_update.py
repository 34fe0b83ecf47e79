"""Show what a model update does with good, poisoned and new evidence; ends with 1 when it does the wrong thing.

``python -m scripts.bench_model_update [--rows 5000]``: databases of made-up calls (``scripts.make_update_rows``)
and copies of the model store, all temporary. 1: labels are exchanged, all or a third of them, in many calls and in few:
the new model must stay a candidate.
2: the same calls rightly labelled, with a new kind of scam among them: the new model must be promoted, and its recall
on calls of that kind that were kept back must rise. 3: ``--memory-rows`` calls: peak memory of the process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from core.settings import ROOT, Settings
from models.registry import open_version
from models.text.loading import load_text_model
from scripts.bench_updates import measured_update
from scripts.make_update_rows import fill, kinds
from wiring import build_services

WITHIN_S = 600.0
MAX_MB = 500
NEW_KIND = 200
FEW = (300, 1000)
"""Rows of small poisoned batches: about 120 and 400 labels."""


def main(argv: list[str] | None = None) -> int:
    """Run the measurement and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench_model_update",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--memory-rows", type=int, default=0, help="rows of the third part; 0 leaves it out")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="moksori-bench-") as name:
        folder = Path(name)
        poisoned = [_poisoned(folder, rows, share) for rows in (*FEW, args.rows) for share in (1.0, 1 / 3)]
        fine = all(poisoned) & _new_kind(folder, args.rows)
        return int(not (fine & (not args.memory_rows or _memory(folder, args.memory_rows))))


def _poisoned(folder: Path, rows: int, share: float) -> bool:
    store = _store(folder, f"poisoned-{rows}-{share:.2f}")
    before = open_version(store, "text").name
    code, seconds, _ = _update(folder, store, rows, poison=share)
    kept = open_version(store, "text").name == before
    said = "active model unchanged" if kept else "ACTIVE MODEL CHANGED"
    print(f"{rows} rows, {share:.0%} of the labels exchanged: exit {code} in {seconds:.0f} s, {said}")
    return code == 3 and kept


def _new_kind(folder: Path, rows: int) -> bool:
    store = _store(folder, "good")
    before = _recall(store)
    code, seconds, peak_mb = _update(folder, store, rows, new_kind=NEW_KIND)
    after = _recall(store)
    print(f"good, with a new kind: exit {code} in {seconds:.0f} s, peak {peak_mb:.0f} MB")
    for name in before:
        print(f"  new kind, calls kept back: {name} {before[name]:.3f} before, {after[name]:.3f} after")
    return code == 0 and seconds <= WITHIN_S and after["recall at danger"] > before["recall at danger"]


def _memory(folder: Path, rows: int) -> bool:
    code, seconds, peak_mb = _update(folder, _store(folder, "many"), rows)
    print(f"{rows} rows: exit {code} in {seconds:.0f} s, peak {peak_mb:.0f} MB")
    return code in {0, 3} and peak_mb <= MAX_MB


def _recall(store: Path) -> dict[str, float]:
    """Return what the active model says of the calls that were kept back."""
    model = load_text_model(open_version(store, "text"))
    back = kinds()[1]
    scores = model.predict_proba([call["text"] for call in back])
    scam = [score for call, score in zip(back, scores, strict=True) if call["label"] == 1]
    calm = [score for call, score in zip(back, scores, strict=True) if call["label"] == 0]
    return {
        "recall at caution": sum(score >= model.thresholds.caution for score in scam) / len(scam),
        "recall at danger": sum(score >= model.thresholds.danger for score in scam) / len(scam),
        "false alarms at caution": sum(score >= model.thresholds.caution for score in calm) / len(calm),
    }


def _store(folder: Path, name: str) -> Path:
    """Return a copy of the model store."""
    shutil.copytree(ROOT / "models" / "store", folder / name)
    return folder / name


def _update(
    folder: Path, store: Path, rows: int, *, new_kind: int = 0, poison: float = 0.0
) -> tuple[int, float, float]:
    """Fill a database and update from it; return exit code, seconds and the largest process so far in MB."""
    url = f"sqlite:///{folder / store.name}.sqlite3"
    build_services(Settings(database_url=url, data_dir=folder / "var"))
    print(json.dumps({"database": store.name} | fill(url, rows, new_kind=new_kind, poison=poison)), flush=True)
    return measured_update([], database_url=url, store=store, data=folder / "var")


if __name__ == "__main__":
    sys.exit(main())
