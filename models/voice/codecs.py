"""Telephone and messenger codecs, in memory, through PyAV. Used for training and evaluation only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Codec:
    """How a line carries sound: encoder, container, sample rate and bit rate (0: the encoder's own).

    ``sndfile``: the encoder is one of libsndfile, otherwise of the FFmpeg that PyAV carries.
    """

    encoder: str
    container: str
    rate_hz: int
    bit_rate: int = 0
    sample_format: str = "s16"
    sndfile: bool = False


CODECS: dict[str, Codec] = {
    "mulaw": Codec("pcm_mulaw", "wav", 8_000),
    "alaw": Codec("pcm_alaw", "wav", 8_000),
    "gsm": Codec("GSM610", "WAV", 8_000, sndfile=True),
    "amr": Codec("libopencore_amrnb", "amr", 8_000, 12_200),
    "amr_low": Codec("libopencore_amrnb", "amr", 8_000, 5_900),
    "g722": Codec("g722", "wav", 16_000),
    "g726": Codec("g726", "wav", 8_000, 32_000),
    "aac8": Codec("aac", "adts", 8_000, 16_000, "fltp"),
    "aac16": Codec("aac", "adts", 16_000, 32_000, "fltp"),
    "opus": Codec("libopus", "ogg", 16_000, 16_000),
    "opus_low": Codec("libopus", "ogg", 8_000, 8_000),
    "mp3": Codec("libmp3lame", "mp3", 16_000, 32_000, "s16p"),
    "mp3_low": Codec("libmp3lame", "mp3", 8_000, 16_000, "s16p"),
    "vorbis": Codec("VORBIS", "OGG", 16_000, sndfile=True),
}
"""GSM full rate and Vorbis go through libsndfile: the FFmpeg that PyAV carries has no good encoder for them."""


def through(codec: str, samples: Samples) -> Samples:
    """Return ``samples`` (mono, 16 kHz, float32 in -1..1) as they sound after ``codec``, at 16 kHz again.

    The length may differ by the codec's delay and padding.

    Raises:
        KeyError: when there is no such codec.
    """
    chosen = CODECS[codec]
    return _through_sndfile(chosen, samples) if chosen.sndfile else _decode(_encode(chosen, samples))


def _through_sndfile(codec: Codec, samples: Samples) -> Samples:
    import soundfile
    import soxr

    buffer = io.BytesIO()
    sent = np.clip(soxr.resample(samples, SAMPLE_RATE_HZ, codec.rate_hz), -1.0, 1.0)
    soundfile.write(buffer, sent, codec.rate_hz, format=codec.container, subtype=codec.encoder)
    buffer.seek(0)
    heard, _ = soundfile.read(buffer, dtype="float32")
    return np.asarray(soxr.resample(heard, codec.rate_hz, SAMPLE_RATE_HZ), np.float32)


def _encode(codec: Codec, samples: Samples) -> bytes:
    import av

    pcm = (np.clip(samples, -1.0, 1.0) * 32_767.0).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
    frame.sample_rate = SAMPLE_RATE_HZ
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=codec.container) as container:
        stream: Any = container.add_stream(codec.encoder, rate=codec.rate_hz)
        stream.codec_context.layout = "mono"
        stream.codec_context.format = codec.sample_format
        if codec.bit_rate:
            stream.codec_context.bit_rate = codec.bit_rate
        stream.codec_context.open()
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=codec.sample_format, layout="mono", rate=codec.rate_hz, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def _decode(data: bytes) -> Samples:
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    parts: list[Samples] = []
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(audio=0):
            parts.extend(piece.to_ndarray()[0] for piece in resampler.resample(frame))
    parts.extend(piece.to_ndarray()[0] for piece in resampler.resample(None))
    return np.concatenate(parts).astype(np.float32)
