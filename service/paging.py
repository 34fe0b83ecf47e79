"""Stored calls one after the other, read page by page: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from core.evidence import StoredRow, VoiceRow

Row = TypeVar("Row", StoredRow, VoiceRow)


def each(page: Callable[[str], list[Row]]) -> Iterator[Row]:
    """Yield every row; ``page`` returns the next ones after an id, none at the end."""
    after = ""
    while rows := page(after):
        yield from rows
        after = rows[-1].id
