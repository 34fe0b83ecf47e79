"""A fine-tuned BERT (KoBERT, KLUE or any local checkpoint), served as ONNX without transformers or PyTorch."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from core.types import Thresholds
from models.text.artefacts import read_calibration, write_calibration
from models.text.bert_tokens import TOKENIZER, BertTokens, Marks
from models.text.calibration import Calibration
from models.text.occlusion import occlude
from models.text.served import ServedTextModel

TYPE = "kobert"
NETWORK, MARKS = "network.onnx", "marks.json"
NEEDED = ("onnxruntime", "tokenizers", "kiwipiepy")
BATCH = 16
"""Windows scored at once; bounds memory for very long calls."""
PIECE, LOOKED_INTO = 12, 1
"""Tokens in a piece of evidence; windows looked into (each piece costs one run of the network)."""
Tokens = tuple[int, ...]


class KobertTextModel(ServedTextModel):
    """A published BERT. ONNX sessions may be run from any thread."""

    def __init__(
        self, session: Any, tokens: BertTokens, calibration: Calibration, version: str, thresholds: Thresholds
    ) -> None:
        super().__init__(calibration, version, thresholds)
        self._session = session
        self._tokens = tokens

    def parts(self, compact: str) -> Sequence[Tokens]:
        """Return the overlapping windows of tokens of a normalised text, at least one."""
        return self._tokens.windows(compact)

    def logits(self, parts: Sequence[Tokens]) -> NDArray[np.float64]:
        """Return the logit of each window, shape (n,)."""
        out = []
        for start in range(0, len(parts), BATCH):
            ids, mask = pad(parts[start : start + BATCH], self._tokens.marks)
            out.append(self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0])
        return np.concatenate(out)[:, 0].astype(np.float64) if out else np.zeros(0)

    def contributions(self, parts: Sequence[Tokens]) -> Mapping[str, float]:
        """Return what hiding each piece of the strongest window takes from its logit."""
        blank = (self._tokens.marks.hidden,)
        found = occlude(parts, blank, self.logits, size=PIECE, most=LOOKED_INTO)
        return {self._tokens.text(parts[i][start:end]): lost for i, (start, end), lost in found}


def pad(parts: Sequence[Tokens], marks: Marks) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (ids, attention mask), shape (n, longest + 2), int64: marks at both ends, padding after them."""
    ids = np.full((len(parts), max(map(len, parts)) + 2), marks.pad, np.int64)
    mask = np.zeros_like(ids)
    for row, part in enumerate(parts):
        ids[row, : len(part) + 2] = (marks.first, *part, marks.last)
        mask[row, : len(part) + 2] = 1
    return ids, mask


def save(folder: Path, network: Any, calibration: Calibration) -> None:
    """Write the artefact of a ``fit_kobert.Trained``: ONNX, the tokenizer, its marks, calibration."""
    from models.text.fit_kobert import export_onnx

    export_onnx(network, folder / NETWORK)
    network.tokens.write(folder / TOKENIZER)
    (folder / MARKS).write_text(json.dumps(network.tokens.marks.as_dict()) + "\n", "utf-8")
    write_calibration(folder, calibration)


def load(folder: Path, version: str, thresholds: Thresholds) -> KobertTextModel:
    """Read an artefact that ``save`` wrote.

    Raises:
        ModelRefused: when a library it is served with is not installed.
    """
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise ModelRefused(f"this model needs: pip install {' '.join(missing)}", version=version)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
    marks = Marks(**json.loads((folder / MARKS).read_text("utf-8")))
    tokens = BertTokens.read(folder / TOKENIZER, marks)
    return KobertTextModel(session, tokens, read_calibration(folder), version, thresholds)
