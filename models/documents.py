"""Figures that a command writes into a document: between two marks, so that the words around them stay."""

from __future__ import annotations

from pathlib import Path


def put(document: str, block: str, *, name: str = "table") -> str:
    """Return ``document`` with ``block`` between its ``<!-- name -->`` and ``<!-- /name -->`` marks.

    Raises:
        ValueError: when the document has no such marks.
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = document.partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"the document has no {start} … {end} marks")
    return f"{before}{start}\n{block}\n{end}{after}"


def write(path: Path, block: str, *, name: str = "table") -> None:
    """Put ``block`` between the marks ``name`` of the document at ``path``.

    Raises:
        OSError: when the document cannot be read or written.
        ValueError: when it has no such marks.
    """
    path.write_text(put(path.read_text("utf-8"), block, name=name), "utf-8")
