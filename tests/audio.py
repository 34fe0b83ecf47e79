"""Factories for small recordings of any format."""

from __future__ import annotations

from pathlib import Path

import numpy as np

RATE = 16_000


def speechlike(seconds: float = 2.0, rate: int = RATE, channels: int = 1) -> np.ndarray:
    """A 220-Hz tone that comes and goes like syllables: (channels, n) float32."""
    t = np.arange(int(seconds * rate)) / rate
    tone = 0.4 * np.sin(2 * np.pi * 220 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    return np.tile(tone.astype(np.float32), (channels, 1))


def write(
    path: Path,
    samples: np.ndarray,
    *,
    rate: int = RATE,
    codec: str = "pcm_s16le",
    container: str | None = None,
    options: dict[str, str] | None = None,
) -> Path:
    """Encode (channels, n) float32 into ``path`` with PyAV."""
    import av

    layout = "stereo" if len(samples) == 2 else "mono"
    with av.open(path, "w", format=container, options=options or {}) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        sample_format = stream.codec_context.codec.audio_formats[0]
        resampler = av.AudioResampler(
            format=sample_format, layout=layout, rate=rate, frame_size=stream.frame_size or 1024
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate
        for source in (frame, None):
            for part in resampler.resample(source):
                out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def write_video(path: Path, *, frames: int = 10) -> Path:
    """A silent film: video and no audio."""
    import av

    with av.open(path, "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(frames):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return path
