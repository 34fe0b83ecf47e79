"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import logging
import os
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from core.log import RedactingFormatter, redact
from core.settings import Settings
from service.analyses import Analyses
from service.executor import Executor
from service.health import Health
from service.housekeeping import Housekeeping
from service.places import Places
from service.ports import Runner
from service.reports import Courier
from service.results import Results
from tests.fakes import FakeLine, InlineRunner, ListCallbacks
from tests.memory_store import MemoryStore
from wiring import Services

ROOMS = ("api", "core", "db", "models", "pipeline", "scripts", "service")
IMPERSONAL = re.compile(  # ids, versions of models, addresses of hosts
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8}T\d{6}Z-\w+|(?:\d{1,3}\.){3}\d{1,3}"
)


@dataclass
class World:
    """A service made of fakes, with handles on each of them."""

    root: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    callbacks: ListCallbacks = field(default_factory=ListCallbacks)
    line: FakeLine = field(default_factory=FakeLine)
    results: Results = field(default_factory=Results)
    keep_wav: bool = False
    mask: bool = False
    max_bytes: int = 1_000_000

    @property
    def audio_root(self) -> Path:
        return self.root / "audio"

    def audio(self, name: str = "call.m4a", content: bytes = b"sound") -> str:
        path = self.audio_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return name

    def upload(self, name: str | None = None, *, age_s: float) -> Path:
        """Leave an upload as a broken request would; without a name under a new id."""
        path = self.places.new_upload(name or str(uuid.uuid4()))
        path.write_bytes(b"up")
        os.utime(path, (0.0, time.time() - age_s))
        return path

    def left_behind(self) -> list[Path]:
        return [path for path in (self.root / "data").rglob("*") if path.is_file()]

    @property
    def places(self) -> Places:
        data = self.root / "data"
        wav_dir = data / "wav" if self.keep_wav else None
        return Places(self.audio_root, data / "uploads", data / "work", wav_dir, self.max_bytes)

    def executor(self) -> Executor:
        self.audio_root.mkdir(exist_ok=True)
        return Executor(
            jobs=self.store,
            line=self.line,
            courier=Courier(self.store, self.callbacks),
            places=self.places,
            results=self.results,
            lease_s=60.0,
            max_attempts=3,
            max_duration_s=600.0,
            mask=self.mask,
        )

    def housekeeping(self) -> Housekeeping:
        return Housekeeping(courier=Courier(self.store, self.callbacks), store=self.store, places=self.places)

    def analyses(self, runner: Runner | None = None, *, max_queued: int = 100, max_waiting: int = 10) -> Analyses:
        self.audio_root.mkdir(exist_ok=True)
        return Analyses(
            store=self.store,
            runner=runner or InlineRunner(jobs=self.store, executor=self.executor()),
            callbacks=self.callbacks,
            courier=Courier(self.store, self.callbacks),
            places=self.places,
            results=self.results,
            max_queued=max_queued,
            max_waiting=max_waiting,
        )

    def services(self, **parts: Any) -> Services:
        return Services(analyses=self.analyses(**parts), health=Health(store=self.store, lenders=()))

    def app(self, *, api_keys: tuple[str, ...] = (), max_upload_mb: int = 512, **parts: Any) -> Flask:
        return create_app(Settings(api_keys=api_keys, max_upload_mb=max_upload_mb), self.services(**parts))


class Listener(logging.Handler):
    """Notes what our own code says in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] in ROOMS:
            self.messages.append(f"{record.name}: {IMPERSONAL.sub('', record.getMessage())}")


@pytest.fixture(autouse=True)
def log_without_personal_data() -> Iterator[None]:
    """Whatever a test makes our code log, down to INFO, has nothing in it that ``redact`` would have to mask."""
    listener, loggers = Listener(), [logging.getLogger(room) for room in ROOMS]
    for logger in loggers:
        logger.addHandler(listener)
        logger.setLevel(logging.INFO)
    yield
    for logger in loggers:
        logger.removeHandler(listener)
        logger.setLevel(logging.NOTSET)
    root = logging.getLogger()  # what the code set up for itself writes to an output that ends with the test
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, RedactingFormatter)]:
        root.removeHandler(handler)
    assert [message for message in listener.messages if redact(message) != message] == []


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.app().test_client()


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def set_all(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MOKSORI_{name.upper()}", value)

    yield set_all
