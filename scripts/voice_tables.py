"""Print the figures that a voice version carries in its manifest, as Markdown: python -m scripts.voice_tables."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from core.settings import ROOT


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables of the active version or of the one named; 2 when it carries no such figures."""
    parser = argparse.ArgumentParser(prog="python -m scripts.voice_tables", description=__doc__)
    parser.add_argument("version", nargs="?", help="name of a version (default: the active one)")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    args = parser.parse_args(argv)

    from models.registry import open_version
    from models.voice.evaluation.published import tables
    from models.voice.loading import ENSEMBLE_TYPE

    version = open_version(args.store, "voice", args.version)
    if version.manifest["type"] != ENSEMBLE_TYPE or "eer_family_left_out" not in version.manifest["metrics"]:
        parser.exit(2, f"{version.name} carries no held-out figures of scripts.train_voice\n")
    print(f"{version.name}\n\n{tables(version.manifest)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
