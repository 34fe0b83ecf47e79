"""Bounds of time that hold on any machine: not in seconds, but in multiples of work timed beside it."""

from __future__ import annotations

from models.measuring import median_ms

LOOPS = 2_000_000  # 70 ms of a core of 2024, 400 ms of a busy host's


def yardsticks(taken_ms: float) -> float:
    """Return how many times the processor time of a bare loop ``taken_ms`` are."""
    return taken_ms / median_ms(lambda: sum(i * i for i in range(LOOPS)), repeats=3)
