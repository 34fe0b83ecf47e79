"""The clients pass against the whole server, Whisper and all, as ``make run`` starts it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.serving import RunningServer
from tests.e2e.clients import KEY, SECRET, java_gateway, made_server, newman_command, run_newman

CALL = ("call-1", "call_vishing_ko.m4a", "user-1", "010-1234-5678")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with made_server(tmp_path_factory.mktemp("made")) as running:
        yield running


def test_newman_passes_the_whole_collection(server: RunningServer, tmp_path: Path) -> None:
    executions = run_newman(newman_command(tmp_path), server, tmp_path, within_s=240)
    assert all(one["assertions"] for one in executions)


def test_the_java_gateway_takes_every_report_of_a_scam_call(server: RunningServer, tmp_path: Path) -> None:
    known = {"MOKSORI_API_KEY": KEY, "MOKSORI_CALLBACK_SECRET": SECRET, "GATEWAY_PORT": "0"}
    command = [*java_gateway(tmp_path), str(server.client.base_url).rstrip("/"), *CALL]
    done = subprocess.run(
        command, env={**os.environ, **known}, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[2:-1] == ["progress 25", "progress 50", "progress 75", "progress 100"]
    assert lines[-1].startswith("done predict1=2 ")
