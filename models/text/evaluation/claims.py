"""What a model must show on every held-out source, and whether it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.text.evaluation.intervals import Estimate
from models.text.evaluation.result import Result
from models.text.evaluation.rows import ALL
from models.text.judge import SET_ASIDE

MIN_RECALL, MAX_FPR = 0.97, 0.02
MAX_MS, MAX_MB = 60.0, 20.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A border that the figure of every source must keep: from above when ``least``, else from below."""

    text: str
    figure: str
    border: float
    least: bool

    def met(self, value: float) -> bool:
        """Tell whether a value keeps the border."""
        return value >= self.border if self.least else value <= self.border


RECALL = Claim("recall on every scam source", "recall", MIN_RECALL, least=True)
FPR = Claim("false alarms on every normal source", "fpr", MAX_FPR, least=False)
CLAIMS = (
    RECALL,
    FPR,
    Claim("change of recall at 30 % word error", "recall_change_wer30", -0.02, least=True),
    Claim("change of false alarms at 30 % word error", "fpr_change_wer30", 0.01, least=False),
    Claim("recall after 200 characters", "recall_first200", 0.85, least=True),
    Claim("false alarms after 200 characters", "fpr_first200", MAX_FPR, least=False),
    Claim("calibration error on every source", "ece", 0.05, least=False),
)
SPEED = Claim("milliseconds for a ten-minute transcript", "milliseconds", MAX_MS, least=False)
SIZE = Claim("megabytes of the artefact", "megabytes", MAX_MB, least=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The worst value of a claim, the source it comes from, how many sources keep the border, and of how many."""

    claim: Claim
    worst: float
    source: str
    kept: int
    of: int


def verdicts(found: Result) -> list[Verdict]:
    """Return the verdict on every claim; text that is no spoken Korean is set aside."""
    table = {s: {**row, **found.early[s]} for s, row in found.sources.items() if s != ALL and s not in SET_ASIDE}
    whole = {"": {"milliseconds": _exactly(found.milliseconds), "megabytes": _exactly(found.megabytes)}}
    return [_verdict(claim, table) for claim in CLAIMS] + [_verdict(claim, whole) for claim in (SPEED, SIZE)]


def falls_short(row: Mapping[str, Estimate]) -> bool:
    """Tell whether a source misses the recall or the false-alarm rate that every source must show."""
    return any(claim.figure in row and not claim.met(row[claim.figure].value) for claim in (RECALL, FPR))


def _verdict(claim: Claim, table: Mapping[str, Mapping[str, Estimate]]) -> Verdict:
    values = {source: row[claim.figure].value for source, row in table.items() if claim.figure in row}
    worst = (min if claim.least else max)(values, key=values.__getitem__)
    return Verdict(claim, values[worst], worst, sum(claim.met(value) for value in values.values()), len(values))


def _exactly(value: float) -> Estimate:
    return Estimate(value, value, value)
