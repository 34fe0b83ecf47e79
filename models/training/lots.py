"""Stored calls on their way into a learner: in lots, some windows of each, both labels weighing the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import numpy as np

from models.text.samples import MOST_WINDOWS
from models.text.windows import windows
from models.training.evidence import Example

Item = TypeVar("Item")
CALLS = 500
"""Calls counted at once."""


def lots(examples: Iterator[Example]) -> Iterator[list[Example]]:
    """Yield the calls, ``CALLS`` at a time."""
    while lot := list(islice(examples, CALLS)):
        yield lot


def pick(example: Example) -> list[str]:
    """Return the windows of a call, at most ``MOST_WINDOWS``, evenly spread."""
    return evenly(windows(example.text), MOST_WINDOWS)


def evenly(items: list[Item], most: int) -> list[Item]:
    """Return at most so many of the items, evenly spread from the first to the last."""
    if len(items) <= most:
        return items
    return [items[int(place)] for place in np.linspace(0, len(items) - 1, most)]


def balance(examples: Iterator[Example]) -> tuple[int, list[float]]:
    """Return how many calls there are, and the factor of label 0 and of 1 with which both weigh the same."""
    size, mass = 0, [0.0, 0.0]
    for example in examples:
        size, mass[example.label] = size + 1, mass[example.label] + example.weight
    return size, [sum(mass) / (2 * one) if one else 0.0 for one in mass]
