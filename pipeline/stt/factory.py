"""From the name of an engine to the engine."""

from __future__ import annotations

from pathlib import Path

from core.errors import ConfigurationError
from pipeline.stt.google import GoogleStt
from pipeline.stt.null import NullStt
from pipeline.stt.protocol import SpeechToText
from pipeline.stt.vosk import VoskStt
from pipeline.stt.whisper import WhisperStt


def build_engine(
    *, engine: str, model: str, cache_dir: Path, threads: int, batch: int, language: str = "ko"
) -> SpeechToText:
    """Return the engine, not loaded yet.

    Raises:
        core.errors.ConfigurationError: when there is no engine of that name.
    """
    if engine == "whisper":
        return WhisperStt(model=model, cache_dir=cache_dir, threads=threads, batch=batch, language=language)
    if engine == "google":
        return GoogleStt(language=language)
    if engine == "vosk":
        return VoskStt(model=model)
    if engine == "null":
        return NullStt(work=_work(model))
    raise ConfigurationError(f"there is no speech recogniser called {engine!r}")


def _work(model: str) -> float:
    """Return the units of work each piece shall cost; any name of a model means none."""
    try:
        return max(0.0, float(model))
    except ValueError:
        return 0.0
