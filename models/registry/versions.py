"""A version is opened only when every byte of it is as it was published."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelRefused
from core.types import Thresholds
from models.registry.files import MANIFEST, artefacts, sha256
from models.registry.pointer import DEFAULT_LINE, read_pointer

KINDS = ("text", "voice", "scam_type", "anomaly")
VERSION = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A verified version: its folder, its manifest, and the method chosen for it (default: the manifest's)."""

    kind: str
    name: str
    folder: Path
    manifest: Mapping[str, Any]
    method: str | None = None

    @property
    def thresholds(self) -> Thresholds:
        """Grade borders of the method in use."""
        method = self.method or self.manifest["threshold_method"]
        return Thresholds(method=method, **self.manifest["thresholds"][method])


def open_version(store: Path, kind: str, name: str | None = None, *, line: str = DEFAULT_LINE) -> ModelVersion:
    """Return the named version, or the active one of a line, after checking every file against the manifest.

    A named version grades by the method of its manifest; the active one by the method chosen for it.

    Raises:
        ModelRefused: when the version is unknown, incomplete or altered.
    """
    method = None
    if name is None:
        pointer = read_pointer(store, kind, line=line) if kind in KINDS else None
        if pointer is None:
            raise ModelRefused(f"no active {kind} model; train one with: python -m scripts.train_{kind}")
        name, method = pointer.version, pointer.threshold_method
    folder = store / kind / name
    if kind not in KINDS or not VERSION.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise ModelRefused(f"there is no {kind} model version of that name", version=name)
    manifest = read_manifest(folder)
    for file in sorted({*manifest["sha256"], *artefacts(folder)}):
        if not _is_whole(folder, file, manifest["sha256"].get(file)):
            raise ModelRefused(f"{kind} model file is missing or altered", version=name, file=file)
    if method is not None and method not in manifest["thresholds"]:
        raise ModelRefused(f"this {kind} model has no thresholds of that method", version=name, method=method)
    return ModelVersion(kind, name, folder, manifest, method)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a version, or raise ``ModelRefused`` when it is not the one that was published."""
    path = folder / MANIFEST
    refused = ModelRefused("the manifest of a model version is missing or altered", version=folder.name)
    try:
        manifest: dict[str, Any] = json.loads(path.read_text("utf-8"))
        named = manifest["version"] == folder.name and folder.name.endswith(f"-{content_of(manifest)[:8]}")
        complete = manifest["threshold_method"] in manifest["thresholds"] and isinstance(manifest["sha256"], dict)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise refused from error
    if path.is_symlink() or not named or not complete:
        raise refused
    return manifest


def content_of(manifest: Mapping[str, Any]) -> str:
    """Return the hash that the version's name ends with: of all the manifest says but its own name."""
    said = {key: value for key, value in manifest.items() if key != "version"}
    if "line" not in said:  # earlier releases left the manifest itself out
        said = manifest["sha256"]
    return hash_of(said)


def hash_of(value: object) -> str:
    """Return the SHA-256 of a value as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _is_whole(folder: Path, file: str, digest: object) -> bool:
    """Tell whether a file lies inside the folder, is a plain file, and has the SHA-256 that the manifest names."""
    path = folder / file
    inside = not {"", ".", ".."} & set(file.split("/")) and not Path(file).is_absolute()
    linked = any(step.is_symlink() for step in (path, *path.parents) if step.is_relative_to(folder))
    return inside and not linked and path.is_file() and sha256(path) == digest
