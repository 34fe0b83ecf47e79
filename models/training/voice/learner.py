"""The voice ensemble goes on learning: its trees and linear probes do, its other members stay as they are."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.registry import MANIFEST, ModelVersion
from models.training.learner import Step
from models.training.report import FILE as REPORT
from models.training.voice.calls import REHEARSAL, Views, VoiceCall
from models.training.voice.members import Member, member_of
from models.voice.calibration import Calibration
from models.voice.ensemble import combined
from models.voice.loading import CALIBRATION, ENSEMBLE, ENSEMBLE_TYPE, member_file
from models.voice.members.served import MAX_EXPORT_DIFFERENCE, open_member
from models.voice.served import Part

Logits = NDArray[np.float64]
NOT_COPIED = {MANIFEST, "thresholds.csv", REPORT, CALIBRATION}


class Ensemble:
    """The members of a version as they are served, and what some of them have learned since."""

    def __init__(self, version: ModelVersion) -> None:
        if version.manifest["type"] != ENSEMBLE_TYPE:
            raise ModelRefused("models of this type cannot be updated, only trained", type=version.manifest["type"])
        stored = json.loads((version.folder / ENSEMBLE).read_text("utf-8"))
        self.parts = [Part.read(part) for part in stored["members"]]
        self._members = [open_member(version.folder / member_file(part.name)) for part in self.parts]
        self.grown: dict[str, Member] = {}

    @property
    def views(self) -> list[str]:
        """Names of the views that its members look at."""
        return sorted({part.view for part in self.parts})

    def member(self, name: str, views: Views) -> Logits:
        """Return the logits (n,) of one member."""
        (place,) = (place for place, part in enumerate(self.parts) if part.name == name)
        view = views[self.parts[place].view]
        logits = self._members[place].logits(view)
        grown = self.grown.get(name)
        return logits if grown is None else logits + grown.added(view)

    def logits(self, views: Views) -> Logits:
        """Return the logits (n,) of n windows, before calibration, as ``EnsembleVoiceModel.judge`` does."""
        lines = [part.slope * self.member(part.name, views) + part.offset for part in self.parts]
        return combined(lines, [part.weight for part in self.parts])


class VoiceLearner:
    """Every member of an ensemble that can go on learning, from the served scores on."""

    def __init__(self, version: ModelVersion) -> None:
        """Open a version.

        Raises:
            ModelRefused: when it is no ensemble, or has neither trees nor probes among its members.
        """
        self._version, self.ensemble = version, Ensemble(version)
        files = {part.name: version.folder / member_file(part.name) for part in self.ensemble.parts}
        self._members = {name: member for name, path in files.items() if (member := member_of(path)) is not None}
        if not self._members:
            raise ModelRefused(
                "a voice model without trees or probes cannot be updated, only trained", members=list(files)
            )
        self.calibration = Calibration.read(json.loads((version.folder / CALIBRATION).read_text("utf-8")))

    def learn(self, calls: Callable[[], Iterator[VoiceCall]], *, scratch: Path, step: Step) -> None:
        """Let every member learn; rows lie on disk."""
        weights, labels = weighed(calls())
        for name, member in self._members.items():
            with tempfile.TemporaryFile(dir=scratch) as file:
                known = self._rows(name, calls(), file)
                rows = np.memmap(file, np.float32, "r", shape=(len(labels), member.width))
                member.learn(rows, labels, weights, known, step)
        self.ensemble.grown = dict(self._members)

    def save(self, folder: Path, calibration: Calibration) -> None:
        """Write the artefacts: what learned, and whatever else the version holds as it is.

        Raises:
            ModelRefused: when a member does not score as it did when it learned.
        """
        for path in self._version.folder.iterdir():
            if path.name not in NOT_COPIED:
                shutil.copyfile(path, folder / path.name)
        (folder / CALIBRATION).write_text(json.dumps(calibration.numbers(), indent=2) + "\n", "utf-8")
        for name, member in self._members.items():
            member.write(self._version.folder / member_file(name), folder / member_file(name))
            self._check(name, folder / member_file(name), member.width)

    def _rows(self, name: str, calls: Iterator[VoiceCall], file: Any) -> Logits:
        (part,) = (part for part in self.ensemble.parts if part.name == name)
        known = []
        for call in calls:
            file.write(np.ascontiguousarray(call.views[part.view], np.float32).tobytes())
            known.append(self.ensemble.member(name, call.views))
        file.flush()
        return np.concatenate(known)

    def _check(self, name: str, path: Path, width: int) -> None:
        (part,) = (part for part in self.ensemble.parts if part.name == name)
        view = np.random.default_rng(0).normal(size=(64, width)).astype(np.float32)
        difference = float(np.abs(open_member(path).logits(view) - self.ensemble.member(name, {part.view: view})).max())
        if not difference <= MAX_EXPORT_DIFFERENCE:
            raise ModelRefused("a member does not score as it did when it learned", difference=difference)


def weighed(calls: Iterator[VoiceCall]) -> tuple[Logits, NDArray[np.int64]]:
    """Return weight and label of each window; both labels count the same, so do new calls and rehearsed ones."""
    groups, lengths = list[tuple[bool, int]](), list[int]()
    for call in calls:
        groups.append((call.origin == REHEARSAL, call.label))
        lengths.append(len(call))
    mass: Mapping[tuple[bool, int], int] = {
        group: sum(length for own, length in zip(groups, lengths, strict=True) if own == group) for group in set(groups)
    }
    weights = np.repeat([1.0 / mass[group] for group in groups], lengths)
    return np.asarray(weights / weights.mean()), np.repeat([label for _, label in groups], lengths).astype(np.int64)
