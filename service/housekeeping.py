"""What every process does between calls for those that died: reports they owed, uploads that no call needs."""

from __future__ import annotations

import logging
import time

from core.types import FINAL
from service.places import Places
from service.ports import Store
from service.reports import Courier

log = logging.getLogger(__name__)
SWEEP_EVERY_S = 600.0
SAFE_AGE_S = 24 * 3600.0
"""No request takes as long. A day also covers clocks of worker and file server that differ, and gives time to notice a
wrong database."""


class Housekeeping:
    """Several processes may do it at once."""

    def __init__(self, *, courier: Courier, store: Store, places: Places) -> None:
        self._courier, self._store, self._places = courier, store, places
        self._swept = time.monotonic()  # not at the start, when a wrong database has yet to be noticed

    def run(self) -> None:
        """Send owed reports and, every few minutes, sweep uploads; raises ``Unavailable`` as the stores do."""
        self._courier.send_owed()
        if time.monotonic() - self._swept >= SWEEP_EVERY_S:
            self._swept = time.monotonic()
            self.sweep_uploads()

    def sweep_uploads(self) -> None:
        """Remove old uploads without a row, whose requests broke off, and those of ended calls, whose runners died.

        A database without a single analysis may be the wrong one: then all of them stay, and be it one true orphan.
        """
        try:
            old = self._places.uploads_before(time.time() - SAFE_AGE_S)
        except OSError as error:  # whoever sweeps has calls to run
            log.warning("uploads not swept: %s", type(error).__name__)
            return
        if old and not any(self._store.queue_state().by_status.values()):
            log.error("kept %d old uploads: the database is empty; is MOKSORI_DATABASE_URL the right one?", len(old))
            return
        unneeded = [id for id in old if self._is_unneeded(id)]
        removed = sum(self._remove(id) for id in unneeded)
        if removed:
            log.warning("removed %d uploads that no call needs", removed)
        if removed < len(unneeded):
            log.warning("could not remove %d uploads that no call needs", len(unneeded) - removed)

    def _is_unneeded(self, id: str) -> bool:
        state = self._store.state(id)
        return state is None or state[0] in FINAL

    def _remove(self, id: str) -> bool:
        try:
            self._places.forget_upload(id)
        except OSError:
            return False
        return True
