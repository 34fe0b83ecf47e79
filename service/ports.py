"""What the service expects of the rooms around it; ``wiring`` brings the real ones, tests bring fakes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from core.types import Analysis, CallResult, NewAnalysis


class Store(Protocol):
    """Durable analyses. Every method raises ``core.errors.Unavailable`` once its retries are used up."""

    def add(self, new: NewAnalysis, *, id: str, now: datetime) -> Analysis:
        """Commit a queued row."""
        ...

    def get(self, id: str) -> Analysis | None:
        """Return the analysis, or None."""
        ...

    def claim(self, id: str) -> bool:
        """Move queued to running; False when somebody else did."""
        ...

    def progress(self, id: str, percent: int) -> None:
        """Record a milestone of a running analysis."""
        ...

    def finish(self, id: str, result: CallResult, *, now: datetime) -> Analysis:
        """Store result and ``done`` in one transaction."""
        ...

    def fail(self, id: str, error: Mapping[str, Any], *, now: datetime) -> None:
        """Store the reason and ``failed``."""
        ...

    def remove(self, id: str) -> None:
        """Erase the row."""
        ...

    def ping(self) -> None:
        """Raise ``Unavailable`` when the database does not answer now."""
        ...


class Reporter(Protocol):
    """Sends the reports of one analysis, in order, without ever delaying or failing it."""

    def send(self, report: Mapping[str, Any]) -> None:
        """Queue one report."""
        ...

    def close(self) -> None:
        """Say that no report follows; what is queued is still sent."""
        ...


class Callbacks(Protocol):
    """Opens reporters for the URLs that requests name."""

    def check(self, url: str) -> None:
        """Raise ``InvalidRequest`` for a URL that may not be called."""
        ...

    def open(self, url: str | None) -> Reporter:
        """Return the reporter of one analysis; without any URL one that sends nothing."""
        ...
