"""Figures stand between the marks of a document, and nothing else of it changes."""

from pathlib import Path

import pytest

from models import documents

PAGE = "before\n<!-- table -->\nold\n<!-- /table -->\nafter\n"


def test_the_table_stands_between_its_marks() -> None:
    assert documents.put(PAGE, "new") == PAGE.replace("old", "new")


def test_a_document_is_written_in_place(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(PAGE, "utf-8")
    documents.write(tmp_path / "page.md", "| 새 표 |")
    assert (tmp_path / "page.md").read_text("utf-8") == PAGE.replace("old", "| 새 표 |")


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        documents.put(PAGE, "new", name="other")
