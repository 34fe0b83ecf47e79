"""Results to JSON text and back, without losing a digit or a character."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.types import Evidence, Sentence, TextResult, VoiceResult, VoiceWindow


def dump(value: TextResult | VoiceResult | Mapping[str, Any] | Sequence[str]) -> str:
    """Return JSON text; Korean stays readable."""
    plain = asdict(value) if isinstance(value, TextResult | VoiceResult) else value
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def load_text(raw: str | None) -> TextResult | None:
    """Return what ``dump`` was given, or None for nothing."""
    if raw is None:
        return None
    values = json.loads(raw)
    values["evidence"] = tuple(Evidence(**item) for item in values["evidence"])
    values["sentences"] = tuple(Sentence(**item) for item in values["sentences"])
    return TextResult(**values)


def load_voice(raw: str | None) -> VoiceResult | None:
    """Return what ``dump`` was given, or None for nothing."""
    if raw is None:
        return None
    values = json.loads(raw)
    values["windows"] = tuple(VoiceWindow(**item) for item in values["windows"])
    return VoiceResult(**values)
