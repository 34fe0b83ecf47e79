"""Which version an update goes on from, what an earlier one left behind, and what becomes of a new one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from models import registry
from models.registry import ModelVersion
from models.training.describe import manifest_of, summary_of
from models.training.outcome import Findings
from models.training.report import write_report
from service.update_wanted import CANDIDATE, PROMOTED, Done, Wanted, described

BY = "model_update"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UpdateLine:
    """One line of versions of one kind of model, as an update sees it."""

    store: Path
    kind: str
    name: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def champion(self) -> ModelVersion:
        """Return the active version; a line that has none yet goes on from the default one.

        Raises:
            ModelRefused: when there is none, or it is damaged.
        """
        known = registry.read_pointer(self.store, self.kind, line=self.name) is not None
        return registry.open_version(self.store, self.kind, line=self.name if known else registry.DEFAULT_LINE)

    def finish_interrupted(self, champion: ModelVersion) -> Done | None:
        """Promote what an update of the champion found good and was killed before promoting, if there is such.

        One that was ever active is not meant: somebody rolled it back.
        """
        for listed in registry.list_versions(self.store, self.kind, line=self.name):
            made = listed.manifest.get("update", {})
            good = made.get("promotable") is True and listed.reason is None and made["parent"] == champion.name
            if good and not registry.was_active(self.store, self.kind, listed.name):
                registry.activate(self.store, self.kind, listed.name, line=self.name, by=BY)
                summary = f"{listed.name}: promoted; the update that made it was interrupted before"
                return Done(PROMOTED, summary, listed.name)
        return None

    def last_read(self) -> datetime | None:
        """Return when the newest version read the database, promoted or not."""
        for listed in registry.list_versions(self.store, self.kind, line=self.name):
            read_at = listed.manifest.get("update", {}).get("read_at")
            if read_at:
                return datetime.fromisoformat(read_at)
        return None

    def settle(
        self,
        outcome: Findings,
        save: Callable[[Path], None],
        *,
        reasons: Sequence[str],
        files: Mapping[str, Any],
        rows: Mapping[str, int],
        wanted: Wanted,
        read_at: datetime,
        margin: float,
    ) -> Done:
        """Publish what an update found and promote it when there is no reason against it; a dry run writes nothing.

        ``save`` writes what was learned into a folder; the others tell where it comes from, as ``manifest_of`` says.
        """
        manifest = manifest_of(
            outcome, reasons=reasons, files=files, rows=rows, wanted=described(wanted), read_at=read_at, margin=margin
        )

        def write(folder: Path) -> None:
            save(folder)
            write_report(folder, outcome, manifest)

        code, summary = CANDIDATE if reasons else PROMOTED, summary_of(outcome, reasons)
        report = {"metrics": manifest["metrics"], "data": manifest["data"], "update": manifest["update"]}
        if wanted.dry_run:
            return Done(code, f"dry run, nothing written: {summary}", None, report)
        version = registry.publish(
            self.store,
            self.kind,
            write,
            manifest=manifest,
            line=self.name,
            reason="; ".join(reasons) or None,
            now=self.clock(),
        )
        if not reasons:
            if self.champion().name != manifest["update"]["parent"]:
                meanwhile = "kept as candidate: another version became active meanwhile"
                return Done(CANDIDATE, meanwhile, version.name, report)
            registry.activate(self.store, self.kind, version.name, line=self.name, by=BY)
        log.info("%s model %s %s", self.kind, version.name, "kept as candidate" if reasons else "promoted")
        return Done(code, f"{version.name}: {summary}", version.name, report)
