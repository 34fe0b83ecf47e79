"""Results to and from the JSON text of their columns.

Reading is lenient about age: a key that an older version did not write takes its default, one
that a newer version wrote is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, TypeVar

from core.types import Evidence, Segment, Sentence, TextResult, VoiceResult, VoiceWindow

Value = TypeVar("Value", Evidence, Segment, Sentence, VoiceWindow, TextResult, VoiceResult)


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
    stored = json.loads(raw)
    stored["evidence"] = _many(Evidence, stored.get("evidence", ()))
    stored["sentences"] = _many(Sentence, stored.get("sentences", ()))
    return _one(TextResult, stored)


def voice_to_json(result: VoiceResult) -> str:
    """Write what the voice model said."""
    plain = {spec.name: getattr(result, spec.name) for spec in fields(result)}
    return to_json({**plain, "windows": [asdict(window) for window in result.windows], "members": dict(result.members)})


def voice_from_json(raw: str | None) -> VoiceResult | None:
    """Read what ``voice_to_json`` wrote; None for a row without a result."""
    if raw is None:
        return None
    stored = json.loads(raw)
    stored["windows"] = _many(VoiceWindow, stored.get("windows", ()))
    return _one(VoiceResult, stored)


def segments_to_json(segments: Sequence[Segment]) -> str:
    """Write what was heard in one chunk."""
    return to_json([asdict(segment) for segment in segments])


def segments_from_json(raw: str) -> tuple[Segment, ...]:
    """Read what ``segments_to_json`` wrote."""
    return _many(Segment, json.loads(raw))


def warnings_to_json(warnings: Sequence[str]) -> str:
    """Write the warnings of a call."""
    return to_json(list(warnings))


def warnings_from_json(raw: str | None) -> tuple[str, ...]:
    """Read warnings; none for a row without."""
    return () if raw is None else tuple(json.loads(raw))


def error_from_json(raw: str | None) -> Mapping[str, Any] | None:
    """Read the reason of a failure; None for a row without."""
    if raw is None:
        return None
    error: dict[str, Any] = json.loads(raw)
    return error


def _many(kind: type[Value], stored: Sequence[Mapping[str, Any]]) -> tuple[Value, ...]:
    return tuple(_one(kind, item) for item in stored)


def _one(kind: type[Value], stored: Mapping[str, Any]) -> Value:
    known = {spec.name for spec in fields(kind)}
    return kind(**{key: value for key, value in stored.items() if key in known})
