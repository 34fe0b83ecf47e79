"""What is active changes in one rename, and every change is written down."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ModelRefused
from models.registry.files import append_line, locked
from models.registry.pointer import DEFAULT_LINE, Pointer, read_pointer, write_pointer
from models.registry.versions import open_version, read_manifest

HISTORY = "history.jsonl"
"""One line for every change in the store: time, kind, line, from, to, method, by."""


def activate(
    store: Path,
    kind: str,
    name: str,
    *,
    method: str | None = None,
    line: str = DEFAULT_LINE,
    by: str | None = None,
) -> Pointer:
    """Make a version active, promotion and roll-back alike, after verifying it; return what is active now.

    ``method`` None is the version's own threshold method. ``by`` says who wants it. What is active already is left
    as it is and not written down again.

    Raises:
        ModelRefused: when the version is unknown, incomplete or altered, or has no thresholds of that method.
    """
    version = open_version(store, kind, name)
    _check(method, version.manifest["thresholds"], name)
    with locked(store / kind):
        return _move(store, kind, Pointer(name, method), line=line, by=by)


def choose_method(store: Path, kind: str, method: str, *, line: str = DEFAULT_LINE, by: str | None = None) -> Pointer:
    """Let the active version grade by another of its threshold methods; return what is active now.

    Raises:
        ModelRefused: when nothing is active, or the active version has no thresholds of that method.
    """
    with locked(store / kind):
        pointer = read_pointer(store, kind, line=line)
        if pointer is None:
            raise ModelRefused(f"no active {kind} model")
        _check(method, read_manifest(store / kind / pointer.version)["thresholds"], pointer.version)
        return _move(store, kind, Pointer(pointer.version, method), line=line, by=by)


def was_active(store: Path, kind: str, name: str) -> bool:
    """Tell whether the history knows of a time when this version was active."""
    path = store / HISTORY
    facts = map(json.loads, path.read_text("utf-8").splitlines()) if path.is_file() else ()
    return any(fact["kind"] == kind and name in {fact["from"], fact["to"]} for fact in facts)


def _check(method: str | None, known: object, name: str) -> None:
    if method is not None and (not isinstance(known, dict) or method not in known):
        raise ModelRefused("this model version has no thresholds of that method", version=name, method=method)


def _move(store: Path, kind: str, new: Pointer, *, line: str, by: str | None) -> Pointer:
    """Replace the pointer of a locked kind."""
    old = None
    with suppress(ModelRefused):  # a damaged pointer is what this may mend
        old = read_pointer(store, kind, line=line)
    own = str(read_manifest(store / kind / new.version)["threshold_method"])
    method = new.threshold_method or own
    if old is not None and (old.version, old.threshold_method or own) == (new.version, method):
        return old
    write_pointer(store, kind, new, line=line)
    fact = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "kind": kind,
        "line": line,
        "from": old and old.version,
        "to": new.version,
        "method": method,
        "by": by,
    }
    append_line(store / HISTORY, json.dumps(fact))
    return new
