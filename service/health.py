"""Is everything a call needs there?"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import MoksoriError, Unavailable
from core.types import QueueState
from service.lending import Lender
from service.ports import Store
from service.priority import be_nice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """``checks`` maps each dependency to ``ok``, ``loading``, ``cold`` or ``down``."""

    ready: bool
    checks: Mapping[str, str]


class Health:
    """Pings the database and looks at the models."""

    def __init__(self, *, store: Store, lenders: Sequence[Lender[Any]]) -> None:
        self._store = store
        self._lenders = lenders
        self._warming = False

    def warm(self) -> threading.Thread:
        """Load every model in the background, so that the process answers meanwhile."""
        self._warming = True
        thread = threading.Thread(target=self._warm, name="warm", daemon=True)
        thread.start()
        return thread

    def report(self) -> Readiness:
        """Check everything now."""
        waiting = "loading" if self._warming else "cold"
        checks = {lender.name: "ok" if lender.is_warm else waiting for lender in self._lenders}
        try:
            self._store.ping()
            checks["database"] = "ok"
        except Unavailable:
            checks["database"] = "down"
        return Readiness(all(state == "ok" for state in checks.values()), checks)

    def queue_state(self) -> QueueState:
        """Count the analyses of each status."""
        return self._store.queue_state()

    def _warm(self) -> None:
        be_nice()  # the threads of the recogniser inherit it
        for lender in self._lenders:
            try:
                lender.borrow()
            except MoksoriError as error:
                # The first call that needs it will report it; the others can still be loaded.
                log.error("cannot load %s: %s", lender.name, error.message)  # noqa: TRY400
        self._warming = False
