"""The one way text enters the text model, in training and in serving alike.

What is left is syllables and Latin letters only: speech recognition gives no reliable punctuation,
spacing or digits, and mask marks of the found data (``000``, ``OO``) follow the label.
"""

from __future__ import annotations

import re
import unicodedata

_SOURCE_MARKS = re.compile(r"(?<![A-Za-z])[A-Za-z]/|\b[A-Z]\s*[:.]\s|\{[^{}]*\}|<[^<>]*>|\[[^\[\]]*\]")
"""Transcriber's marks such as ``b/``, ``A:``, ``{laughing}`` and ``<noise>``."""
_MASKS = re.compile(r"[OoXx○●◯*]{2,}(?![A-Za-z])")
"""Masked names: ``OO``, ``○○``, ``XX``."""
_DROPPED = re.compile(r"[^가-힣a-z]+")


def normalise(text: str) -> str:
    """Return ``text`` as Hangul syllables and lower-case Latin letters without anything between them.

    Compatibility forms are folded (NFKC), decomposed Hangul is composed; digits, mask marks, source
    marks, lone jamo, punctuation and whitespace are removed. Applying it twice changes nothing.
    """
    folded = unicodedata.normalize("NFKC", text)
    unmarked = _MASKS.sub(" ", _SOURCE_MARKS.sub(" ", folded))
    return _unmask(_DROPPED.sub("", unicodedata.normalize("NFC", unmarked.lower())))


def _unmask(compact: str) -> str:
    """Remove mask marks that only came together when what lay between them went away."""
    return re.sub(r"[ox]{2,}(?![a-z])", "", re.sub(r"(?<![a-z])[ox]{2,}", "", compact))
