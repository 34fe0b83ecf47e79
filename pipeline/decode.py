"""Any recording FFmpeg reads, as a stream of float32 mono 16-kHz blocks. PyAV: no shell, no system binary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import BadAudio, FileNotFound, TooLarge
from core.types import SAMPLE_RATE_HZ
from pipeline.declared import declared_duration_s
from pipeline.mixdown import Mixdown

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer

BLOCK_SAMPLES = SAMPLE_RATE_HZ  # 1 s
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,mp3,wav,w64,amr,amrnb,amrwb,ogg,matroska,webm,flac,aac,aiff,au,caf,asf,avi,mpegts,qcp"
)
"""Demuxers that read one file and nothing else: playlists, concat scripts and devices are left out."""

_MISSING_S, _MISSING_SHARE = 1.0, 0.05
_BAD_PACKETS_SHARE = 0.05


class _Source:
    """A file without its name, so that FFmpeg judges the content and not the extension."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def decode_blocks(
    path: Path, *, max_duration_s: float = 4 * 3600.0, min_duration_s: float = 0.0
) -> Iterator[NDArray[np.float32]]:
    """Yield the call in blocks of shape (n,), n <= 16,000, float32 in -1..1, mono, 16 kHz.

    Raises:
        core.errors.FileNotFound: when ``path`` is not a file.
        core.errors.BadAudio: when it is empty, no audio, damaged, cut off, or shorter than ``min_duration_s``.
        core.errors.TooLarge: as soon as it is known to be longer than ``max_duration_s``.
    """
    import av

    if not path.is_file():
        raise FileNotFound("there is no such audio file")
    if not path.stat().st_size:
        raise BadAudio("the file is empty", reason="empty")
    samples = 0
    with path.open("rb") as file:
        try:
            with _open(file) as container:
                stream = _audio_stream(container)
                declared_s = declared_duration_s(container, stream, file)
                if declared_s is not None and declared_s > max_duration_s:
                    raise _too_long(max_duration_s)
                for block in _blocks(container, stream):
                    samples += len(block)
                    if samples > max_duration_s * SAMPLE_RATE_HZ:
                        raise _too_long(max_duration_s)
                    yield block
        except av.FFmpegError as error:
            raise BadAudio("the file holds no audio that can be decoded", reason="undecodable") from error
    _check_length(samples / SAMPLE_RATE_HZ, declared_s, min_duration_s)


def _open(file: BinaryIO) -> InputContainer:
    import av

    def refuse(*_: Any) -> Any:
        raise PermissionError("a recording may not open other files")

    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none"}
    return av.open(_Source(file), "r", options=options, io_open=refuse, metadata_errors="ignore")


def _audio_stream(container: InputContainer) -> AudioStream:
    usable = [stream for stream in container.streams.audio if stream.codec_context is not None]
    if not usable:
        raise BadAudio("the file has no audio track that can be decoded", reason="no_audio")
    return usable[0]


def _blocks(container: InputContainer, stream: AudioStream) -> Iterator[NDArray[np.float32]]:
    mix, ready, size = Mixdown(), [], 0
    for part in _resampled(_frames(container, stream)):
        ready.append(mix(np.clip(np.nan_to_num(part), -1.0, 1.0)))
        size += len(ready[-1])
        if size >= BLOCK_SAMPLES:
            joined = np.concatenate(ready)
            whole = size - size % BLOCK_SAMPLES
            yield from np.split(joined[:whole], whole // BLOCK_SAMPLES)
            ready, size = [joined[whole:]], size - whole
    if size:
        yield np.concatenate(ready)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decode packet by packet; a few damaged ones are a scratch, many are a broken file."""
    import av

    good = bad = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            bad += 1
            continue
        good += 1
        yield from frames
    if bad > 1 and bad > _BAD_PACKETS_SHARE * (good + bad):
        raise BadAudio("the audio is damaged", reason="damaged")


def _resampled(frames: Iterator[AudioFrame]) -> Iterator[NDArray[np.float32]]:
    """Yield (channels, n) float32 at 16 kHz; a stream may change rate or channels midway."""
    from av import AudioResampler

    resampler: AudioResampler | None = None
    shape: tuple[str, str, int] | None = None
    for frame in frames:
        frame.pts = None  # times are counted in samples; timestamps of phones are not reliable
        if shape != (frame.format.name, frame.layout.name, frame.sample_rate):
            yield from _arrays(resampler, None)
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            resampler = AudioResampler(format="fltp", layout=frame.layout, rate=SAMPLE_RATE_HZ)
        yield from _arrays(resampler, frame)
    yield from _arrays(resampler, None)


def _arrays(resampler: AudioResampler | None, frame: AudioFrame | None) -> Iterator[NDArray[np.float32]]:
    for out in resampler.resample(frame) if resampler else ():
        if out is not None:  # a resampler with nothing to do hands the flushing None back
            yield np.asarray(out.to_ndarray(), np.float32)


def _check_length(duration_s: float, declared_s: float | None, min_duration_s: float) -> None:
    if not duration_s:
        raise BadAudio("the file holds no audio that can be decoded", reason="undecodable")
    if declared_s is not None:
        missing_s = declared_s - duration_s
        if missing_s > _MISSING_S and missing_s > _MISSING_SHARE * declared_s:
            raise BadAudio(
                "the file is cut off", reason="truncated", declared_s=round(declared_s, 1), found_s=round(duration_s, 1)
            )
    if duration_s < min_duration_s:
        raise BadAudio("the call is too short", reason="too_short", min_duration_s=min_duration_s)


def _too_long(max_duration_s: float) -> TooLarge:
    return TooLarge("the call is longer than allowed", max_duration_s=max_duration_s)
