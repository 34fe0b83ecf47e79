"""Results to and from the JSON text of their columns.

Reading is lenient about age: a key that an older version did not write takes its default, one
that a newer version wrote is ignored. Anything else that we did not write raises ``Unreadable``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from math import inf
from typing import Any, TypeVar

from core.types import Evidence, RunningScore, Segment, Sentence, TextResult, VoiceResult, VoiceWindow

Value = TypeVar("Value", Evidence, RunningScore, Segment, Sentence, VoiceWindow, TextResult, VoiceResult)


class Unreadable(ValueError):
    """Raised for what we never wrote; carries nothing of it, because it may quote a call."""


def to_json(value: Any) -> str:
    """Write compact JSON; Korean stays readable.

    Raises:
        ValueError: for a score that is not a number, which no reader could tell from a result.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def text_to_json(result: TextResult) -> str:
    """Write what the text model said."""
    return to_json(asdict(result))


def text_from_json(raw: str | None) -> TextResult | None:
    """Read what ``text_to_json`` wrote; None for a row without a result."""
    if raw is None:
        return None
    stored = _object(raw)
    stored["evidence"] = _many(Evidence, stored.get("evidence", []))
    stored["sentences"] = _many(Sentence, stored.get("sentences", []))
    return _one(TextResult, stored)


def voice_to_json(result: VoiceResult) -> str:
    """Write what the voice model said."""
    plain = {spec.name: getattr(result, spec.name) for spec in fields(result)}
    strongest = asdict(result.strongest) if result.strongest else None
    windows = [asdict(window) for window in result.windows]
    return to_json({**plain, "windows": windows, "strongest": strongest, "members": dict(result.members)})


def voice_from_json(raw: str | None) -> VoiceResult | None:
    """Read what ``voice_to_json`` wrote; None for a row without a result."""
    if raw is None:
        return None
    stored = _object(raw)
    stored["windows"] = _many(VoiceWindow, stored.get("windows", []))
    if stored.get("strongest") is not None:
        stored["strongest"] = _one(VoiceWindow, stored["strongest"])
    return _one(VoiceResult, stored)


def running_from_json(raw: str) -> RunningScore:
    """Read the score of a call that is still being heard."""
    return _one(RunningScore, _object(raw))


def segments_to_json(segments: Sequence[Segment]) -> str:
    """Write what was heard in one chunk."""
    return to_json([asdict(segment) for segment in segments])


def segments_from_json(raw: str) -> tuple[Segment, ...]:
    """Read what ``segments_to_json`` wrote."""
    return _many(Segment, _parsed(raw))


def warnings_to_json(warnings: Sequence[str]) -> str:
    """Write the warnings of a call."""
    return to_json(list(warnings))


def warnings_from_json(raw: str | None) -> tuple[str, ...]:
    """Read warnings; none for a row without."""
    stored = [] if raw is None else _parsed(raw)
    if not isinstance(stored, list) or not all(isinstance(warning, str) for warning in stored):
        raise Unreadable("not a list of warnings")
    return tuple(stored)


def error_from_json(raw: str | None) -> Mapping[str, Any] | None:
    """Read the reason of a failure; None for a row without."""
    return None if raw is None else _object(raw)


def _parsed(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, TypeError, RecursionError):
        raise Unreadable("not JSON") from None  # the exception holds the whole text


def _object(raw: str) -> dict[str, Any]:
    stored = _parsed(raw)
    if not isinstance(stored, dict):
        raise Unreadable("not a JSON object")
    return stored


def _many(kind: type[Value], stored: Any) -> tuple[Value, ...]:
    if not isinstance(stored, list):
        raise Unreadable("not a list")
    return tuple(_one(kind, item) for item in stored)


def _one(kind: type[Value], stored: Any) -> Value:
    try:
        known = {spec.name: stored[spec.name] for spec in fields(kind) if spec.name in stored}
        value = kind(**known)
    except (TypeError, KeyError):
        raise Unreadable(f"not a {kind.__name__}") from None
    if not all(_fits(known[spec.name], str(spec.type)) for spec in fields(kind) if spec.name in known):
        raise Unreadable(f"not a {kind.__name__}")
    return value


def _fits(value: Any, declared: str) -> bool:
    """Tell whether a value is what its field declares, like ``float | None``; whatever is not plain was read before."""
    name, _, maybe = declared.partition(" | ")
    if value is None:
        return maybe == "None"
    if name == "float":
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < inf
    plain = {"int": int, "str": str, "bool": bool, "Mapping[str, float]": dict}.get(name)
    return plain is None or type(value) is plain
