"""What stored calls teach the voice model: recordings whose voice a person judged, on their way into a bank."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from core.errors import ConfigurationError, MoksoriError
from core.evidence import RowFilter, VoiceRow
from models.training.evidence import TRAIN
from models.training.voice.calls import FROZEN, MOST_WINDOWS, PERSON, REHEARSAL, VoiceBank, VoiceCall, part_of
from models.training.voice.update import NEW
from models.voice.features_views import views
from service.paging import each
from service.stored_audio import Heard, StoredAudio

PAGE = 200
OWN, CLIPS = "own voices", "attack clips"
FOLDERS = {"genuine": 0, "altered": 1}
FROZEN_SPEAKERS = 4
"""One speaker in so many of a base folder is judged by and not rehearsed."""


class VoiceRows(Protocol):
    """Finished rows whose voice a person judged; see ``db.training_rows``."""

    def voice_page(self, wanted: RowFilter, *, after: str, limit: int) -> list[VoiceRow]:
        """Return the next rows by id."""
        ...

    def voice_count(self, wanted: RowFilter) -> int:
        """Return how many there are."""
        ...


@dataclass(slots=True)
class Gathered:
    """Counts of a reading."""

    rows: int = 0
    unreadable: int = 0
    """The recording is gone, was replaced, or cannot be decoded."""
    speechless: int = 0
    fresh: int = 0

    def counts(self) -> dict[str, int]:
        """Return them for the manifest."""
        return {"rows": self.rows, "unreadable": self.unreadable, "no_speech": self.speechless, "new": self.fresh}


def gather(
    rows: VoiceRows,
    wanted: RowFilter,
    audio: StoredAudio,
    bank: VoiceBank,
    *,
    names: list[str],
    frozen: frozenset[int],
    since: datetime | None,
    progress: Callable[[int], None],
) -> Gathered:
    """Hear every judged call and put its views ``names`` into the bank, but no recording whose hash is ``frozen``."""
    found = Gathered()
    for row in each(lambda after: rows.voice_page(wanted, after=after, limit=PAGE)):
        found.rows += 1
        progress(found.rows)
        try:
            heard = audio.heard(row, most=MOST_WINDOWS)
        except MoksoriError:
            found.unreadable += 1
            continue
        if not len(heard.windows) or heard.hashed in frozen:
            found.speechless += not len(heard.windows)
            continue
        fresh = since is None or max(row.created_date, row.labelled_date or row.created_date) > since
        made = views(heard.windows, names)
        bank.add(VoiceCall(NEW, row.voice_label, PERSON, part_of(heard.hashed), made, fresh))
        found.fresh += fresh
    return found


def add_own(folder: Path, audio: StoredAudio, bank: VoiceBank, *, names: list[str]) -> frozenset[int]:
    """Add the frozen recordings of ``folder/genuine`` and ``folder/altered``; return the hashes of their sound.

    Raises:
        ConfigurationError: when a folder holds nothing, or a file in it cannot be heard; it names the file.
    """
    hashes = set()
    for name, label in FOLDERS.items():
        paths = sorted(path for path in (folder / name).rglob("*") if path.is_file() and not path.name.startswith("."))
        heard = [_own(audio, path) for path in paths]
        if not any(len(one.windows) for one in heard):
            raise ConfigurationError(f"the folder of voices to judge by holds no speech in {name}/")
        for one in heard:
            hashes.add(one.hashed)
            if len(one.windows):
                bank.add(VoiceCall(OWN, label, OWN, FROZEN, views(one.windows, names)))
    return frozenset(hashes)


def add_clips(attacks: Path, bank: VoiceBank, *, names: list[str], bar: Callable[..., Any]) -> int:
    """Add the clips of ``scripts.make_attacks``: one speaker in four is judged by, the others are rehearsed.

    Features are made once and kept beside the clips, where ``scripts.train_voice`` finds and leaves them.
    Returns how many were added.

    Raises:
        ConfigurationError: when the folder holds no clips.
    """
    from models.voice import building
    from models.voice.dataset import read, stacked

    clips = building.clips(attacks, variants=1)
    if not clips:
        raise ConfigurationError("the base folder holds no clips of scripts.make_attacks")
    building.fill(clips, attacks, attacks / "features", clip_s=6.4, seed=7, workers=1, bar=bar)
    found = read(clips, attacks / "features")
    for heard in found:
        part = FROZEN if zlib.crc32(heard.split.encode()) % FROZEN_SPEAKERS == 0 else TRAIN
        made = {name: stacked([heard], name) for name in names}
        bank.add(VoiceCall(CLIPS, int(heard.altered), REHEARSAL, part, made))
    return len(found)


def _own(audio: StoredAudio, path: Path) -> Heard:
    try:
        return audio.hear(path, most=MOST_WINDOWS)
    except MoksoriError as error:
        raise ConfigurationError(
            f"{path.name} among the voices to judge by cannot be heard: {error.message}"
        ) from error
