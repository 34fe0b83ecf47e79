"""Start the real server, post the three sample calls, show the reports a gateway gets and the verdicts."""

from __future__ import annotations

import secrets
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any

import httpx

from core.settings import ROOT
from scripts.analyse import GRADES
from scripts.receiver import Receiver, running_receiver
from scripts.serving import environment, running_server

SAMPLES = {"call_vishing_ko.m4a": 2, "call_long_loan_ko.m4a": 2, "call_normal_ko.m4a": 0}
"""Sample call → expected ``predict1``."""
REPORTS = 4


def main() -> int:
    """Run the demonstration; 0 when every verdict is as expected and every report came."""
    secret = secrets.token_hex(16)
    with tempfile.TemporaryDirectory(prefix="moksori-demo-") as name, running_receiver(secret) as receiver:
        folder = Path(name)
        env = environment(folder, audio_root=ROOT / "samples") | {
            "MOKSORI_CALLBACK_HOSTS": receiver.host,
            "MOKSORI_CALLBACK_SECRET": secret,
            "MOKSORI_API_KEYS": secret,
        }
        print("서버를 시작합니다 / starting the server ...", flush=True)
        log = folder / "server.log"
        try:
            with running_server(env, log_file=log) as server:
                server.client.headers["X-API-Key"] = secret
                print(f"준비 완료 / ready ({server.ready_s:.1f} s)\n", flush=True)
                fine = [_one(server.client, receiver, name, expected) for name, expected in SAMPLES.items()]
        except RuntimeError as error:
            print(f"{error}\n{log.read_text('utf-8')}", file=sys.stderr)
            return 1
    print("모두 예상대로입니다 / all as expected" if all(fine) else "예상과 다릅니다 / NOT as expected")
    return 0 if all(fine) else 1


def _one(client: httpx.Client, receiver: Receiver, name: str, expected: int) -> bool:
    print(f"── {name}", flush=True)
    started = time.monotonic()
    body = {"file_path": name, "user_id": "demo", "declaration": "010-1234-4567", "callback_url": receiver.url}
    answer = client.post("/api/v1/analyses", json=body)
    took_s = time.monotonic() - started
    if answer.status_code != httpx.codes.OK:
        print(f"   {answer.status_code}: {answer.text}")
        return False
    analysis = answer.json()
    reports = [receiver.reports.get(timeout=30) for _ in range(REPORTS)]
    for report in reports:
        scores = f"  predict1={report['predict1']} predict2={report['predict2']}" if "predict1" in report else ""
        print(f"   콜백 callback {report['progress']:3d} % {report['stage']}{scores}")
    _show(analysis, took_s)
    in_order = [report["progress"] for report in reports] == [25, 50, 75, 100]
    return in_order and analysis["predict1"] == expected


def _show(analysis: dict[str, Any], took_s: float) -> None:
    for key, part in (("predict1", "text"), ("predict2", "voice")):
        score = analysis[part]["score"]
        shown = f"{score:.3f}" if score is not None else analysis[part]["reason"]
        print(f"   {key} ({part}): {analysis[key]} {GRADES[analysis[key]]}, score {shown}")
    print(textwrap.indent(textwrap.shorten(analysis["transcript"], 160, placeholder=" ..."), "   "))
    rtf = took_s / analysis["duration_s"]
    print(
        f"   {analysis['duration_s']:.0f} s 통화 / call, {took_s:.1f} s 처리 / processing (RTF {rtf:.3f})\n", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
