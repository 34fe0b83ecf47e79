"""Analyse one recording on the command line: the same line as the service, nothing stored."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from core.errors import MoksoriError
from core.log import configure_logging
from core.settings import Settings
from core.types import PROGRESS, CallResult, Stage
from service.guidance import find_type
from wiring import build_line, build_models

GRADES = {0: "안전 safe", 1: "주의 caution", 2: "위험 danger", None: "판단 보류 not judged"}
REASONS = {
    "no_speech": "말소리가 없습니다 / no speech",
    "too_short": "말소리가 너무 짧습니다 / too little speech",
    "not_korean": "한국어가 아닙니다 / not Korean",
    "low_confidence": "알아듣지 못했습니다 / recognised too badly",
}
STAGES = {
    Stage.CHUNKED: "나누기 chunk",
    Stage.TRANSCRIBED: "받아쓰기 transcribe",
    Stage.TEXT_SCORED: "내용 판정 text",
    Stage.DONE: "음성 판정 voice",
}


def main(argv: list[str] | None = None) -> int:
    """Run the command; 0 = judged, 1 = the file or a dependency failed."""
    parser = argparse.ArgumentParser(prog="python -m scripts.analyse", description=__doc__)
    parser.add_argument("file", type=Path, help="recording in any format FFmpeg reads")
    parser.add_argument("--json", action="store_true", help="print the full result as JSON")
    args = parser.parse_args(argv)
    settings = Settings.from_env()
    configure_logging("WARNING")
    try:
        result = _analyse(args.file, settings)
    except (MoksoriError, OSError) as error:
        message = error.message if isinstance(error, MoksoriError) else f"cannot read the file: {error.strerror}"
        print(f"오류 error: {message}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(result), ensure_ascii=False, indent=2) if args.json else readable(result))
    return 0


def _analyse(file: Path, settings: Settings) -> CallResult:
    line = build_line(settings, build_models(settings))
    with tempfile.TemporaryDirectory(prefix="moksori-") as folder, tqdm(total=100, unit="%", file=sys.stderr) as bar:
        bar.set_description("준비 loading")

        def report(stage: Stage) -> None:
            bar.set_description(STAGES[stage])
            bar.update(PROGRESS[stage] - bar.n)

        result = line(file.resolve(strict=True), work_dir=Path(folder), report=report)
        report(Stage.DONE)
    return result


def readable(result: CallResult) -> str:
    """Return the verdict for people, Korean first."""
    text, voice = result.text, result.voice
    lines = [
        f"길이 duration      {result.duration_s:.1f} s",
        f"predict1 내용 text   {_verdict(text.grade, text.score, text.reason)}",
        f"predict2 음성 voice  {_verdict(voice.grade, voice.score, voice.reason)}",
    ]
    if text.risk_ratio is not None:
        lines.append(f"위험 문장 risk ratio  {text.risk_ratio:.0%} ({text.level})")
    if text.scam_type is not None:
        lines.append(f"수법 scam type      {find_type(text.scam_type)['name']} ({text.scam_type})")
    flagged = sorted((s for s in text.sentences if s.flagged), key=lambda s: -s.score)[:5]
    if flagged:
        lines.append("의심 문장 flagged sentences")
        ordered = sorted((s.start_s or 0.0, s.score, s.text) for s in flagged)
        lines += [f"  {at // 60:02.0f}:{at % 60:02.0f}  {score:.2f}  {said}" for at, score, said in ordered]
    lines += ["받아쓴 내용 transcript", *(f"  {line}" for line in result.transcript.splitlines())]
    return "\n".join(lines)


def _verdict(grade: int | None, score: float | None, reason: str | None) -> str:
    if score is None or grade is None:
        return f"{GRADES[None]}: {REASONS.get(reason or '', reason)}"
    return f"{grade} {GRADES[grade]} (score {score:.3f})"


if __name__ == "__main__":
    sys.exit(main())
