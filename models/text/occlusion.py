"""Evidence of a network: how its score falls when a piece of the text is hidden from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.text.windows import spans


def occlude(
    parts: Sequence[Any], blank: Any, logits: Callable[[Sequence[Any]], NDArray[np.float64]], *, size: int, most: int
) -> list[tuple[int, tuple[int, int], float]]:
    """Return (window, (start, end), logit lost by hiding that piece) for the ``most`` strongest windows.

    Args:
        parts: windows of one text, each a string or a tuple.
        blank: a string or tuple of length 1 that tells the network nothing.
        logits: score of each window.
        size: length of a piece.
        most: windows looked into; the others decided less.
    """
    whole = logits(parts)
    looked = [int(i) for i in np.argsort(-whole, kind="stable")[:most]]
    pieces = [(i, span) for i in looked for span in spans(len(parts[i]), size=size, hop=size)]
    hidden = [parts[i][:start] + blank * (end - start) + parts[i][end:] for i, (start, end) in pieces]
    return [(i, span, float(whole[i] - rest)) for (i, span), rest in zip(pieces, logits(hidden), strict=True)]
