"""Model versions on disk: ``<store>/<kind>/<version>/`` with a manifest, and one pointer ``<store>/<kind>/active``.

A version is immutable and named by time and content hash. Nothing here unpickles anything:
artefacts are ONNX, JSON, ``.keras`` or CSV, and each is checked against its SHA-256 before use.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import ModelRefused
from core.types import Thresholds

KINDS = ("text", "voice")
MANIFEST = "manifest.json"
_VERSION = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A verified version: its folder and its manifest."""

    kind: str
    name: str
    folder: Path
    manifest: Mapping[str, Any]

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders of the method the manifest calls active."""
        method = self.manifest["threshold_method"]
        return Thresholds(method=method, **self.manifest["thresholds"][method])


def open_version(store: Path, kind: str, name: str | None = None) -> ModelVersion:
    """Return the named (default: active) version after checking every file against the manifest.

    Raises:
        ModelRefused: when the version is unknown, incomplete or altered.
    """
    pointer = store / kind / "active"
    if name is None:
        if not pointer.is_file():
            raise ModelRefused(f"no active {kind} model; train one with: python -m scripts.train_{kind}")
        name = pointer.read_text("utf-8").strip()
    folder = store / kind / name
    if not _VERSION.fullmatch(name) or not (folder / MANIFEST).is_file():
        raise ModelRefused(f"there is no {kind} model version of that name", version=name)
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for file, digest in manifest["sha256"].items():
        path = folder / file
        if Path(file).name != file or not path.is_file() or sha256(path) != digest:
            raise ModelRefused(f"{kind} model file is missing or altered", version=name, file=file)
    return ModelVersion(kind, name, folder, manifest)


def publish(
    store: Path,
    kind: str,
    write: Callable[[Path], None],
    *,
    manifest: Mapping[str, Any],
    now: datetime | None = None,
) -> ModelVersion:
    """Write a new version in one atomic rename; an older version is never touched.

    ``write`` fills a temporary folder. ``manifest`` must hold ``type``, ``thresholds``
    (method -> {caution, danger}), ``threshold_method``, ``metrics`` and ``data``.
    """
    (store / kind).mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=store / kind))
    try:
        write(building)
        _write_thresholds_csv(building / "thresholds.csv", manifest["thresholds"])
        hashes = {path.name: sha256(path) for path in sorted(building.iterdir())}
        created = now or datetime.now(UTC)
        content = hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()
        name = f"{created:%Y%m%dT%H%M%SZ}-{content[:8]}"
        full = {**manifest, "kind": kind, "version": name, "created": created.isoformat(), "sha256": hashes}
        (building / MANIFEST).write_text(json.dumps(full, ensure_ascii=False, indent=2) + "\n", "utf-8")
        building.chmod(0o755)
        building.rename(store / kind / name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return open_version(store, kind, name)


def activate(store: Path, kind: str, name: str) -> None:
    """Point ``active`` at a version, atomically, after verifying it."""
    open_version(store, kind, name)
    descriptor, temporary = tempfile.mkstemp(prefix=".active-", dir=store / kind)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(name + "\n")
    Path(temporary).chmod(0o644)
    Path(temporary).replace(store / kind / "active")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_thresholds_csv(path: Path, thresholds: Mapping[str, Mapping[str, float]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["method", "caution", "danger"])
        writer.writerows([method, t["caution"], t["danger"]] for method, t in thresholds.items())
