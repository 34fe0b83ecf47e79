"""Make what is planned: parallel, resumable, safe to kill at any moment."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from core.types import SAMPLE_RATE_HZ
from models.voice.attacks import manifest, table
from models.voice.attacks.genuine import load
from models.voice.attacks.kinds import Altered, Samples, ToolMissing
from models.voice.attacks.plan import GENUINE, Job
from models.voice.windows import speech_windows

LONGEST_S, PEAK = 12.0, 0.7
_AHEAD = 8  # jobs waiting for each process: few, so that a stop wastes little


def build(jobs: Sequence[Job], folder: Path, *, workers: int, bar: Callable[..., Any]) -> Counter[str]:
    """Make the clips of ``jobs`` that ``folder`` lacks; return how many were made, kept, skipped and failed.

    A clip without a window of speech is not kept. A row is written after its file, and a file is moved into
    place whole, so that what the manifest names is there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = [row for row in manifest.load(folder) if (folder / row.path).is_file()]
    finished = {row.path for row in done}
    todo = [job for job in jobs if job.path not in finished]
    waiting = iter(todo)
    counts: Counter[str] = Counter(kept=len(done))
    context = multiprocessing.get_context("spawn")
    with (
        manifest.appending(folder, done) as file,
        ProcessPoolExecutor(workers, mp_context=context, initializer=_quiet) as pool,
        bar(total=len(jobs), initial=len(jobs) - len(todo), desc="clips") as progress,
    ):
        running: set[Future[manifest.Row | str]] = {
            pool.submit(make, job, folder) for job in islice(waiting, workers * _AHEAD)
        }
        while running:
            finished_now, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished_now:
                result = future.result()
                if isinstance(result, manifest.Row):
                    manifest.append(file, result)
                counts["made" if isinstance(result, manifest.Row) else result] += 1
                progress.update()
            running |= {pool.submit(make, job, folder) for job in islice(waiting, len(finished_now))}
    return counts


def make(job: Job, folder: Path) -> manifest.Row | str:
    """Make one clip and return its row, or in one word why there is none."""
    try:
        made = _sound(job)
    except ToolMissing as missing:
        return f"no {missing.detail['tool']}"
    except (subprocess.SubprocessError, ValueError, RuntimeError, FloatingPointError) as failure:
        return f"{job.attack}: {type(failure).__name__}"
    samples = made.samples[: round(LONGEST_S * SAMPLE_RATE_HZ)]
    if not np.isfinite(samples).all() or not speech_windows(samples):
        return f"{job.attack or GENUINE}: no speech"
    samples = samples * np.float32(PEAK / np.abs(samples).max())
    _write(folder / job.path, samples)
    return _row(job, made, len(samples) / SAMPLE_RATE_HZ)


def _sound(job: Job) -> Altered:
    rng = np.random.default_rng(job.seed)
    if job.text:
        return table.say(str(job.attack), job.text, rng)
    if job.piece is None:
        raise ValueError("a job needs a piece or a text")
    samples = load(job.piece)
    return table.alter(job.attack, samples, rng) if job.attack else Altered(samples)


def _row(job: Job, made: Altered, seconds: float) -> manifest.Row:
    attack = table.ATTACKS.get(job.attack or "")
    if job.piece:
        source, speaker, language, split = job.piece.corpus, job.piece.speaker, job.piece.language, job.piece.split
    else:
        source, speaker, language = "tts", made.voice, job.text.language if job.text else ""
        split = f"tts/{attack.tool.split('+')[0] if attack else ''}/{speaker}"
    return manifest.Row(
        path=job.path,
        label=int(attack is not None),
        source=source,
        speaker=speaker,
        attack=job.attack or GENUINE,
        family=attack.family if attack else GENUINE,
        tool=attack.tool if attack else "",
        parameters=manifest.parameters(made.parameters),
        seconds=round(seconds, 3),
        language=language,
        split=split,
    )


def _write(path: Path, samples: Samples) -> None:
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    soundfile.write(part, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    part.replace(path)


def _quiet() -> None:
    """Start-up of a worker process: one thread each, behind everything else on the machine, gone with its parent."""
    os.nice(5)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process when the build was killed; otherwise it would wait for jobs for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
