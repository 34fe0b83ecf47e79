"""Which version of a kind is active, and by which method it grades: one small file, replaced in one rename."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelRefused
from models.registry.files import replace_text

DEFAULT_LINE = "default"
"""The line of versions that analyses use. Others are updates limited to a user, a site or a time."""
_LINE = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """The active version; ``threshold_method`` None means the one its manifest names."""

    version: str
    threshold_method: str | None = None


def read_pointer(store: Path, kind: str, *, line: str = DEFAULT_LINE) -> Pointer | None:
    """Return what is active, or None when nothing was ever activated. Reads one file of a hundred bytes.

    Raises:
        ModelRefused: when the pointer is there and cannot be understood.
    """
    try:
        text = pointer_path(store, kind, line).read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ModelRefused(f"the pointer to the active {kind} model cannot be read") from error
    if not text.startswith("{"):
        return Pointer(text)  # as earlier releases wrote it
    try:
        found = json.loads(text)
        pointer = Pointer(found["version"], found["threshold_method"])
    except (ValueError, KeyError) as error:
        raise ModelRefused(f"the pointer to the active {kind} model is damaged") from error
    if not isinstance(pointer.version, str) or not isinstance(pointer.threshold_method, str | None):
        raise ModelRefused(f"the pointer to the active {kind} model is damaged")
    return pointer


def write_pointer(store: Path, kind: str, pointer: Pointer, *, line: str = DEFAULT_LINE) -> None:
    """Make it the active one."""
    content = {"version": pointer.version, "threshold_method": pointer.threshold_method}
    replace_text(pointer_path(store, kind, line), json.dumps(content) + "\n")


def pointer_path(store: Path, kind: str, line: str) -> Path:
    """Return the file of a line: ``active``, or ``active.<line>``.

    Raises:
        ModelRefused: when ``line`` is not a name.
    """
    if not _LINE.fullmatch(line):
        raise ModelRefused("the name of a line is lower-case letters, digits, _ and -, at most 32 of them")
    return store / kind / ("active" if line == DEFAULT_LINE else f"active.{line}")
