"""An export is only as good as its numbers: compared on the spot with what was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.voice.members.protocol import Fitted
from models.voice.members.served import MAX_EXPORT_DIFFERENCE, open_member


def check_export(member: Fitted, path: Path, shape: tuple[int, ...]) -> None:
    """Compare the ONNX file with ``member`` on random views of this shape (without n).

    Raises:
        ModelRefused: when a logit differs by more than ``MAX_EXPORT_DIFFERENCE``.
    """
    view: NDArray[np.float32] = np.random.default_rng(0).normal(size=(8, *shape)).astype(np.float32)
    difference = float(np.abs(open_member(path).logits(view) - member.logits(view)).max())
    if not difference <= MAX_EXPORT_DIFFERENCE:
        raise ModelRefused("the ONNX export does not equal the trained member", difference=difference)
