"""The report of a version: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.training.outcome import Findings
from models.training.report.page import page

FILE = "report.html"


def write_report(folder: Path, outcome: Findings, manifest: Mapping[str, Any]) -> None:
    """Write ``report.html`` into the folder of a version; it holds figures only, no text of any call."""
    (folder / FILE).write_text(page(outcome, manifest), "utf-8")
