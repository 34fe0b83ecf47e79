"""Which code made a version."""

from __future__ import annotations

import subprocess
import tomllib

from core.settings import ROOT

UNKNOWN = "unknown"


def code_version() -> str:
    """Return what ``git describe`` says of this checkout, else the version of the package, else ``unknown``."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--tags"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        pass  # an image has neither git nor a checkout
    try:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    except OSError:
        return UNKNOWN
