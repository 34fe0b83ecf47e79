"""How long a file says it is, where its container can be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

_MAX_RIFF_CHUNKS = 64
_RIFF_UNKNOWN = 0x7FFF_F000  # sizes from here on are what streaming writers put in

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_HONEST = {"mov", "wav", "flac", "aiff", "au", "caf", "matroska"}
"""Containers that write their length down. AMR, AAC, Ogg and headerless MP3 are guessed from size and bit rate."""


def declared_duration_s(container: InputContainer, stream: AudioStream, file: BinaryIO) -> float | None:
    """Return the declared length of the audio in seconds, or None when it is missing or only a guess.

    A trimmed MP4 keeps the longer length in its track, hence the smaller of the two. A container's
    length may be that of a picture track, so it counts alone only when there is nothing but audio.
    """
    import av

    name = container.format.name.split(",")[0]
    if name not in _HONEST and not (name == "mp3" and _has_xing(file)):
        return None
    if name == "wav":
        return _wav_s(file)
    lengths = []
    if stream.duration is not None and stream.time_base is not None:
        lengths.append(float(stream.duration * stream.time_base))
    if container.duration is not None and (lengths or len(container.streams) == 1):
        lengths.append(container.duration / av.time_base)
    return min((length for length in lengths if length > 0), default=None)


def _wav_s(file: BinaryIO) -> float | None:
    """Return the length the RIFF header states; FFmpeg reports what is there instead.

    Recorders that were killed, and pipes, leave 0 or the largest number: no statement.
    """
    position = file.tell()
    try:
        file.seek(12)
        bytes_per_s = 0
        for _ in range(_MAX_RIFF_CHUNKS):
            head = file.read(8)
            if len(head) < 8:
                return None
            size = int.from_bytes(head[4:], "little")
            if head[:4] == b"data":
                return size / bytes_per_s if bytes_per_s and 0 < size < _RIFF_UNKNOWN else None
            body = file.read(12) if head[:4] == b"fmt " else b""
            if body:
                bytes_per_s = int.from_bytes(body[8:12], "little")
            file.seek(size + size % 2 - len(body), 1)
        return None
    finally:
        file.seek(position)


def _has_xing(file: BinaryIO) -> bool:
    """Tell whether the first MP3 frame carries a Xing or Info header, which counts the frames."""
    position = file.tell()
    try:
        file.seek(0)
        head = file.read(10)
        tag = 0
        if head[:3] == b"ID3" and len(head) == 10:
            tag = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        file.seek(tag)
        frame = file.read(200)
        return b"Xing" in frame or b"Info" in frame
    finally:
        file.seek(position)
