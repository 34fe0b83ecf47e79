"""What the line borrows: the recogniser and the models, loaded when a call needs them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.errors import ModelRefused
from core.settings import Settings
from core.types import CallResult, Stage
from models.protocols import ScamTypes, TextModel, VoiceModel
from models.registry import ModelVersion, open_version, read_pointer
from models.text.borders import load_borders
from models.text.loading import load_text_model
from models.text.scam_types import KIND, load_scam_types
from models.voice.loading import load_voice_model
from pipeline.analyse import Notebook, Tools, analyse
from pipeline.prepare import Limits
from pipeline.stt.factory import build_engine
from pipeline.stt.protocol import SpeechToText
from service.lending import Lender
from service.ports import Line

log = logging.getLogger(__name__)
Model = TypeVar("Model")
MAX_DEFAULT_THREADS = 4
"""Each thread of the recogniser has decoding buffers of its own: more must be asked for."""


@dataclass(frozen=True, slots=True)
class Models:
    """Everything the line borrows, in the order in which it is loaded."""

    stt: Lender[SpeechToText]
    text: Lender[TextModel]
    voice: Lender[VoiceModel]
    types: Lender[ScamTypes]

    def scam_types(self) -> ScamTypes | None:
        """Return what names the type of a scam; None when there is none: a call is analysed without as well."""
        try:
            return self.types.borrow()
        except ModelRefused as error:
            log.warning("types of scams are not named: %s", error.message)
            return None


def build_models(settings: Settings) -> Models:
    """Lenders of the recogniser and the models."""

    def load_stt() -> SpeechToText:
        engine = build_engine(
            engine=settings.stt_engine,
            model=settings.stt_model,
            cache_dir=settings.cache_dir,
            threads=settings.stt_threads or min(MAX_DEFAULT_THREADS, len(os.sched_getaffinity(0))),
            batch=settings.stt_batch,
        )
        engine.load()
        return engine

    return Models(
        stt=Lender("stt", load_stt),
        text=_active(settings.model_store, "text", load_text_model),
        voice=_active(settings.model_store, "voice", load_voice_model),
        types=_active(settings.model_store, KIND, load_scam_types),
    )


def _active(store: Path, kind: str, load: Callable[[ModelVersion], Model]) -> Lender[Model]:
    """Lend the active version of a kind; the pointer in the store tells every process when that is another one."""
    return Lender(kind, lambda: load(open_version(store, kind)), wanted=lambda: read_pointer(store, kind))


def build_limits(settings: Settings) -> Limits:
    """Return how long a call may be and how long its pieces."""
    return Limits(
        min_duration_s=settings.min_duration_s,
        max_duration_s=settings.max_duration_s,
        chunk_s=settings.chunk_s,
    )


def build_line(settings: Settings, models: Models) -> Line:
    """Return the pipeline with its tools and limits."""
    limits = build_limits(settings)

    def line(
        audio: Path, *, work_dir: Path, report: Callable[[Stage], None], notebook: Notebook | None = None
    ) -> CallResult:
        tools = Tools(
            stt=models.stt.borrow(),
            text=models.text.borrow(),
            voice=models.voice.borrow(),
            types=models.scam_types(),
            borders=load_borders(),
        )
        return analyse(audio, tools=tools, limits=limits, work_dir=work_dir, report=report, notebook=notebook)

    return line
