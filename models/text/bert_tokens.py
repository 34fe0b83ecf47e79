"""Text for a BERT: spaced as people write, cut into overlapping windows of tokens."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from models.text.windows import spans

TOKENIZER = "tokenizer.json"
MOST_TOKENS = 256
"""Tokens in a window at most, marks included: a minute or more of speech. Attention grows with the square of it."""
CONTINUED = "##"
"""How WordPiece writes a token that continues a word."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Ids of the marks, and how many tokens (both marks included) the network reads at once."""

    first: int
    last: int
    pad: int
    hidden: int
    size: int

    def as_dict(self) -> dict[str, int]:
        """Return the five numbers for JSON."""
        return asdict(self)


class BertTokens:
    """Turns normalised text into windows of token ids with a ``tokenizers.Tokenizer``."""

    def __init__(self, tokenizer: Any, marks: Marks) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self.marks = marks

    @classmethod
    def read(cls, path: Path, marks: Marks) -> BertTokens:
        """Read a ``tokenizer.json``."""
        from tokenizers import Tokenizer

        return cls(Tokenizer.from_file(str(path)), marks)

    def write(self, path: Path) -> None:
        """Write a ``tokenizer.json``."""
        self._tokenizer.save(str(path))

    def windows(self, compact: str) -> list[tuple[int, ...]]:
        """Return windows of token ids without marks, at least one; each token is in one or two of them."""
        ids = tuple(self._tokenizer.encode(spaced(compact), add_special_tokens=False).ids)
        room = self.marks.size - 2
        return [ids[start:end] for start, end in spans(len(ids), size=room, hop=max(1, room // 2))] or [()]

    def text(self, ids: tuple[int, ...]) -> str:
        """Return the text of tokens without spaces; tokens may begin within a word, unknown ones say nothing."""
        return str(self._tokenizer.decode(list(ids))).replace(" ", "").removeprefix(CONTINUED)


def spaced(compact: str) -> str:
    """Return normalised text with spaces between its words: pretrained networks know words, not runs of syllables.

    Speech recognition spaces at will, so the spaces come from Kiwi's analysis in training and serving alike.
    """
    return str(_kiwi().space(compact, reset_whitespace=True)) if compact else ""


@functools.cache
def _kiwi() -> Any:
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)
