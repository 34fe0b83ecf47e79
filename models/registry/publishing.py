"""A new version appears whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models.registry.code_version import code_version
from models.registry.files import MANIFEST, TEMPORARY, artefacts, locked, sha256, sync
from models.registry.pointer import DEFAULT_LINE, pointer_path
from models.registry.versions import KINDS, ModelVersion, content_of, hash_of, open_version
from models.thresholds import write_csv

BUILDING = ".building-"
ABANDONED_S = 24 * 3600.0
"""A folder that has been filled for so long is given up, even where locks cannot tell whether its process lives."""
REQUIRED = ("type", "thresholds", "threshold_method", "metrics", "data")


def publish(
    store: Path,
    kind: str,
    write: Callable[[Path], None],
    *,
    manifest: Mapping[str, Any],
    line: str = DEFAULT_LINE,
    reason: str | None = None,
    now: datetime | None = None,
) -> ModelVersion:
    """Write a new version in one atomic rename; an older version is never touched.

    ``write`` fills a temporary folder with everything that shall ever lie in the version, reports included: a file
    added later makes it altered. ``manifest`` must hold ``type``, ``thresholds`` (method -> {caution, danger}),
    ``threshold_method``, ``metrics`` and ``data``. ``reason`` says why the version is not to be promoted.
    Several processes may publish at once; what a killed one left behind is removed.

    Raises:
        ValueError: when the manifest lacks something, or the kind is unknown.
        ModelRefused: when ``line`` is not a name.
    """
    missing = [key for key in REQUIRED if key not in manifest]
    if kind not in KINDS or missing or manifest["threshold_method"] not in manifest["thresholds"]:
        raise ValueError(f"cannot publish: kind {kind!r}, missing {missing}, or no thresholds of the active method")
    pointer_path(store, kind, line)
    created = now or datetime.now(UTC)
    with _building(store / kind) as folder:
        write(folder)
        write_csv(folder / "thresholds.csv", manifest["thresholds"])
        full = {
            **manifest,
            "kind": kind,
            "line": line,
            "reason": reason,
            "code": code_version(),
            "created": created.isoformat(),
            "data_fingerprint": hash_of(manifest["data"]),
            "sha256": {file: sha256(folder / file) for file in artefacts(folder)},
        }
        full = json.loads(json.dumps(full), parse_constant=lambda _: None)  # as it will be read; NaN is no JSON
        full["version"] = f"{created:%Y%m%dT%H%M%SZ}-{content_of(full)[:8]}"
        (folder / MANIFEST).write_text(json.dumps(full, ensure_ascii=False, indent=2) + "\n", "utf-8")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
            sync(path)
        _put(folder, store / kind / full["version"])
    return open_version(store, kind, full["version"])


@contextmanager
def _building(folder: Path) -> Iterator[Path]:
    """Give a fresh folder, locked by this process, that is gone in the end unless it was renamed."""
    with locked(folder):
        _sweep(folder)
        building = Path(tempfile.mkdtemp(prefix=BUILDING, dir=folder))
        descriptor = os.open(building, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # some network file systems do not lock folders; there its age has to tell
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)
        os.close(descriptor)


def _put(folder: Path, place: Path) -> None:
    """Rename the folder; the place may be taken only by the same version, to the last byte."""
    try:
        folder.rename(place)
    except OSError as error:
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY}:
            raise
    sync(place.parent)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left in a locked folder."""
    for left in folder.glob(f"{TEMPORARY}*"):  # only who holds the lock writes these
        left.unlink(missing_ok=True)
    for left in folder.glob(f"{BUILDING}*"):
        if _is_abandoned(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_abandoned(building: Path) -> bool:
    try:
        descriptor = os.open(building, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False  # it has just become a version
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody works on it, or there are no locks here
        return time.time() - os.fstat(descriptor).st_mtime > ABANDONED_S
    finally:
        os.close(descriptor)
    return True
