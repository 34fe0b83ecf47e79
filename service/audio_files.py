"""Which files a request may name."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import BadAudio, FileNotFound, InvalidRequest, PathNotAllowed, TooLarge


def resolve_audio(root: Path, named: str, *, max_bytes: int) -> Path:
    """Return the real file that a request names, relative to ``root`` or absolute below it.

    Whether a path outside the root exists is not revealed.

    Raises:
        InvalidRequest: when the text cannot be a path.
        PathNotAllowed: when it leads out of ``root``, symbolic links followed, or may not be read.
        FileNotFound: when there is no such regular file.
        BadAudio: when the file is empty.
        TooLarge: when it has more than ``max_bytes``.
    """
    home = root.resolve()
    try:
        path = (home / named).resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidRequest("file_path cannot be read as a path", field="file_path") from error
    if not path.is_relative_to(home):
        raise PathNotAllowed("file_path leads out of the allowed folder (MOKSORI_AUDIO_ROOT)", field="file_path")
    try:
        if not path.is_file():
            raise FileNotFound("no such file under the audio root; send a path to a regular file", field="file_path")
        if not os.access(path, os.R_OK):
            raise PathNotAllowed("the service may not read this file; check its permissions", field="file_path")
        check_size(path, max_bytes=max_bytes)
    except OSError as error:
        raise InvalidRequest("file_path cannot be opened", field="file_path") from error
    return path


def check_size(path: Path, *, max_bytes: int) -> None:
    """Refuse an empty file (BadAudio) and one of more than ``max_bytes`` (TooLarge)."""
    size = path.stat().st_size
    if size == 0:
        raise BadAudio("the file is empty", field="file")
    if size > max_bytes:
        raise TooLarge(f"the file is larger than {max_bytes // 1_000_000} MB", field="file")
