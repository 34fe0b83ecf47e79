"""Judge a text that somebody already has; nothing of it is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.errors import InvalidRequest, TooLarge
from core.types import Segment, TextResult
from models.protocols import ScamTypes, SentenceBorders, TextModel
from pipeline.text import score_text

MAX_CHARS = 100_000
"""About four hours of talk; scored while the caller waits."""


class TextAnalyses:
    """Scores texts with the models that analyses use."""

    def __init__(
        self,
        *,
        model: Callable[[], TextModel],
        types: Callable[[], ScamTypes | None],
        borders: Callable[[], SentenceBorders],
    ) -> None:
        """Remember what lends the models; each is borrowed once for a text."""
        self._model, self._types, self._borders = model, types, borders

    def judge(self, text: str) -> TextResult:
        """Return what the text model says of a transcript, with or without line feeds and punctuation.

        There was no sound, so sentences and evidence have no times.

        Raises:
            TooLarge: for more than ``MAX_CHARS`` characters.
            InvalidRequest: for what is not valid Unicode.
        """
        if len(text) > MAX_CHARS:
            raise TooLarge(f"text must be at most {MAX_CHARS} characters", field="text")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise InvalidRequest("text is not valid Unicode", field="text") from None
        segments = [Segment(0.0, 0.0, text)]
        result = score_text(segments, self._model(), types=self._types(), borders=self._borders())
        return replace(
            result,
            sentences=tuple(replace(sentence, start_s=None, end_s=None) for sentence in result.sentences),
            evidence=tuple(replace(piece, start_s=None, end_s=None) for piece in result.evidence),
        )
