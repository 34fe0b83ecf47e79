"""The straight line of one call: decode → chunk → transcribe → text score → voice score → verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from core.types import CallResult, RunningScore, Segment, Stage
from models.protocols import HeardWindow, ScamTypes, SentenceBorders, TextModel, VoiceModel
from pipeline.audiofile import read_slice
from pipeline.chunk import Chunk
from pipeline.prepare import Limits, Prepared, prepare
from pipeline.running import Beginning
from pipeline.share import share
from pipeline.stt.protocol import SpeechToText
from pipeline.text import join_transcript, score_text
from pipeline.voice import score_voice

WAV_NAME = "call.wav"


class Notebook(Protocol):
    """Remembers what was heard in a chunk, so that an interrupted call goes on where it stopped."""

    def recall(self, chunk: Chunk) -> tuple[Segment, ...] | None:
        """Return what was heard in exactly this stretch before (times from the start of the call), or None."""
        ...

    def keep(self, chunk: Chunk, segments: Sequence[Segment]) -> None:
        """Remember; may raise to stop the call here."""
        ...

    def running(self, score: RunningScore) -> None:
        """Take the score of what was heard so far without a gap from the start; later ones reach further."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What the line works with; without ``types`` and ``borders`` there are no scam types and no learned borders."""

    stt: SpeechToText
    text: TextModel
    voice: VoiceModel
    types: ScamTypes | None = None
    borders: SentenceBorders | None = None


def analyse(
    audio: Path,
    *,
    tools: Tools,
    limits: Limits,
    work_dir: Path,
    report: Callable[[Stage], None],
    notebook: Notebook | None = None,
) -> CallResult:
    """Analyse one recording; memory is bound by one chunk, not by the length of the call.

    ``work_dir`` receives the converted wav. ``report`` is called as each stage is reached, except
    ``DONE``, which is the caller's to say once the result is stored. ``notebook`` keeps and recalls
    the transcripts of chunks and takes the running score.

    Raises:
        core.errors.BadAudio: when the file holds no decodable or enough audio.
        core.errors.TooLarge: when the call is longer than ``limits`` allow.
        core.errors.Unavailable: when the speech recogniser fails.
    """
    wav = work_dir / WAV_NAME
    prepared = prepare(audio, wav, limits)
    report(Stage.CHUNKED)
    segments = _transcribe(wav, prepared, tools, notebook)
    report(Stage.TRANSCRIBED)
    text = score_text(segments, tools.text, types=tools.types, borders=tools.borders)
    report(Stage.TEXT_SCORED)
    voice = score_voice(_voice_windows(wav, prepared, tools.voice), tools.voice)
    reasons = {"text": text.reason, "voice": voice.reason}
    return CallResult(
        duration_s=prepared.duration_s,
        transcript=join_transcript(segments),
        segments=tuple(segments),
        text=text,
        voice=voice,
        warnings=tuple(f"{part}_not_judged:{reason}" for part, reason in reasons.items() if reason),
    )


def _transcribe(wav: Path, prepared: Prepared, tools: Tools, notebook: Notebook | None) -> list[Segment]:
    """Hear the chunks, as many at once as the recogniser can."""
    stt = tools.stt
    pieces = share(prepared.chunks, stt.parallel, lambda start_s, end_s: read_slice(wav, start_s, end_s))
    beginning = Beginning(tools.text, notebook.running) if notebook is not None else None

    def hear(number: int, chunk: Chunk) -> Sequence[Segment]:
        known = notebook.recall(chunk) if notebook is not None else None
        segments = known if known is not None else _hear(wav, chunk, stt)
        if notebook is not None and known is None:
            notebook.keep(chunk, segments)
        if beginning is not None:
            beginning.add(number, chunk.end_s, segments)
        return segments

    with ThreadPoolExecutor(stt.parallel, thread_name_prefix="stt") as pool:
        return [segment for segments in pool.map(hear, range(len(pieces)), pieces) for segment in segments]


def _hear(wav: Path, chunk: Chunk, stt: SpeechToText) -> Sequence[Segment]:
    heard = stt.transcribe(read_slice(wav, chunk.start_s, chunk.end_s))
    return [replace(s, start_s=s.start_s + chunk.start_s, end_s=s.end_s + chunk.start_s) for s in heard]


def _voice_windows(wav: Path, prepared: Prepared, voice: VoiceModel) -> list[HeardWindow]:
    return [
        replace(window, start_s=window.start_s + chunk.start_s, end_s=window.end_s + chunk.start_s)
        for chunk in prepared.chunks
        for window in voice.score_windows(read_slice(wav, chunk.start_s, chunk.end_s))
    ]
