"""Stored transcripts back to text: ours are UTF-8, some of the rows we took over are CP949."""

from __future__ import annotations

import re
import unicodedata

MIN_COMMON_SHARE = 0.95
"""Share of everyday Hangul among the non-ASCII letters of genuine Korean; Chinese read as CP949 has about half."""
MIN_FREQUENT_SHARE = 0.2
"""Share of ``_FREQUENT`` among the syllables of genuine Korean talk is about 0.5; of chance syllables below 0.1."""
ENOUGH_SYLLABLES = 20
"""Fewer syllables say nothing about how often each is used."""

_FREQUENT = frozenset(
    "이다는가을고하니요에아그지거한어네나도서리사시기로해라대인자면있안은습여게세일보드으저를제수의만십금까데정주부들되"
)
_HANGUL = re.compile(r"[가-힣]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def decode_transcript(content: bytes) -> str | None:
    """Return the text of a transcript, or None when it is neither UTF-8 nor plausible Korean in CP949.

    CP949 accepts much that is something else (Chinese, Japanese, halves of UTF-8), so what it makes
    of the bytes must also look like Korean. No exception goes out: it would carry the bytes.
    """
    text = _strictly(content, "utf-8")
    if text is not None:
        return text
    text = _strictly(content, "cp949")
    return text if text is not None and _looks_korean(text) else None


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _looks_korean(text: str) -> bool:
    if _CONTROL.search(text):
        return False
    letters = [char for char in text if not char.isascii() and unicodedata.category(char).startswith("L")]
    common = sum(_is_common(char) for char in letters)
    if common < max(1.0, MIN_COMMON_SHARE * len(letters)):
        return False
    syllables = _HANGUL.findall(text)
    frequent = sum(syllable in _FREQUENT for syllable in syllables)
    return len(syllables) < ENOUGH_SYLLABLES or frequent >= MIN_FREQUENT_SHARE * len(syllables)


def _is_common(char: str) -> bool:
    """Tell whether it is one of the 2,350 syllables of KS X 1001, which hold nearly all of written Korean."""
    if not _HANGUL.match(char):
        return False
    try:
        return len(char.encode("euc_kr")) == 2  # the codec spells every other syllable out in eight bytes
    except UnicodeEncodeError:
        return False
