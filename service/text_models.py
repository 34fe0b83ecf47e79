"""The text models of the registry, by name."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

from core.errors import InvalidRequest, NotFound
from models.protocols import TextModel
from models.registry import ModelVersion, open_version
from service.lending import Lender

KEPT = 3
"""Named versions that stay loaded, beside the active one."""
_NAME = re.compile(r"[0-9A-Za-z-]{1,64}")


class TextModels:
    """The text model that analyses use, and a few others by name, each loaded once."""

    def __init__(self, store: Path, active: Lender[TextModel], load: Callable[[ModelVersion], TextModel]) -> None:
        self._store, self._active = store, active
        self._lender = functools.lru_cache(maxsize=KEPT)(
            lambda name: Lender(f"text {name}", lambda: load(open_version(store, "text", name)))
        )

    def get(self, name: str | None = None) -> TextModel:
        """Return the named version, or the active one.

        The active version by its name grades by the method chosen for it, every other by its own.

        Raises:
            InvalidRequest: for what cannot be a name: nothing of it is looked up as a path.
            NotFound: when there is no version of that name.
            ModelRefused: when its files are incomplete or altered, or none is active.
        """
        if name is None:
            return self._active.borrow()
        if not _NAME.fullmatch(name):
            raise InvalidRequest("model_version must be a version of the text model", field="model_version")
        if not (self._store / "text" / name).is_dir():
            raise NotFound("there is no text model version of that name", field="model_version")
        if self._active.is_warm and (active := self._active.borrow()).version == name:
            return active
        return self._lender(name).borrow()
