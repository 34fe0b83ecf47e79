"""A small published model and small calls to learn from."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from models import registry
from models.registry import ModelVersion
from models.text import linear
from models.text.calibration import Calibration
from models.text.data import Call
from models.text.ngrams import ngrams, packed
from models.thresholds import all_methods

SCAM = "안전계좌로지금바로이체하셔야합니다검찰수사중이니끊지마세요"
CALM = "어제주문하신책이오늘오후에배송될예정이라미리안내드립니다"
NEW_SCAM = "라돈예치금을먼저맡기시면측정이끝난뒤에돌려드리겠습니다"
FILLER = "네그렇군요알겠습니다잠시만요다시한번말씀해주시겠어요확인해보겠습니다감사합니다"


def publish_small(store: Path, *, line: str = "default") -> ModelVersion:
    """Publish and activate a model that knows ``SCAM`` from ``CALM``."""
    weights = dict.fromkeys(ngrams(CALM), -1.0) | dict.fromkeys(ngrams(SCAM), 1.0)
    weights |= dict.fromkeys(ngrams(FILLER), 0.01)
    ones = np.ones(len(weights), np.float32)
    network = linear.Network(packed(weights), ones, np.array(list(weights.values()), np.float32), 0.0, 4.0)

    def write(folder: Path) -> None:
        linear.save(folder, network, dict.fromkeys(weights, 5), Calibration(1.0, 0.5, 0.0))

    table = all_methods(np.linspace(0.0, 0.6, 100), np.linspace(0.5, 1.0, 100))
    manifest = {"type": "linear", "thresholds": table, "threshold_method": "target_fpr", "metrics": {}, "data": {}}
    version = registry.publish(store, "text", write, manifest=manifest, line=line)
    registry.activate(store, "text", version.name, line=line)
    return version


def call(kind: str, number: int, *, source: str = "frozen") -> Call:
    """Return a call that says ``kind`` somewhere among filler words."""
    dice = random.Random(number)
    pieces = [FILLER[i : i + 4] for i in range(0, len(FILLER), 4)]
    dice.shuffle(pieces)
    text = "".join(pieces[:4]) + kind + "".join(pieces[4:8])
    return Call(f"{source}-{number}", source, int(kind != CALM), text)
