"""The Keras ``Tokenizer`` of earlier systems, as plain data: words to numbers exactly as it did, without Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LegacyTokenizer:
    """What a fitted ``Tokenizer`` knows; ``num_words`` None keeps every word, ``oov`` is the number of unknown ones."""

    word_index: Mapping[str, int]
    num_words: int | None
    filters: str
    lower: bool
    split: str
    char_level: bool
    oov: int | None

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> LegacyTokenizer:
        """Read the attributes of a ``Tokenizer``.

        Raises:
            ValueError: when they are not those of a fitted ``Tokenizer`` without an analyzer of its own.
        """
        index, most, token = state.get("word_index"), state.get("num_words"), state.get("oov_token")
        words = isinstance(index, dict) and all(isinstance(k, str) and type(v) is int for k, v in index.items())
        texts = all(isinstance(state.get(name), str) for name in ("filters", "split"))
        numbers = most is None or type(most) is int
        if not (words and texts and numbers and index) or state.get("analyzer") is not None:
            raise ValueError("not a fitted Keras Tokenizer")
        flags = bool(state.get("lower")), bool(state.get("char_level"))
        oov = None if token is None else index.get(token)
        return cls(dict(index), most, str(state["filters"]), flags[0], str(state["split"]), flags[1], oov)

    def words(self, text: str) -> list[str]:
        """Split a text as ``text_to_word_sequence`` does."""
        lowered = text.lower() if self.lower else text
        if self.char_level:
            return list(lowered)
        return [
            word
            for word in lowered.translate(dict.fromkeys(map(ord, self.filters), self.split)).split(self.split)
            if word
        ]

    def sequence(self, text: str) -> list[int]:
        """Return the numbers of the known words, as ``texts_to_sequences`` does."""
        found = []
        for word in self.words(text):
            number = self.word_index.get(word)
            if number is None or (self.num_words is not None and number >= self.num_words):
                number = self.oov
            if number is not None:
                found.append(number)
        return found

    def matrix(self, texts: list[str], length: int, *, padding: str, truncating: str) -> NDArray[np.int32]:
        """Return padded sequences, shape (n, ``length``); ``padding`` and ``truncating`` are ``pre`` or ``post``."""
        rows = np.zeros((len(texts), length), np.int32)
        for row, text in zip(rows, texts, strict=True):
            numbers = self.sequence(text)
            kept = numbers[-length:] if truncating == "pre" else numbers[:length]
            if kept:
                row[-len(kept) if padding == "pre" else 0 : len(kept) if padding == "post" else None] = kept
        return rows
