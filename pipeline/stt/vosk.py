"""Vosk through SpeechRecognition, offline.

SpeechRecognition 3.17 ``recognize_vosk`` builds the model anew at every call, and only from a folder
inside its own package; so the model named by the setting is loaded once here, and SpeechRecognition
brings the audio to the form Kaldi expects. ``vosk`` is not in the requirements: ``pip install vosk``
and name an unpacked model. Tested with a stub in place of the library; not run with a real model.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import Unavailable
from core.types import SAMPLE_RATE_HZ, Segment
from pipeline.stt.sound import pieces

MAX_PIECE_S = 60.0


class VoskStt:
    """``model`` is an unpacked Vosk model folder."""

    name = "vosk"
    parallel = 1

    def __init__(self, *, model: str) -> None:
        self._folder = Path(model)
        self._model: Any = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the model once.

        Raises:
            core.errors.Unavailable: when the library is missing or the folder holds no acoustic model (``am``).
        """
        with self._lock:
            if self._model is not None:
                return
            if not (self._folder / "am").is_dir():
                raise Unavailable("MOKSORI_STT_MODEL must name a Vosk model folder")
            try:
                from vosk import Model
            except ImportError as error:
                raise Unavailable("the vosk engine needs: pip install vosk") from error
            self._model = Model(str(self._folder))

    def transcribe(self, samples: NDArray[np.float32]) -> tuple[Segment, ...]:
        """Return one segment per utterance with the mean word confidence; none for silence."""
        self.load()
        from vosk import KaldiRecognizer

        found = []
        for piece in pieces(samples, MAX_PIECE_S):
            recognizer = KaldiRecognizer(self._model, SAMPLE_RATE_HZ)
            recognizer.SetWords(True)
            recognizer.AcceptWaveform(piece.audio.get_raw_data(convert_rate=SAMPLE_RATE_HZ, convert_width=2))
            result = json.loads(recognizer.FinalResult())
            words = result.get("result", [])
            if result.get("text", "").strip():
                start_s = piece.start_s + (words[0]["start"] if words else 0.0)
                end_s = piece.start_s + words[-1]["end"] if words else piece.end_s
                confidence = sum(word["conf"] for word in words) / len(words) if words else None
                found.append(Segment(start_s, end_s, result["text"].strip(), confidence))
        return tuple(found)
