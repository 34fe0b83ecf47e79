"""Factories of small versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.registry import ModelVersion, publish

MANIFEST: dict[str, Any] = {
    "type": "fake",
    "thresholds": {"max_f1": {"caution": 0.3, "danger": 0.7}, "eer": {"caution": 0.4, "danger": 0.8}},
    "threshold_method": "max_f1",
    "metrics": {"by_source": {"ours": {"recall": 0.9}}},
    "data": {"files": {"a.csv": {"sha256": "0" * 64, "rows": 3}}},
}
KEPT = {"weights.npz": b"PK", "network.onnx": b"\x08", "vocabulary.json": b"{}", "members/one/network.keras": b"PK"}


def fill(files: dict[str, bytes]) -> Callable[[Path], None]:
    """Return what writes ``files`` (path -> content) into a folder."""

    def write(folder: Path) -> None:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return write


def add(store: Path, files: dict[str, bytes] | None = None, *, kind: str = "text", **more: Any) -> ModelVersion:
    """Publish a version of ``files``."""
    return publish(store, kind, fill(KEPT if files is None else files), manifest=MANIFEST, **more)
