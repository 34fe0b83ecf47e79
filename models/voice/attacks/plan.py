"""What to make: every row of the manifest, decided before the first sound is made."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.voice.attacks.genuine import Piece
from models.voice.attacks.kinds import Attack, Text
from models.voice.attacks.texts import draw

GENUINE = "genuine"


@dataclass(frozen=True, slots=True)
class Job:
    """One clip to make: ``piece`` as it is when ``attack`` is None, altered, or ``text`` spoken."""

    path: str
    seed: tuple[int, ...]
    attack: str | None = None
    piece: Piece | None = None
    text: Text | None = None


def plan(found: Sequence[Piece], attacks: Mapping[str, Attack], *, per_family: int, seed: int) -> list[Job]:
    """Return all genuine pieces, then the clips of every attack, ``per_family`` for each family.

    Attacks of a family share its number, a chain counts for its first. All attacks advance in step: a build
    that was stopped early is a smaller one, not a lopsided one. The same arguments give the same jobs.
    """
    genuine = [Job(f"{GENUINE}/{i:05d}.flac", (seed, i), piece=piece) for i, piece in enumerate(found)]
    by_family: dict[str, list[Attack]] = defaultdict(list)
    for attack in attacks.values():
        by_family[attack.family.split("+")[0]].append(attack)
    order = []
    for mates in by_family.values():
        for number, attack in enumerate(mates):
            count = round(attack.share * len(range(number, per_family, len(mates))))
            clips = list(_clips(attack, count, found, seed))
            order += [((i + 0.5) / len(clips), job.path, job) for i, job in enumerate(clips)]
    return genuine + [job for _, _, job in sorted(order, key=lambda item: item[:2])]


def _clips(attack: Attack, count: int, found: Sequence[Piece], seed: int) -> Iterable[Job]:
    speakers = _by_speaker(found)
    for i in range(count):
        key = (seed, zlib.crc32(attack.name.encode()), i)
        rng = np.random.default_rng(key)
        path = f"{attack.name}/{i:04d}.flac"
        if attack.languages:
            yield Job(path, key, attack.name, text=draw(attack.languages, rng))
        elif speakers:
            own = speakers[int(rng.integers(len(speakers)))] if rng.random() < 0.5 else found
            yield Job(path, key, attack.name, piece=own[int(rng.integers(len(own)))])


def _by_speaker(found: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces by speaker: half of the clips draw a speaker first, so that no long recording rules."""
    groups: dict[str, list[Piece]] = defaultdict(list)
    for piece in found:
        groups[f"{piece.corpus}/{piece.speaker}"].append(piece)
    return [groups[key] for key in sorted(groups)]
