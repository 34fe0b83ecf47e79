"""Every version of a kind, without reading its artefacts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import ModelRefused
from models.registry.pointer import DEFAULT_LINE, Pointer, read_pointer
from models.registry.versions import VERSION, read_manifest

ACTIVE, CANDIDATE, DAMAGED = "active", "candidate", "damaged"


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as its manifest tells of it; its artefacts are checked when it is opened.

    ``status`` is ``active``, ``candidate`` (may be promoted; ``reason`` says why an update did not) or ``damaged``
    (the manifest is missing or altered; it is empty here).
    """

    kind: str
    name: str
    status: str
    line: str = DEFAULT_LINE
    reason: str | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)


def list_versions(store: Path, kind: str, *, line: str | None = None) -> tuple[Listed, ...]:
    """Return the versions of a kind, or of one line of it, newest first."""
    root = store / kind
    names = sorted((path.name for path in root.iterdir() if VERSION.fullmatch(path.name)) if root.is_dir() else ())
    found = [_look(store, kind, name) for name in reversed(names)]
    return tuple(listed for listed in found if line in {None, listed.line})


def _look(store: Path, kind: str, name: str) -> Listed:
    try:
        manifest = read_manifest(store / kind / name)
    except ModelRefused as error:
        return Listed(kind, name, DAMAGED, reason=error.message)
    line, reason = str(manifest.get("line", DEFAULT_LINE)), manifest.get("reason")
    if name in {_active(store, kind, DEFAULT_LINE), _active(store, kind, line)}:
        return Listed(kind, name, ACTIVE, line, reason, manifest)
    return Listed(kind, name, CANDIDATE, line, reason, manifest)


def _active(store: Path, kind: str, line: str) -> str | None:
    pointer: Pointer | None = None
    with suppress(ModelRefused):
        pointer = read_pointer(store, kind, line=line)
    return pointer.version if pointer else None
