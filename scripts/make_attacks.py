"""Make altered and synthetic voices: python -m scripts.make_attacks --data DIR --out DIR."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Write FLAC files and manifest.csv under ``--out``, print what there is; 2 when there is no data."""
    parser = argparse.ArgumentParser(prog="python -m scripts.make_attacks", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds voice/")
    parser.add_argument("--genuine", type=Path, help="folder with unpacked Debian packages of recorded speech")
    parser.add_argument(
        "--kokoro-voices", type=Path, help="folder with more voices of Kokoro: voices/ of npm's kokoro-js"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="where clips and manifest.csv go; a stopped run goes on"
    )
    parser.add_argument("--per-family", type=int, default=300, help="clips of a family, shared by its attacks")
    parser.add_argument("--attacks", nargs="+", metavar="NAME", help="only these (default: all whose tool is there)")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args(argv)
    voice = args.data / "voice"
    if not voice.is_dir():
        parser.exit(2, f"no genuine speech: {voice} is not a folder (see --data)\n")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes are the parallelism

    from tqdm import tqdm

    from models.voice.attacks import ATTACKS
    from models.voice.attacks.build import build
    from models.voice.attacks.genuine import DEBIAN, TRAINING, pieces
    from models.voice.attacks.manifest import load
    from models.voice.attacks.neural import KOKORO_FOLDER
    from models.voice.attacks.plan import plan

    if args.kokoro_voices:
        os.environ[KOKORO_FOLDER] = str(args.kokoro_voices.resolve())  # the processes inherit it
    unknown = sorted(set(args.attacks or ()) - set(ATTACKS))
    if unknown:
        parser.error(f"no such attack: {', '.join(unknown)}; there are {', '.join(ATTACKS)}")
    chosen = {name: ATTACKS[name] for name in args.attacks or ATTACKS}
    missing = {name: attack.missing for name, attack in chosen.items() if attack.missing}
    ready = {name: attack for name, attack in chosen.items() if name not in missing}
    found = pieces(voice, TRAINING, seed=args.seed)
    if args.genuine:
        found += pieces(args.genuine, DEBIAN, seed=args.seed)
    jobs = plan(found, ready, per_family=args.per_family, seed=args.seed)
    counts = build(jobs, args.out, workers=args.jobs, bar=tqdm)

    table: dict[str, list[float]] = defaultdict(list)
    for row in load(args.out):
        table[f"{row.family:18s} {row.attack:24s}"].append(row.seconds)
    for name, seconds in sorted(table.items()):
        print(f"{name} {len(seconds):5d} clips {sum(seconds) / 60.0:7.1f} min")
    print(", ".join(f"{word} {number}" for word, number in sorted(counts.items())))
    for name, tools in missing.items():
        print(f"skipped {name}: not installed: {', '.join(tools)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
