"""What an attack is, and how it asks for a tool that may be missing."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import MoksoriError
from core.types import SAMPLE_RATE_HZ

Samples = NDArray[np.float32]
Parameters = Mapping[str, float | int | str]
_TOOL_LIMIT_S = 120.0


class ToolMissing(MoksoriError):
    """Raised when an attack needs a package or a program that is not installed."""

    code = "tool_missing"


@dataclass(frozen=True, slots=True)
class Altered:
    """What an attack made: samples (n,) float32 mono 16 kHz, and the depth it drew.

    ``voice`` names the speaker of synthetic speech; it is empty when a person's voice was altered.
    """

    samples: Samples
    parameters: Parameters = field(default_factory=dict)
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A line for a synthetic voice to say; ``language`` is ``ko`` or ``en``."""

    language: str
    words: str


AlterVoice = Callable[[Samples, np.random.Generator], Altered]
SayText = Callable[[Text, np.random.Generator], Altered]


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to alter or to make a voice.

    ``family`` is left out as a whole to ask what a tool never heard would do; a chain of two tools has both,
    joined by ``+``. ``needs`` names importable packages and programs. ``languages`` is empty when the
    attack alters speech, otherwise what it can say. ``share`` is below one where a clip costs much time.
    """

    name: str
    family: str
    tool: str
    apply: Any  # AlterVoice, or SayText when there are languages
    needs: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    share: float = 1.0

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not installed of what the attack needs."""
        return tuple(name for name in self.needs if not _there(name))


def need(package: str) -> Any:
    """Import an optional package.

    Raises:
        ToolMissing: when it is not installed.
    """
    try:
        return importlib.import_module(package)
    except ImportError as failure:
        raise ToolMissing(f"{package} is not installed (requirements-attacks.txt)", tool=package) from failure


def run(command: Sequence[str], *, stdin: bytes = b"") -> bytes:
    """Run a program without a shell and return its output.

    Raises:
        ToolMissing: when the program is not installed.
        subprocess.CalledProcessError: when it fails.
    """
    if shutil.which(command[0]) is None:
        raise ToolMissing(f"{command[0]} is not installed", tool=command[0])
    done = subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=_TOOL_LIMIT_S)  # noqa: S603
    return done.stdout


def through_files(samples: Samples, command: Callable[[str, str], Sequence[str]]) -> Samples:
    """Run a program that reads one WAV (16 kHz mono) and writes another; return what it wrote."""
    import soundfile

    with tempfile.TemporaryDirectory(prefix="attack_") as folder:
        source, target = str(Path(folder, "in.wav")), str(Path(folder, "out.wav"))
        soundfile.write(source, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        run(command(source, target))
        return read(target)


def read(path: str | Path) -> Samples:
    """Return a sound file as mono 16 kHz."""
    import soundfile

    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    return resampled(samples.mean(axis=1), rate_hz)


def resampled(samples: NDArray[Any], rate_hz: int) -> Samples:
    """Return ``samples`` of ``rate_hz`` at 16 kHz."""
    import soxr

    if rate_hz == SAMPLE_RATE_HZ:
        return np.asarray(samples, np.float32)
    return np.asarray(soxr.resample(np.asarray(samples, np.float32), rate_hz, SAMPLE_RATE_HZ), np.float32)


def signed(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw a depth between ``low`` and ``high``, up or down, with two decimals."""
    return round(float(rng.uniform(low, high)) * float(rng.choice((-1.0, 1.0))), 2)


def _there(name: str) -> bool:
    return shutil.which(name) is not None or importlib.util.find_spec(name) is not None
