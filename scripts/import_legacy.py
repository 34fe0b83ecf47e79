"""Take over the models of an earlier system: each becomes a version with the same scores.

Text (``model_pre.h5`` and ``tokenizer_pre.pickle``) with --tokenizer, voice (``mfcc.h5``) without. The pickle is read
by a reader that knows the Keras Tokenizer's own data and refuses everything else; the network is opened by Keras in
safe mode and kept as ONNX, after its scores were compared with the original's (1e-5). The version is a candidate:
``--activate`` makes it the active one. What the voice network's inputs are, its file does not say: mean over time or
frames follow from its input shape, the rest are arguments, by default those of librosa. Needs requirements-train.txt.
Exit code 0: published, its name is printed; 1: refused, the line says why; 2: bad arguments.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import MoksoriError
from core.settings import ROOT
from models import registry


def main(argv: list[str] | None = None) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.import_legacy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--network", type=Path, required=True, help="model_pre.h5 or mfcc.h5")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer_pre.pickle; without it the network is a voice model")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--caution", type=float, default=0.5, help="score from which a call is grade 1")
    parser.add_argument("--danger", type=float, default=0.8, help="score from which a call is grade 2")
    parser.add_argument("--padding", choices=("pre", "post"), default="pre", help="as pad_sequences was called")
    parser.add_argument("--truncating", choices=("pre", "post"), default="pre")
    voice = parser.add_argument_group("voice: how its MFCC were made")
    voice.add_argument("--sample-rate-hz", type=int, default=22_050, help="of the samples (22050: librosa.load)")
    voice.add_argument("--n-mfcc", type=int, default=40, help="coefficients (40)")
    voice.add_argument("--n-fft", type=int, default=2048, help="samples of a frame (2048)")
    voice.add_argument("--hop", type=int, default=512, help="samples between frames (512)")
    voice.add_argument("--genuine", action="store_true", help="the only or last output is high for genuine voices")
    parser.add_argument("--activate", action="store_true")
    args = parser.parse_args(argv)
    if not 0.0 <= args.caution <= args.danger <= 1.0:
        parser.error("give 0 <= caution <= danger <= 1")
    if min(args.sample_rate_hz, args.n_mfcc, args.n_fft, args.hop) < 1:
        parser.error("rate, coefficients and lengths must be at least 1")
    for path in (args.network, args.tokenizer):
        if path is not None and not path.is_file():
            parser.error(f"{path} is not a file")
    try:
        version = _take_over(args)
        if args.activate:
            registry.activate(args.store, version.kind, version.name, by="import_legacy")
    except MoksoriError as error:
        print(f"import_legacy: {error.message}", file=sys.stderr)
        return 1
    print(f"published: {version.kind}/{version.name}{' and active' if args.activate else ''}")
    return 0


def _take_over(args: argparse.Namespace) -> registry.ModelVersion:
    borders = {"caution": args.caution, "danger": args.danger}
    if args.tokenizer is not None:
        from models.training.legacy_import import import_text

        cut = {"padding": args.padding, "truncating": args.truncating}
        return import_text(args.network, args.tokenizer, args.store, **borders, **cut)
    from models.training.legacy_voice import import_voice
    from models.voice.legacy_keras import Features

    given = Features((), args.n_mfcc, args.sample_rate_hz, args.n_fft, args.hop)
    return import_voice(args.network, args.store, given=given, genuine=args.genuine, **borders)


if __name__ == "__main__":
    sys.exit(main())
