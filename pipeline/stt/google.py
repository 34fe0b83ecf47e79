"""Google's speech recognition through SpeechRecognition. The call's audio leaves the house: opt-in only.

Tested with a fake recogniser; never run against Google's servers by the test suite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.types import Segment
from pipeline.stt.sound import pieces, recognition

MAX_PIECE_S = 55.0
"""The service refuses requests of more than a minute."""

ATTEMPTS, TIMEOUT_S = 3, 30


class GoogleStt:
    """Pieces of at most 55 s, each retried when the line fails. ``recognizer`` is replaced in tests."""

    name = "google"
    parallel = 1

    def __init__(self, *, language: str = "ko", recognizer: Any = None, wait_s: float = 1.0) -> None:
        self._language = "ko-KR" if language == "ko" else language
        self._recognizer = recognizer
        self._wait_s = wait_s

    def load(self) -> None:
        """Make the recogniser; nothing is sent yet."""
        if self._recognizer is None:
            recognizer = recognition().Recognizer()
            recognizer.operation_timeout = TIMEOUT_S
            self._recognizer = recognizer

    def transcribe(self, samples: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Return one segment per piece with speech; silent pieces are never sent.

        Raises:
            core.errors.Unavailable: when Google does not answer after retries.
        """
        self.load()
        found = []
        for piece in pieces(samples, MAX_PIECE_S):
            text, confidence = self._recognise(piece.audio)
            if text.strip():
                found.append(Segment(piece.start_s, piece.end_s, text.strip(), confidence))
        return tuple(found)

    def _recognise(self, audio: Any) -> tuple[str, float | None]:
        from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

        sr = recognition()
        network = (sr.RequestError, TimeoutError, ConnectionError)
        retrying = Retrying(
            retry=retry_if_exception_type(network),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=self._wait_s),
            reraise=True,
        )
        try:
            text, confidence = retrying(
                self._recognizer.recognize_google, audio, language=self._language, with_confidence=True
            )
        except sr.UnknownValueError:
            return "", None
        except network as error:
            raise Unavailable("Google's speech recognition does not answer") from error
        return str(text), float(confidence)
