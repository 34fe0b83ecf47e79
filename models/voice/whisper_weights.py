"""Read the encoder's weights out of the ``model.bin`` of a CTranslate2 Whisper model: numbers only, no code.

The format is that of ``ctranslate2.specs.ModelSpec.save``: version, name, revision, then every variable with its name,
shape, type and bytes. Whisper's weights are OpenAI's, under the MIT licence.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused

Weights = dict[str, NDArray[np.float32]]

BINARY_VERSION, SPEC = 6, "WhisperSpec"
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)  # in the order of CTranslate2's DataType
_PREFIX = "encoder/"


def encoder_weights(model: Path) -> Weights:
    """Return the encoder's variables, float32, by their names in the file without the leading ``encoder/``.

    Weights stored as int8 are multiplied out by their scales.

    Raises:
        ModelRefused: when the file is not a Whisper model in the format this reads.
    """
    with model.open("rb") as file:
        try:
            found = dict(_variables(file))
        except (struct.error, IndexError, ValueError, UnicodeDecodeError) as error:
            raise ModelRefused("this is not a Whisper model of CTranslate2", file=model.name) from error
    scaled = {name for name in found if f"{name}_scale" in found}
    return {
        name: _floats(values, found[f"{name}_scale"] if name in scaled else None)
        for name, values in found.items()
        if not name.endswith("_scale")
    }


def _variables(file: BinaryIO) -> Iterator[tuple[str, NDArray[np.generic]]]:
    (version,) = _numbers(file, "I")
    if version != BINARY_VERSION or _text(file) != SPEC:
        raise ValueError("another format")
    _, count = _numbers(file, "II")
    for _ in range(count):
        name = _text(file)
        (rank,) = _numbers(file, "B")
        shape = _numbers(file, f"{rank}I")
        kind, size = _numbers(file, "BI")
        if not name.startswith(_PREFIX):
            file.seek(size, 1)
            continue
        values = np.frombuffer(file.read(size), np.dtype(_TYPES[kind]).newbyteorder("<"))
        yield name.removeprefix(_PREFIX), values.reshape(shape)


def _floats(values: NDArray[np.generic], scale: NDArray[np.generic] | None) -> NDArray[np.float32]:
    plain = values.astype(np.float32)
    if scale is None:
        return plain
    rows = scale.astype(np.float32).reshape(-1, *(1,) * (plain.ndim - 1))
    return np.asarray(plain / rows, np.float32)


def _numbers(file: BinaryIO, layout: str) -> tuple[int, ...]:
    little = f"<{layout}"
    return struct.unpack(little, file.read(struct.calcsize(little)))


def _text(file: BinaryIO) -> str:
    (length,) = _numbers(file, "H")
    return file.read(length)[:-1].decode("ascii")
