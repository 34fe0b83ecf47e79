"""From a verified version of the registry to a model that scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import ModelRefused
from core.types import Thresholds
from models.protocols import TextModel
from models.registry import ModelVersion
from models.text import legacy_keras
from models.text.zoo import KINDS

LOADERS: dict[str, Callable[[Path, str, Thresholds], TextModel]] = {name: kind.load for name, kind in KINDS.items()}
LOADERS[legacy_keras.TYPE] = legacy_keras.load  # taken over, never trained here


def load_text_model(version: ModelVersion) -> TextModel:
    """Return the text model of a version; never imports TensorFlow.

    Raises:
        ModelRefused: when the version is of another kind or of a type unknown here.
    """
    kind = str(version.manifest["type"])
    if version.kind != "text" or kind not in LOADERS:
        raise ModelRefused("not a text model this release can load", version=version.name, type=kind)
    return LOADERS[kind](version.folder, version.name, version.thresholds)
