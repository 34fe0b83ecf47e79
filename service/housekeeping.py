"""What every process does between calls for those that died: reports they owed, uploads that never became a call."""

from __future__ import annotations

import logging
import time

from service.places import Places
from service.ports import Store
from service.reports import Courier

log = logging.getLogger(__name__)
SWEEP_EVERY_S = 600.0
SAFE_AGE_S = 3600.0
"""An upload so old belongs to no request any more: its row was committed long ago, or never will be."""


class Housekeeping:
    """Several processes may do it at once."""

    def __init__(self, *, courier: Courier, store: Store, places: Places) -> None:
        self._courier, self._store, self._places = courier, store, places
        self._next_sweep = 0.0

    def run(self) -> None:
        """Send owed reports and, every few minutes, sweep uploads; raises ``Unavailable`` as the stores do."""
        self._courier.send_owed()
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + SWEEP_EVERY_S
            self.sweep_uploads()

    def sweep_uploads(self) -> None:
        """Remove the uploads that no row names: their requests broke off, or heard nothing of their commit."""
        removed = 0
        try:
            for id in self._places.uploads_before(time.time() - SAFE_AGE_S):
                if self._store.state(id) is None:
                    self._places.forget_upload(id)
                    removed += 1
        except OSError as error:  # whoever sweeps has calls to run
            log.warning("uploads not swept: %s", type(error).__name__)
        if removed:
            log.warning("removed %d uploads that belong to no call", removed)
