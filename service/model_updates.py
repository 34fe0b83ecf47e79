"""One model update from the first row to the promotion; runs in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.protocols import TextModel
from models.registry import ModelVersion
from models.text import data
from models.training import update
from models.training.describe import libraries
from models.training.frozen import Guard, load_folder, split_corpus
from models.training.learner import open_learner
from models.training.spool import Spool
from service.update_evidence import Gathered, Reading, Rows, add_base, gather, rehearse
from service.update_versions import UpdateLine
from service.update_wanted import TOO_LITTLE, Done, Wanted

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
            ModuleNotFoundError: when what training needs is not installed.
        """
        libraries()
        line = UpdateLine(self._rules.store, "text", wanted.line, self._clock)
        with Spool(self._rules.scratch) as spool:
            champion = line.champion()
            if not wanted.dry_run and (done := line.finish_interrupted(champion)):
                return done
            learner, model, read_at = open_learner(champion), self._load(champion), self._clock()
            frozen, rehearsed = split_corpus()
            frozen += load_folder(self._rules.evaluation) if self._rules.evaluation else []
            guard, total = Guard(frozen), self._rows.count(wanted.filter)
            reading = Reading(model, wanted.filter, guard, line.last_read(), wanted.plain)
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
        found.usual = outcome.certain_and_wrong(data.OWN)
        return line.settle(
            outcome,
            lambda folder: outcome.learner.save(folder, outcome.calibration),
            reasons=(*outcome.reasons, *found.doubts),
            files=data.fingerprint(),  # rehearsed as it is: no table of noise is read
            rows=_rows(found),
            wanted=wanted,
            read_at=read_at,
            margin=self._rules.margin,
        )


def _rows(found: Gathered) -> dict[str, int]:
    counts = {"rows": found.rows, "unreadable": found.unreadable, "unused": found.unused, "new": found.fresh}
    return counts | {"repeating_frozen": found.repeated, "contradicting_frozen": found.contradicting}
