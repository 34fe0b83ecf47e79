"""Take over the text model of an earlier system: ``model_pre.h5`` and ``tokenizer_pre.pickle`` become a version.

The pickle is read by a reader that knows the Keras Tokenizer's own data and refuses everything else; the network is
opened by Keras in safe mode and kept as ONNX, after its scores were compared with the original's (1e-5). The version is
a candidate: ``--activate`` makes it the active one. Needs requirements-train.txt.
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
    parser.add_argument("--network", type=Path, required=True, help="model_pre.h5")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer_pre.pickle")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--caution", type=float, default=0.5, help="score from which a call is grade 1")
    parser.add_argument("--danger", type=float, default=0.8, help="score from which a call is grade 2")
    parser.add_argument("--padding", choices=("pre", "post"), default="pre", help="as pad_sequences was called")
    parser.add_argument("--truncating", choices=("pre", "post"), default="pre")
    parser.add_argument("--activate", action="store_true")
    args = parser.parse_args(argv)
    if not 0.0 <= args.caution <= args.danger <= 1.0:
        parser.error("give 0 <= caution <= danger <= 1")
    for path in (args.network, args.tokenizer):
        if not path.is_file():
            parser.error(f"{path} is not a file")

    from models.training.legacy_import import import_text

    borders = {"caution": args.caution, "danger": args.danger}
    cut = {"padding": args.padding, "truncating": args.truncating}
    try:
        version = import_text(args.network, args.tokenizer, args.store, **borders, **cut)
        if args.activate:
            registry.activate(args.store, "text", version.name, by="import_legacy")
    except MoksoriError as error:
        print(f"import_legacy: {error.message}", file=sys.stderr)
        return 1
    print(f"published: text/{version.name}{' and active' if args.activate else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
