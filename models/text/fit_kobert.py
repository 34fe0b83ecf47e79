"""Fine-tuning of a local BERT checkpoint. Needs ``requirements-kobert.txt``; nothing is downloaded."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelRefused
from models.text.bert_tokens import MOST_TOKENS, BertTokens, Marks
from models.text.data import Call
from models.text.kobert import BATCH, TYPE, Tokens, pad
from models.text.samples import Sample, weights

NEEDED = ("torch", "transformers", "onnx", "onnxscript", "kiwipiepy")
RATE, WARM_UP, LONGEST_STEP = 3e-5, 0.1, 1.0
"""Learning rate, share of steps it rises over, and the norm gradients are clipped at."""
OFFSET = 2
"""RoBERTa counts positions from 2, so two of those its configuration names cannot be used."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A PyTorch model with one output and the tokens it reads."""

    model: Any
    tokens: BertTokens


class KobertTrainer:
    """Fine-tunes a checkpoint on any subset of the calls; samples are drawn by their weight."""

    name = TYPE

    def __init__(
        self,
        calls: Sequence[Call],
        samples: Sequence[Sample],
        checkpoint: Path,
        *,
        drawn: int = 10_000,
        rate: float = RATE,
    ) -> None:
        if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
            raise ModelRefused("fine-tuning needs: pip install -r requirements-kobert.txt", missing=missing)
        self._calls, self._samples, self._checkpoint = calls, samples, checkpoint
        self._drawn, self._rate = drawn, rate
        self._owner = np.array([s.call for s in samples])
        self._tokens = read_tokens(checkpoint)

    def fit(self, train: Sequence[int], *, seed: int = 0) -> Trained:
        """Return the network learned from the calls with the indices ``train``."""
        picked = [self._samples[int(row)] for row in np.flatnonzero(np.isin(self._owner, train))]
        chance = weights(picked, self._calls).astype(np.float64)
        drawn = np.random.default_rng(seed).choice(len(picked), self._drawn, p=chance / chance.sum())
        rows = [
            (part, self._calls[picked[i].call].label) for i in drawn for part in self._tokens.windows(picked[i].text)
        ]
        return Trained(fine_tune(self._checkpoint, rows, self._tokens.marks, rate=self._rate, seed=seed), self._tokens)

    def call_logits(self, network: Trained, held_out: Sequence[int]) -> list[NDArray[np.float64]]:
        """Return the window logits of each call of ``held_out``."""
        return self.text_logits(network, [self._calls[i].text for i in held_out])

    def text_logits(self, network: Trained, texts: Sequence[str]) -> list[NDArray[np.float64]]:
        """Return the window logits of each normalised text."""
        import torch

        parts = [network.tokens.windows(text) for text in texts]
        flat = [part for call in parts for part in call]
        out = []
        with torch.inference_mode():
            for start in range(0, len(flat), BATCH):
                ids, mask = map(torch.from_numpy, pad(flat[start : start + BATCH], network.tokens.marks))
                out.append(network.model(input_ids=ids, attention_mask=mask).logits[:, 0].double().numpy())
        return np.split(np.concatenate(out), np.cumsum([len(call) for call in parts])[:-1]) if out else []


def read_tokens(checkpoint: Path) -> BertTokens:
    """Return the tokenizer of a checkpoint folder.

    Raises:
        ModelRefused: when the folder has no tokenizer that serving could use.
    """
    from transformers import AutoConfig, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)
        longest = AutoConfig.from_pretrained(checkpoint, local_files_only=True).max_position_embeddings
    except (OSError, ValueError) as error:
        raise ModelRefused("not a checkpoint folder that transformers can read", folder=str(checkpoint)) from error
    ends = (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.mask_token_id)
    if not getattr(tokenizer, "is_fast", False) or None in ends:
        raise ModelRefused("the checkpoint has no fast tokenizer with BERT's marks", folder=str(checkpoint))
    return BertTokens(tokenizer.backend_tokenizer, Marks(*ends, size=min(MOST_TOKENS, longest - OFFSET)))


def fine_tune(checkpoint: Path, rows: Sequence[tuple[Tokens, int]], marks: Marks, *, rate: float, seed: int) -> Any:
    """Return the checkpoint with a new output, trained once over ``rows`` (tokens, label) in their order."""
    import torch
    from transformers import AutoModelForSequenceClassification, get_linear_schedule_with_warmup

    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        checkpoint, num_labels=1, local_files_only=True, attn_implementation="eager"
    )
    steps = -(-len(rows) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
    schedule = get_linear_schedule_with_warmup(optimiser, int(WARM_UP * steps), steps)
    loss = torch.nn.BCEWithLogitsLoss()
    model.train()
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        ids, mask = map(torch.from_numpy, pad([part for part, _ in batch], marks))
        labels = torch.tensor([float(label) for _, label in batch])
        loss(model(input_ids=ids, attention_mask=mask).logits[:, 0], labels).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LONGEST_STEP)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
    return model.eval()


def export_onnx(network: Trained, path: Path) -> None:
    """Write the network as one ONNX file for serving without PyTorch."""
    import torch

    class Logits(torch.nn.Module):  # type: ignore[misc]
        """The logits alone, as a tensor."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = network.model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.inner(input_ids=input_ids, attention_mask=attention_mask).logits

    ids, mask = map(torch.from_numpy, pad([(network.tokens.marks.hidden,) * 9] * 3, network.tokens.marks))
    free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    torch.onnx.export(
        Logits().eval(),
        (ids, mask),
        path,
        input_names=["input_ids", "attention_mask"],
        dynamic_shapes=(free, free),
        external_data=False,
        dynamo=True,
        verbose=False,
    )
