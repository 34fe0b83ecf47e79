"""Recordings of people: the project's corpora, and recordings that Debian packages carry.

A Debian package is unpacked, not installed (``dpkg-deb -x PACKAGE.deb FOLDER/PACKAGE``); nothing of it enters the
repository. Licences: docs/models/voice_attacks.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks.kinds import Samples, read, resampled

CROWD_BLOCK = 10  # clips that one unnamed speaker spoke, in file order
PIECE_S = (4.0, 12.0)
GAP_S = (0.08, 0.3)  # between two clips of one speaker
GSM_BYTES, GSM_SAMPLES, GSM_RATE_HZ = 33, 160, 8000
SPEAKER_S = 420.0  # no more of one person: a voice heard too often is learned by heart


@dataclass(frozen=True, slots=True)
class Corpus:
    """A folder of recordings: ``speaker`` and ``language`` from the path below ``folder`` (None: not used)."""

    name: str
    folder: str
    pattern: str
    speaker: Callable[[Path], str | None]
    language: Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class Piece:
    """4 to 12 s of one speaker: parts of files as (path, first second, last second)."""

    corpus: str
    speaker: str
    language: str
    parts: tuple[tuple[Path, float, float], ...]
    seed: int

    @property
    def split(self) -> str:
        """The key that a split by speaker keeps together; ``sr@latin`` is read by whoever reads ``sr``."""
        return f"{self.corpus}/{self.speaker.partition('@')[0]}"


def _prompts(package: str, folder: str, language: str, suffix: str = "wav") -> Corpus:
    base = f"{package}/usr/share/asterisk/sounds/{folder}"
    return Corpus(package, base, f"*.{suffix}", lambda _: folder or language, lambda _: language)


def _top(path: Path) -> str:
    return path.parts[0]


def _fish(path: Path) -> str | None:
    """Return the big or the small fish; other creatures speak through effects."""
    token = path.stem.split("-")[1] if path.stem.count("-") > 1 else ""
    return {"v": "big", "m": "small"}.get(token)


TRAINING = (
    Corpus("genuine_en", "genuine_en", "*.flac", lambda path: path.name.split("_")[0], lambda _: "en"),
    Corpus("genuine_crowd", "genuine_crowd", "*.flac", lambda _: "", lambda _: "en"),
)
"""Of ../shared/data/voice. ``genuine_ko`` is not here: evaluation only, no derivatives."""

DEBIAN = (
    _prompts("asterisk-core-sounds-en-wav", "en_US_f_Allison", "en"),
    _prompts("asterisk-core-sounds-es-wav", "es_MX_f_Allison", "es"),
    _prompts("asterisk-core-sounds-fr-wav", "fr_CA_f_June", "fr"),
    _prompts("asterisk-core-sounds-it-wav", "it_IT_m_Carlo", "it"),
    _prompts("asterisk-core-sounds-ru-wav", "ru_RU_f_IvrvoiceRU", "ru"),
    _prompts("asterisk-prompt-it-menardi-wav", "it_IT_f_Menardi", "it"),
    _prompts("asterisk-prompt-es-co", "es", "es", "gsm"),
    _prompts("asterisk-prompt-fr-armelle", "fr", "fr", "gsm"),
    Corpus("klettres-data", "klettres-data/usr/share/klettres", "*.ogg", _top, _top),
    Corpus("ktuberling-data", "ktuberling-data/usr/share/ktuberling/sounds", "*.[ow][ga][gv]", _top, _top),
    Corpus("gcin-voice", "gcin-voice/usr/share/gcin-voice/ogg", "*.ogg", lambda p: p.stem, lambda _: "zh"),
    Corpus("fillets-ng-data-cs", "fillets-ng-data-cs/usr/share/games/fillets-ng/sound", "*.ogg", _fish, lambda _: "cs"),
    Corpus("fillets-ng-data-nl", "fillets-ng-data-nl/usr/share/games/fillets-ng/sound", "*.ogg", _fish, lambda _: "nl"),
)


def pieces(root: Path, corpora: Sequence[Corpus], *, seed: int, speaker_s: float = SPEAKER_S) -> list[Piece]:
    """Return the pieces of every corpus found under ``root``, at most ``speaker_s`` of one speaker.

    Clips of a speaker are put in a random order, so that a piece is not ten letters of the alphabet.
    """
    found: list[Piece] = []
    for corpus in corpora:
        for number, (speaker, language, paths) in enumerate(_speakers(root / corpus.folder, corpus)):
            rng = np.random.default_rng([seed, number, *corpus.name.encode()])
            shuffled = [paths[i] for i in rng.permutation(len(paths))]
            found += [
                Piece(corpus.name, speaker, language, parts, int(rng.integers(2**31)))
                for parts in _cut(shuffled, speaker_s, rng)
            ]
    return found


def load(piece: Piece) -> Samples:
    """Return a piece as mono 16 kHz with short pauses between its clips, peak 0.7."""
    rng = np.random.default_rng(piece.seed)
    sound: list[Samples] = []
    for path, start_s, stop_s in piece.parts:
        clip = _read(path)[round(start_s * SAMPLE_RATE_HZ) : round(stop_s * SAMPLE_RATE_HZ)]
        edge = np.minimum(1.0, np.minimum(np.arange(len(clip)), np.arange(len(clip))[::-1]) / (0.005 * SAMPLE_RATE_HZ))
        level = float(np.abs(clip).max(initial=1e-9))
        sound += [(clip * edge / level).astype(np.float32)]
        sound += [np.zeros(round(float(rng.uniform(*GAP_S)) * SAMPLE_RATE_HZ), np.float32)]
    return np.asarray(0.7 * np.concatenate(sound[:-1]), np.float32)


def _speakers(folder: Path, corpus: Corpus) -> Iterator[tuple[str, str, list[Path]]]:
    paths = [path for path in sorted(folder.rglob(corpus.pattern)) if path.is_file() and "silence" not in path.parts]
    named = []
    for i, path in enumerate(paths):
        inside = path.relative_to(folder)
        speaker = f"block{i // CROWD_BLOCK:03d}" if corpus.name == "genuine_crowd" else corpus.speaker(inside)
        if speaker is not None:
            named.append((speaker, corpus.language(inside), path))
    named.sort(key=lambda item: item[:2])
    for (speaker, language), group in groupby(named, key=lambda item: item[:2]):
        yield speaker, language, [path for _, _, path in group]


def _cut(
    paths: Sequence[Path], speaker_s: float, rng: np.random.Generator
) -> Iterator[tuple[tuple[Path, float, float], ...]]:
    """Yield pieces of drawn lengths from the clips laid end to end."""
    parts: list[tuple[Path, float, float]] = []
    wanted, length, total = float(rng.uniform(*PIECE_S)), 0.0, 0.0
    for path in paths:
        duration, start = _duration_s(path), 0.0
        while duration - start > 0.15 and total + length < speaker_s:
            stop = min(duration, start + wanted - length)
            parts.append((path, start, stop))
            length, start = length + stop - start, stop
            if length >= wanted - 0.15:
                yield tuple(parts)
                total, parts = total + length, []
                wanted, length = float(rng.uniform(*PIECE_S)), 0.0
    if length >= PIECE_S[0]:
        yield tuple(parts)


def _duration_s(path: Path) -> float:
    import soundfile

    if path.suffix == ".gsm":
        return path.stat().st_size // GSM_BYTES * GSM_SAMPLES / GSM_RATE_HZ
    return float(soundfile.info(path).duration)


def _read(path: Path) -> Samples:
    import soundfile

    if path.suffix != ".gsm":
        return read(path)
    samples, _ = soundfile.read(
        path, dtype="float32", samplerate=GSM_RATE_HZ, channels=1, format="RAW", subtype="GSM610"
    )
    return resampled(samples, GSM_RATE_HZ)
