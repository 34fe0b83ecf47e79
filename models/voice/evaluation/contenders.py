"""What is compared: kinds that learn from altered voices, and detectors that know genuine speech only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from models.anomaly.member import OneClassMember
from models.anomaly.zoo import DETECTORS
from models.voice import folds
from models.voice.dataset import Heard, stacked
from models.voice.members.protocol import Fitted, Kind, Looks
from models.voice.members.served import Served, open_member
from models.voice.members.table import KINDS

SUPERVISED, ONE_CLASS = "supervised", "one-class"


class Contender(Looks, Protocol):
    """Anything that can learn from clips to give logits of windows."""

    sort: ClassVar[str]
    """``SUPERVISED`` or ``ONE_CLASS``."""

    def learn(self, heard: Sequence[Heard], *, seed: int) -> Fitted:
        """Return a member that learned what it may of these clips."""
        ...

    def opened(self, path: Path) -> Served | Usual:
        """Return the member as it runs from what its ``export`` wrote to ``path``."""
        ...


@dataclass(frozen=True, slots=True)
class Supervised:
    """A kind of ``models.voice.members``: learns both classes, weighed as the served ensemble's are."""

    sort: ClassVar[str] = SUPERVISED
    kind: Kind

    @property
    def view(self) -> str:
        """What the kind looks at."""
        return self.kind.view

    def learn(self, heard: Sequence[Heard], *, seed: int) -> Fitted:
        """Train the kind on all windows."""
        return folds.fit(self.kind, heard, seed=seed)

    def opened(self, path: Path) -> Served:
        """Open the ONNX file, bound to one thread."""
        return open_member(path)


@dataclass(frozen=True, slots=True)
class OneClass:
    """A detector of ``models.anomaly`` by its name: learns genuine windows, kept apart by speaker."""

    sort: ClassVar[str] = ONE_CLASS
    detector: str
    view: str = "statistics"

    def learn(self, heard: Sequence[Heard], *, seed: int) -> Usual:
        """Learn the genuine windows alone.

        Raises:
            ValueError: when they are of fewer than two speakers, or too few.
            ImportError: when the detector's library is missing.
        """
        genuine = [part for part in heard if not part.altered]
        speakers = [part.split for part in genuine for _ in range(len(part))]
        return Usual(OneClassMember.fit(self.detector, stacked(genuine, self.view), groups=speakers, seed=seed))

    def opened(self, path: Path) -> Usual:
        """Read the saved folder."""
        return Usual(OneClassMember.load(path))


@dataclass(frozen=True, slots=True)
class Usual:
    """Implements ``Fitted``: how strange a window is stands for its logit."""

    member: OneClassMember

    def logits(self, view: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return deviations (n,) of one view (n, d) from usual windows, in standard deviations."""
        return self.member.score(view)

    def export(self, path: Path) -> None:
        """Write the detector as a new folder."""
        path.mkdir()
        self.member.save(path)


CONTENDERS: Mapping[str, Contender] = {name: Supervised(kind) for name, kind in KINDS.items()} | {
    name: OneClass(name) for name in DETECTORS
}
"""All of them by name, as the table calls them."""
