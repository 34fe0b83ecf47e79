"""Requests are answered in milliseconds beside an analysis that uses every core."""

from __future__ import annotations

import os
import threading

NICE = 10


def be_nice() -> None:
    """Let the calling thread, and threads it starts, give way to those that answer requests (Linux)."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
