"""Real servers for those who call us, and the clients that are run against them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.settings import ROOT
from scripts.serving import RunningServer, environment, running_server

KEY, SECRET = "client-key", "client-secret"
POSTMAN, EXAMPLES = ROOT / "docs/postman", ROOT / "docs/examples"
NEWMAN = "newman@6.2.2"
IN_CI = os.environ.get("CI") == "true"
A_MOMENT = "0.3"
"""Units of work per piece of a call: time enough to do something to a client meanwhile."""


def settings(folder: Path) -> dict[str, str]:
    """The sample calls, one API key and signed callbacks to any local port; everything stored lies in ``folder``."""
    return environment(folder, audio_root=ROOT / "samples") | {
        "MOKSORI_API_KEYS": KEY,
        "MOKSORI_CALLBACK_HOSTS": "127.0.0.1",
        "MOKSORI_CALLBACK_SECRET": SECRET,
    }


@contextmanager
def quick_server(folder: Path) -> Iterator[RunningServer]:
    """Run a server that is quick, because it recognises nothing."""
    env = {**settings(folder), "MOKSORI_STT_ENGINE": "null", "MOKSORI_STT_MODEL": A_MOMENT}
    with running_server(env, log_file=folder / "server.log") as running:
        running.client.headers["X-API-Key"] = KEY
        yield running


@contextmanager
def made_server(folder: Path) -> Iterator[RunningServer]:
    """Run the whole server by ``make run``, out of the environment that runs the tests: nothing is installed."""
    make = shutil.which("make")
    if make is None:
        pytest.skip("needs make")
    command = [make, "-o", ".venv/.serve", f"BIN={Path(sys.executable).parent}", "run"]
    with running_server(settings(folder), log_file=folder / "server.log", command=command) as running:
        running.client.headers["X-API-Key"] = KEY
        yield running


def newman_command(folder: Path) -> list[str]:
    """The command of newman; without Node.js a skip, with it but without the package a failure in CI."""
    if installed := shutil.which("newman"):
        return [installed]
    node, npm, npx = (shutil.which(name) for name in ("node", "npm", "npx"))
    if node is None or npm is None or npx is None:
        pytest.skip("newman needs Node.js and npm")
    command = [npx, "--yes", NEWMAN]
    try:
        subprocess.run([*command, "--version"], cwd=folder, capture_output=True, timeout=150, check=True)
    except subprocess.SubprocessError:
        (pytest.fail if IN_CI else pytest.skip)(f"npx cannot get {NEWMAN}")
    return command


def run_newman(newman: list[str], server: RunningServer, folder: Path, *, within_s: float) -> list[Any]:
    """Run the whole collection, which must pass, and return what newman reports of each request."""
    files = [str(POSTMAN / f"moksori.postman_{name}.json") for name in ("collection", "environment")]
    variables = ["--env-var", f"base_url={server.client.base_url}", "--env-var", f"api_key={KEY}"]
    report = folder / "report.json"
    options = ["--working-dir", str(ROOT), "--timeout-request", "30000", "--reporters", "cli,json"]
    command = [*newman, "run", files[0], "-e", files[1], *variables, *options, "--reporter-json-export", str(report)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=within_s, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
    executions: list[Any] = json.loads(report.read_text("utf-8"))["run"]["executions"]
    return executions


def java_gateway(folder: Path) -> list[str]:
    """Compile the Java example and return the command that starts it; without a JDK a skip, which CI need not have."""
    java, javac = shutil.which("java"), shutil.which("javac")
    if java is None or javac is None:
        pytest.skip("the Java example needs a JDK")
    sources = map(str, sorted((EXAMPLES / "java").glob("*.java")))
    compile_all = [javac, "--release", "17", "-Xlint:all", "-Werror", "-d", str(folder), *sources]
    subprocess.run(compile_all, timeout=60, check=True)
    return [java, "-cp", str(folder), "Gateway"]
