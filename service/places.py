"""Where the files of an analysis lie."""

from __future__ import annotations

import re
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.types import Analysis, NewAnalysis
from service.audio_files import check_size, resolve_audio

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Places:
    """Where files may be read and written."""

    audio_root: Path
    upload_dir: Path
    """Uploads, each under the id of its analysis until that has ended; shared by server and workers."""
    work_dir: Path
    wav_dir: Path | None
    """Where the converted wav is kept; None throws it away."""
    max_bytes: int

    def audio(self, id: str, new: NewAnalysis | Analysis) -> Path:
        """Return the recording of an analysis, checked; raises as ``resolve_audio`` does."""
        if new.uploaded:
            return resolve_audio(self.upload_dir, id, max_bytes=self.max_bytes)
        return resolve_audio(self.audio_root, new.audio_file, max_bytes=self.max_bytes)

    def new_upload(self, id: str) -> Path:
        """Return where to write an upload."""
        self.upload_dir.mkdir(parents=True, exist_ok=True)
        return self.upload_dir / id

    def check(self, path: Path) -> None:
        """Refuse an empty or oversized upload."""
        check_size(path, max_bytes=self.max_bytes)

    def keep_wav(self, id: str, wav: Path) -> None:
        """Keep the converted wav if that is wanted."""
        if self.wav_dir is not None:
            self.wav_dir.mkdir(parents=True, exist_ok=True)
            shutil.move(wav, self.wav_dir / f"{id}.wav")

    def forget_upload(self, id: str) -> None:
        """Remove our copy of the recording; the gateway's own file is never touched."""
        (self.upload_dir / id).unlink(missing_ok=True)

    def uploads_before(self, moment_s: float) -> list[str]:
        """Return the ids of uploads written before a moment (Unix time); files of other names are not ours."""
        found = []
        for path in self.upload_dir.glob("*"):
            with suppress(FileNotFoundError):  # its analysis has just ended
                about = path.lstat()
                if ID.fullmatch(path.name) and stat.S_ISREG(about.st_mode) and about.st_mtime < moment_s:
                    found.append(path.name)
        return found

    def files(self, id: str) -> list[Path]:
        """Return every file we made for an analysis and still have."""
        made = [self.upload_dir / id] + ([] if self.wav_dir is None else [self.wav_dir / f"{id}.wav"])
        return [path for path in made if path.is_file()]

    def erase(self, id: str) -> None:
        """Remove every file we made for an analysis."""
        self.forget_upload(id)
        if self.wav_dir is not None:
            (self.wav_dir / f"{id}.wav").unlink(missing_ok=True)
