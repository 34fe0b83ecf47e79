"""One update of the voice model from the first recording to the promotion; runs in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from models.training.describe import libraries
from models.training.evidence import TRAIN
from models.training.voice import update
from models.training.voice.calls import VoiceBank
from models.training.voice.learner import VoiceLearner
from service.model_updates import Progress, Rules
from service.stored_audio import StoredAudio
from service.update_versions import UpdateLine
from service.update_wanted import TOO_LITTLE, Done, Wanted
from service.voice_evidence import VoiceRows, add_clips, add_own, gather


class VoiceUpdates:
    """Updates the voice model of a store."""

    def __init__(
        self,
        rows: VoiceRows,
        audio: StoredAudio,
        rules: Rules,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Remember where calls, recordings and models lie; ``rules.evaluation`` holds genuine/ and altered/."""
        self._rows, self._audio, self._rules, self._clock = rows, audio, rules, clock

    def run(self, wanted: Wanted, *, progress: Progress) -> Done:
        """Read, learn, judge, publish and perhaps promote; or promote what an interrupted update left ready.

        One at a time per store: whoever calls holds ``service.update_lock.alone``.

        Raises:
            ModelRefused: when there is no version to go on from, or it has neither trees nor probes.
            ConfigurationError: when the voices to judge by, or the base folder, cannot be read.
            Unavailable: when the database does not answer.
            ModuleNotFoundError: when what training needs is not installed.
        """
        libraries()
        rules, line = self._rules, UpdateLine(self._rules.store, "voice", wanted.line, self._clock)
        with VoiceBank(rules.scratch) as bank:
            champion = line.champion()
            if not wanted.dry_run and (done := line.finish_interrupted(champion)):
                return done
            learner, read_at = VoiceLearner(champion), self._clock()
            names = learner.ensemble.views
            frozen = add_own(rules.evaluation, self._audio, bank, names=names) if rules.evaluation else frozenset[int]()
            total = self._rows.voice_count(wanted.filter)
            found = gather(
                self._rows,
                wanted.filter,
                self._audio,
                bank,
                names=names,
                frozen=frozen,
                since=line.last_read(),
                progress=lambda done: progress("listening", done, total),
            )
            least = rules.min_new if wanted.min_new is None else wanted.min_new
            if found.fresh < least:
                return Done(TOO_LITTLE, f"too little new data: {found.fresh} judged voices, {least} wanted")
            clips = 0
            if wanted.data is not None:
                clips = add_clips(wanted.data, bank, names=names, bar=lambda work, **_: work)
            lack = min(bank.tally[TRAIN, 0], bank.tally[TRAIN, 1])  # of the rarer label
            if lack < update.FEWEST:
                return Done(TOO_LITTLE, f"too little data: {lack} calls of one label to learn from")
            outcome = update.run(
                champion,
                learner,
                bank,
                margin=rules.margin,
                scratch=rules.scratch,
                step=lambda done: progress("learning", done, None),
            )
        return line.settle(
            outcome,
            lambda folder: outcome.learner.save(folder, outcome.calibration),
            reasons=outcome.reasons,
            files={"clips": clips},
            rows=found.counts(),
            wanted=wanted,
            read_at=read_at,
            margin=rules.margin,
        )
