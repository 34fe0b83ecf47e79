"""Every setting of the service, read once from ``MOKSORI_*`` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from core.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
BROKERS = ("redis", "rediss", "amqp", "amqps")
ENGINES = ("whisper", "google", "vosk", "null")
PREFIX = "MOKSORI_"


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True)
class Settings:
    """Typed, validated once, never changed. Each field is ``MOKSORI_<NAME>`` in the environment."""

    host: str = _setting("127.0.0.1", "Address the server listens on.")
    port: int = _setting(5000, "Port the server listens on.")
    database_url: str = _setting(
        f"sqlite:///{ROOT / 'var' / 'moksori.sqlite3'}",
        "SQLAlchemy URL: SQLite, or mariadb+mariadbconnector://user:pass@host/db.",
    )
    audio_root: Path = _setting(ROOT / "samples", "Files named in requests must lie under this folder.")
    data_dir: Path = _setting(
        ROOT / "var", "Uploads, work folders and kept wav files live here; shared by server and workers."
    )
    work_dir: Path = _setting(Path(), "Work folders of running analyses; default: work under the data folder.")
    cache_dir: Path = _setting(ROOT / ".cache", "Assembled speech-recognition weights are kept here.")
    model_store: Path = _setting(ROOT / "models" / "store", "Model registry: <kind>/<version>/ and active pointers.")
    update_margin: float = _setting(
        0.02, "Mean credit (0..1) by which a new model may fall behind the active one on any source."
    )
    update_min_new: int = _setting(100, "Newly labelled calls without which a model update does nothing.")
    update_evaluation: Path = _setting(
        Path(), "Folder of .jsonl files with text and label that models are judged by, beside the frozen set."
    )
    update_voices: Path = _setting(
        Path(), "Folder with genuine/ and altered/ recordings that voice models are judged by and never learn from."
    )
    keep_wav: bool = _setting(False, "Keep the converted 16-kHz wav of each call under the data folder.")
    mask: bool = _setting(False, "Mask personal data in transcripts before they are stored, see docs/PRIVACY.md.")
    max_upload_mb: int = _setting(512, "Largest accepted audio file in megabytes.")
    max_duration_s: float = _setting(4 * 3600.0, "Longest accepted call in seconds.")
    min_duration_s: float = _setting(0.5, "Shortest call that can be analysed, in seconds.")
    chunk_s: float = _setting(120.0, "Longest piece of a call handled at once, in seconds.")
    stt_engine: str = _setting("whisper", "Speech recogniser: whisper, google, vosk or null (tests).")
    stt_model: str = _setting(
        "base",
        "base (packaged weights), a local model folder, or a hub name; for vosk the model folder; "
        "for null the work each piece shall cost, in seconds or so.",
    )
    stt_threads: int = _setting(
        0,
        "Pieces of a call the recogniser hears at once, one thread and about 250 MB each; "
        "0 uses every core, at most four.",
    )
    stt_batch: int = _setting(
        6, "Stretches of speech decoded at once per piece; more is little faster and needs more memory."
    )
    callback_hosts: tuple[str, ...] = _setting(
        (),
        "Comma-separated hosts, host:port, addresses or networks (10.0.0.0/8) callbacks may go to; "
        "private addresses only when listed themselves.",
    )
    callback_url: str = _setting("", "Callback URL used when a request names none.")
    callback_secret: str = _setting("", "Key of the HMAC-SHA256 signature on callbacks.")
    callback_timeout_s: float = _setting(3.0, "Time-out of one callback attempt in seconds.")
    queue_url: str = _setting(
        "", "Broker of the Celery workers, redis:// or amqp://; empty runs analyses inside the server."
    )
    queue_size: int = _setting(1000, "Analyses that may wait; beyond it a request is answered 503 with Retry-After.")
    lease_s: float = _setting(60.0, "Seconds after which the analysis of a runner that died is given to another.")
    max_attempts: int = _setting(3, "How often an analysis is started before it fails with gave_up.")
    api_keys: tuple[str, ...] = _setting((), "Comma-separated keys for X-API-Key; empty leaves the API open.")
    workers: int = _setting(1, "gunicorn worker processes; each holds its own models (about 1 GB).")
    threads: int = _setting(32, "gunicorn threads per worker; analyses run one at a time per process, the others wait.")
    warm: bool = _setting(True, "Load every model when a worker starts instead of on the first call.")
    log_level: str = _setting("INFO", "Python logging level.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read and validate the environment.

        Raises:
            ConfigurationError: for a value that cannot be read; the message names the variable.
        """
        env = os.environ if environ is None else environ
        hints = get_type_hints(cls)
        values = {}
        for spec in fields(cls):
            name = PREFIX + spec.name.upper()
            raw = env.get(name, "").strip()
            if raw:
                values[spec.name] = _parse(name, raw, hints[spec.name])
        return cls(**values)

    def __post_init__(self) -> None:
        """Refuse impossible values at start instead of at the first call."""
        checks = {
            "stt_engine": self.stt_engine in ENGINES,
            "port": 0 < self.port < 65_536,
            "chunk_s": 1.0 <= self.chunk_s <= 120.0,
            "max_upload_mb": self.max_upload_mb > 0,
            "min_duration_s": 0.0 < self.min_duration_s < self.max_duration_s,
            "workers": self.workers > 0,
            "threads": self.threads > 0,
            "stt_threads": self.stt_threads >= 0,
            "stt_batch": self.stt_batch > 0,
            "callback_timeout_s": self.callback_timeout_s > 0,
            "queue_url": not self.queue_url or self.queue_url.split("://")[0] in BROKERS,
            "queue_size": self.queue_size > 0,
            "lease_s": self.lease_s >= 1.0,
            "max_attempts": self.max_attempts > 0,
            "update_margin": 0.0 <= self.update_margin <= 1.0,
            "update_min_new": self.update_min_new >= 0,
        }
        for name, fine in checks.items():
            if not fine:
                # The broker's URL may hold a password.
                value = "" if name == "queue_url" else f": {getattr(self, name)!r}"
                raise ConfigurationError(f"{PREFIX}{name.upper()} has an impossible value{value}")
        if self.work_dir == Path():
            object.__setattr__(self, "work_dir", self.data_dir / "work")

    @property
    def upload_dir(self) -> Path:
        """Uploaded files until their analysis is over."""
        return self.data_dir / "uploads"

    @property
    def wav_dir(self) -> Path:
        """Converted wav files when ``keep_wav`` is set."""
        return self.data_dir / "wav"


def _parse(name: str, raw: str, kind: Any) -> Any:
    """Turn the text of a variable into the type of its field."""
    try:
        if kind is bool:
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[raw.lower()]
        if kind is Path:
            return Path(raw).expanduser().resolve()
        if kind == tuple[str, ...]:
            return tuple(part.strip() for part in raw.split(",") if part.strip())
        return kind(raw)
    except (KeyError, ValueError) as error:
        raise ConfigurationError(f"{name} cannot be read as {getattr(kind, '__name__', 'a list')}: {raw!r}") from error
