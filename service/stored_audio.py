"""Recordings of stored calls, heard again for training: the windows that serving would judge, and nothing on disk."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from core.errors import BadAudio, FileNotFound
from core.evidence import VoiceRow
from core.types import SAMPLE_RATE_HZ
from models.training.lots import evenly
from models.voice.windows import cut, speech_windows
from pipeline.chunk import ChunkPlanner
from pipeline.decode import decode_blocks
from pipeline.prepare import Limits
from service.audio_files import resolve_audio

BLOCK = SAMPLE_RATE_HZ
MAX_WAV_BYTES = 2**31
SAME_S = 0.1
"""A recording whose length differs by more from what was analysed is another one under the same name."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Speech windows (n, WINDOW_SAMPLES), float32, 16 kHz, of a recording; ``hashed`` is of its sound."""

    windows: NDArray[np.float32]
    hashed: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class StoredAudio:
    """Where recordings of stored calls are found, and how they are heard."""

    wav_dir: Path
    audio_root: Path
    scratch: Path
    limits: Limits
    max_bytes: int

    def heard(self, row: VoiceRow, *, most: int) -> Heard:
        """Return at most ``most`` windows, evenly spread, of the call of a row.

        Its kept wav, else the gateway's own file, if that is as long as what was analysed.

        Raises:
            MoksoriError: when there is no such recording inside our folders, or it cannot be decoded.
        """
        try:
            kept = resolve_audio(self.wav_dir, f"{row.id}.wav", max_bytes=MAX_WAV_BYTES)
        except FileNotFound:
            if row.uploaded:
                raise
            path = resolve_audio(self.audio_root, row.audio_file, max_bytes=self.max_bytes)
            found = self.hear(path, most=most)
        else:
            with kept.open("rb") as file:
                found = _listen(file, self.limits.chunk_s, most)
        if row.duration_s is not None and abs(found.duration_s - row.duration_s) > SAME_S:
            raise BadAudio("the recording is not as long as the call that was analysed")
        return found

    def hear(self, path: Path, *, most: int) -> Heard:
        """Decode, cut and look for speech as the line does; the decoded call lies in a file without a name.

        Raises:
            MoksoriError: when it cannot be decoded.
        """
        import soundfile

        self.scratch.mkdir(parents=True, exist_ok=True)
        blocks = decode_blocks(
            path, max_duration_s=self.limits.max_duration_s, min_duration_s=self.limits.min_duration_s
        )
        with tempfile.TemporaryFile(dir=self.scratch) as file:
            with soundfile.SoundFile(file, "w", SAMPLE_RATE_HZ, 1, "PCM_16", format="WAV") as wav:
                for block in blocks:
                    wav.write(block)
            return _listen(file, self.limits.chunk_s, most)


def _listen(file: IO[bytes], chunk_s: float, most: int) -> Heard:
    """Cut a 16-kHz wav in pieces as the line does, and find speech in each."""
    import soundfile

    planner, hashed, samples = ChunkPlanner(max_s=chunk_s), 0, 0
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as wav:
            if (wav.samplerate, wav.channels) != (SAMPLE_RATE_HZ, 1):
                raise BadAudio("the kept wav is not one of ours")
            for block in wav.blocks(BLOCK, dtype="float32"):
                planner.feed(block)
                hashed = zlib.crc32(block.tobytes(), hashed)
                samples += len(block)
        pieces = [(chunk.start_s, chunk.end_s) for chunk in planner.finish()]
        return Heard(_windows(file, pieces, most), hashed, samples / SAMPLE_RATE_HZ)
    except soundfile.LibsndfileError as error:
        raise BadAudio("the kept wav cannot be read") from error


def _windows(file: IO[bytes], pieces: list[tuple[float, float]], most: int) -> NDArray[np.float32]:
    places = [(number, start) for number, piece in enumerate(pieces) for start in speech_windows(_slice(file, *piece))]
    chosen: dict[int, list[int]] = {}
    for number, start in evenly(places, most):
        chosen.setdefault(number, []).append(start)
    return np.concatenate(
        [cut(_slice(file, *pieces[number]), starts) for number, starts in chosen.items()]
        or [cut(np.zeros(0, np.float32), [])]
    )


def _slice(file: IO[bytes], start_s: float, end_s: float) -> NDArray[np.float32]:
    import soundfile

    file.seek(0)
    with soundfile.SoundFile(file) as wav:
        wav.seek(round(start_s * SAMPLE_RATE_HZ))
        samples: NDArray[np.float32] = wav.read(round((end_s - start_s) * SAMPLE_RATE_HZ), dtype="float32")
    return samples
