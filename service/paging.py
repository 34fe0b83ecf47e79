"""Stored calls read page by page: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class Numbered(Protocol):
    """Anything read of a stored call."""

    @property
    def id(self) -> str:
        """Id of the call."""
        ...


Row = TypeVar("Row", bound=Numbered)


def pages(read: Callable[[str], list[Row]]) -> Iterator[list[Row]]:
    """Yield page after page; ``read`` returns the next rows after an id, none at the end."""
    after = ""
    while page := read(after):
        yield page
        after = page[-1].id


def each(read: Callable[[str], list[Row]]) -> Iterator[Row]:
    """Yield every row of ``pages``."""
    for page in pages(read):
        yield from page
