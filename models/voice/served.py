"""The served ensemble: every view is made once, every member looks at its own, their logits are weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types import Thresholds
from models.voice.calibration import Calibration
from models.voice.ensemble import combined
from models.voice.features_views import views
from models.voice.members.served import Served
from models.voice.model import Judged, WindowModel

DEAR_VIEW = "whisper"  # some 30 ms a window on one core, statistics take 9
ALL_UP_TO = 12  # windows, 36 s of speech


@dataclass(frozen=True, slots=True)
class Part:
    """What the ensemble knows of a member: its view, the line that calibrates its logits, and its weight."""

    name: str
    view: str
    slope: float
    offset: float
    weight: float

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Part:
        """Return the part stored as JSON."""
        numbers = {name: float(stored[name]) for name in ("slope", "offset", "weight")}
        return cls(str(stored["name"]), str(stored["view"]), **numbers)

    def plain(self) -> dict[str, Any]:
        """Return what ``read`` reads."""
        return asdict(self)


class EnsembleVoiceModel(WindowModel):
    """Weighted mean of the members' calibrated logits."""

    def __init__(
        self,
        version: str,
        thresholds: Thresholds,
        calibration: Calibration,
        parts: Sequence[Part],
        members: Sequence[Served],
    ) -> None:
        super().__init__(version, thresholds, calibration)
        self._parts, self._members = tuple(parts), tuple(members)

    def judge(self, windows: NDArray[np.float32]) -> Judged:
        """Return what is heard in windows (n, WINDOW_SAMPLES).

        In a long passage members of ``DEAR_VIEW`` look at every second window; those between get the mean of their
        neighbours.
        """
        made = views(windows, {part.view for part in self._parts} - {DEAR_VIEW})
        every = np.arange(len(windows))
        looked = every
        if any(part.view == DEAR_VIEW for part in self._parts):
            looked = every if len(windows) <= ALL_UP_TO else np.union1d(every[::2], every[-1:])
            made |= views(windows[looked], [DEAR_VIEW])
        lines = {}
        for part, member in zip(self._parts, self._members, strict=True):
            logits = member.logits(made[part.view])
            if part.view == DEAR_VIEW:
                logits = np.interp(every, looked, logits)
            lines[part.name] = part.slope * logits + part.offset
        return Judged(combined(list(lines.values()), [part.weight for part in self._parts]), lines)
