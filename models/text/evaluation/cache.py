"""Held-out logits on disk, named after everything they depend on, so that reporting again is quick."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.text.evaluation.witness import Record
from models.text.loso import Held, Logits

PACKAGE = "models.text"
_CLEAN, _NOISY, _VIEW, _CHOOSING = "clean", "noisy", "view", "choosing"


def key(settings: Mapping[str, object], modules: Iterable[str]) -> str:
    """Return twelve hexadecimal digits that change with the settings or with any code behind ``modules``."""
    content = json.dumps({"settings": settings, "code": code_fingerprint(modules)}, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def code_fingerprint(modules: Iterable[str]) -> dict[str, str]:
    """Return {module: SHA-256} of these modules and of all modules of ``models.text`` that they import."""
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        path = None if name in found or not name.startswith(PACKAGE) else _file(name)
        if path is not None:
            code = path.read_bytes()
            found[name] = hashlib.sha256(code).hexdigest()
            waiting.extend(_imported(code))
    return found


def save(path: Path, record: Record) -> None:
    """Write the logits as one ``.npz``, in one rename."""
    held = record.held
    tables: dict[tuple[str, str], Mapping[int, Logits]] = {(_CLEAN, ""): held.clean, (_NOISY, ""): held.noisy}
    tables |= {("held_clean", ""): {i: pair[0] for i, pair in held.choosing.items()}}
    tables |= {("held_noisy", ""): {i: pair[1] for i, pair in held.choosing.items()}}
    tables |= {(_VIEW, name): table for name, table in record.views.items()}
    tables |= {(_CHOOSING, name): table for name, table in record.choosing.items()}
    arrays: dict[str, NDArray[np.generic]] = {"dropped": np.array(json.dumps(held.dropped))}
    for (kind, name), table in tables.items():
        arrays |= {f"{kind}:{name}:{part}": array for part, array in _flat(table).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part.npz")
    np.savez_compressed(temporary, **arrays)  # type: ignore[arg-type]
    temporary.replace(path)


def load(path: Path) -> Record:
    """Read what ``save`` wrote."""
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    dropped = json.loads(str(arrays.pop("dropped")))
    tables: dict[str, dict[str, dict[int, Logits]]] = {}
    for kind, name in {tuple(entry.split(":")[:2]) for entry in arrays}:
        parts = {part: arrays[f"{kind}:{name}:{part}"] for part in ("places", "ends", "values")}
        tables.setdefault(kind, {})[name] = _ragged(**parts)
    again = tables["held_noisy"][""]
    choosing = {i: (clean, again[i]) for i, clean in tables["held_clean"][""].items()}
    held = Held(clean=tables[_CLEAN][""], noisy=tables[_NOISY][""], choosing=choosing, dropped=dropped)
    return Record(held, tables.get(_VIEW, {}), tables.get(_CHOOSING, {}))


def _flat(table: Mapping[int, Logits]) -> dict[str, NDArray[np.generic]]:
    values = [np.asarray(logits, np.float64) for logits in table.values()]
    ends = np.cumsum([len(logits) for logits in values], dtype=np.int64)
    return {
        "places": np.array(list(table), np.int64),
        "ends": ends,
        "values": np.concatenate(values) if values else np.zeros(0),
    }


def _ragged(places: NDArray[np.int64], ends: NDArray[np.int64], values: NDArray[np.float64]) -> dict[int, Logits]:
    parts = np.split(values, ends[:-1]) if len(ends) else []
    return {int(place): part for place, part in zip(places, parts, strict=True)}


def _file(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None  # the name of a function or class, not of a module
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


def _imported(code: bytes) -> Iterable[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
