"""One model update from the first row to the promotion; runs in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models import registry
from models.protocols import TextModel
from models.registry import ModelVersion
from models.text import data
from models.training import update
from models.training.describe import manifest_of, summary_of
from models.training.frozen import Guard, load_folder, split_corpus
from models.training.learner import open_learner
from models.training.report import write_report
from models.training.spool import Spool
from service.update_evidence import Gathered, Reading, Rows, add_base, gather, rehearse
from service.update_wanted import CANDIDATE, PROMOTED, TOO_LITTLE, Done, Wanted, described

BY = "model_update"
log = logging.getLogger(__name__)
Progress = Callable[[str, int, int | None], None]
"""Told the stage, how much of it is done, and how much there is (None: unknown)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Where models lie and how strictly they are judged."""

    store: Path
    scratch: Path
    margin: float
    min_new: int
    evaluation: Path | None = None


class ModelUpdates:
    """Updates the text model of a store."""

    def __init__(
        self,
        rows: Rows,
        rules: Rules,
        load: Callable[[ModelVersion], TextModel],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rows, self._rules, self._load, self._clock = rows, rules, load, clock

    def run(self, wanted: Wanted, *, progress: Progress) -> Done:
        """Read, learn, judge, publish and perhaps promote; or promote what an interrupted update left ready.

        One at a time per store: whoever calls holds ``service.update_lock.alone``.

        Raises:
            ModelRefused: when there is no version to go on from, or none of its type can.
            ConfigurationError: when the evaluation folder cannot be read.
            Unavailable: when the database does not answer.
        """
        with Spool(self._rules.scratch) as spool:
            champion = self._champion(wanted.line)
            if not wanted.dry_run and (left := self._left_behind(wanted.line, champion)):
                registry.activate(self._rules.store, "text", left, line=wanted.line, by=BY)
                return Done(PROMOTED, f"{left}: promoted; the update that made it was interrupted before", left)
            learner, model, read_at = open_learner(champion), self._load(champion), self._clock()
            frozen, rehearsed = split_corpus()
            frozen += load_folder(self._rules.evaluation) if self._rules.evaluation else []
            guard, total = Guard(frozen), self._rows.count(wanted.filter)
            reading = Reading(model, wanted.filter, guard, self._last_read(wanted.line), wanted.plain)
            found = gather(self._rows, reading, spool, progress=lambda done: progress("reading", done, total))
            least = self._rules.min_new if wanted.min_new is None else wanted.min_new
            if found.fresh < least:
                return Done(TOO_LITTLE, f"too little new data: {found.fresh} labelled calls, {least} wanted")
            if wanted.data is not None:
                add_base(data.load_sources(wanted.data), spool, guard)
            rehearse(rehearsed, spool)
            outcome = update.run(
                champion,
                model,
                learner,
                spool,
                frozen=frozen,
                recent=found.recent,
                margin=self._rules.margin,
                scratch=self._rules.scratch,
                step=lambda done: progress("learning", done, None),
            )
            return self._finish(wanted, outcome, found, read_at)

    def _champion(self, line: str) -> ModelVersion:
        """Return the active version of a line; a line that has none yet goes on from the default one."""
        known = registry.read_pointer(self._rules.store, "text", line=line) is not None
        return registry.open_version(self._rules.store, "text", line=line if known else registry.DEFAULT_LINE)

    def _left_behind(self, line: str, champion: ModelVersion) -> str | None:
        """Return the version that an update of the champion found good and was killed before promoting.

        One that was ever active is not meant: somebody rolled it back.
        """
        store = self._rules.store
        for listed in registry.list_versions(store, "text", line=line):
            made = listed.manifest.get("update", {})
            good = made.get("promotable") is True and listed.reason is None and made["parent"] == champion.name
            if good and not registry.was_active(store, "text", listed.name):
                return listed.name
        return None

    def _last_read(self, line: str) -> datetime | None:
        """Return when the newest version of a line read the database, promoted or not."""
        for listed in registry.list_versions(self._rules.store, "text", line=line):
            read_at = listed.manifest.get("update", {}).get("read_at")
            if read_at:
                return datetime.fromisoformat(read_at)
        return None

    def _finish(self, wanted: Wanted, outcome: update.Outcome, found: Gathered, read_at: datetime) -> Done:
        found.usual = outcome.certain_and_wrong(data.OWN)
        reasons = (*outcome.reasons, *found.doubts)
        manifest = manifest_of(
            outcome,
            reasons=reasons,
            rows={"rows": found.rows, "unreadable": found.unreadable, "unused": found.unused, "new": found.fresh}
            | {"repeating_frozen": found.repeated, "contradicting_frozen": found.contradicting},
            wanted=described(wanted),
            read_at=read_at,
            margin=self._rules.margin,
        )
        code, summary = (CANDIDATE if reasons else PROMOTED), summary_of(outcome, reasons)
        report = {"metrics": manifest["metrics"], "data": manifest["data"], "update": manifest["update"]}
        if wanted.dry_run:
            return Done(code, f"dry run, nothing written: {summary}", None, report)

        def write(folder: Path) -> None:
            outcome.learner.save(folder, outcome.calibration)
            write_report(folder, outcome, manifest)

        version = registry.publish(
            self._rules.store,
            "text",
            write,
            manifest=manifest,
            line=wanted.line,
            reason="; ".join(reasons) or None,
            now=self._clock(),
        )
        if not reasons:
            if self._champion(wanted.line).name != outcome.champion.name:
                return Done(
                    CANDIDATE, "kept as candidate: another version became active meanwhile", version.name, report
                )
            registry.activate(self._rules.store, "text", version.name, line=wanted.line, by=BY)
        log.info("text model -%s %s", version.name[-8:], "kept as candidate" if reasons else "promoted")
        return Done(code, f"{version.name}: {summary}", version.name, report)
