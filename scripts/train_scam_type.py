"""Train the model that names the type of a scam: python -m scripts.train_scam_type --data DIR."""

from __future__ import annotations

import argparse
import importlib.metadata
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tqdm import tqdm

from core.settings import ROOT

LIBRARIES = ("numpy", "scikit-learn")


def main(argv: Sequence[str] | None = None) -> int:
    """Print the held-out tables, learn from everything, publish and activate; without data our own corpus is enough."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_scam_type", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds text/, if any")
    parser.add_argument("--store", type=Path, default=ROOT / "models" / "store", help="model registry")
    parser.add_argument("--card", type=Path, help="model card to write the tables into, e.g. docs/models/scam_types.md")
    args = parser.parse_args(argv)

    from models import documents, registry
    from models.text import data, fit_types, judge_types, scam_types
    from models.text.counts import call_frequencies
    from models.text.noise import SttNoise

    calls, noise = fit_types.load_typed(args.data), SttNoise.learned(args.data)
    bar = partial(tqdm, desc="scam types: leave one fold out", unit="fold", disable=None)
    clean, noisy = fit_types.hold_out(calls, noise, progress=bar)
    least = judge_types.least_probability(calls, (clean, noisy))
    sources, types = judge_types.by_source(calls, clean, noisy, least), judge_types.by_type(calls, clean)
    tables = judge_types.markdown(sources, types) + f"\n\nA type is told from a probability of {least:.2f}."
    print(tables)
    if args.card:
        documents.write(args.card, tables)
    network = fit_types.fit(calls, noise)
    files = data.fingerprint(args.data)
    used = {name: facts for name, facts in files.items() if name.endswith(".jsonl") or Path(name).stem in sources}
    version = registry.publish(
        args.store,
        scam_types.KIND,
        partial(
            scam_types.save, network=network, df=call_frequencies(list(network.index), [call.text for call in calls])
        ),
        manifest={
            "type": scam_types.TYPE,
            "thresholds": {judge_types.METHOD: {"caution": least, "danger": least}},
            "threshold_method": judge_types.METHOD,
            "metrics": {"by_source": sources, "by_type": types},
            "data": {"files": used, "calls": len(calls)},
            "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
            "seed": 0,
        },
    )
    registry.activate(args.store, scam_types.KIND, version.name)
    print(f"\npublished and active: {scam_types.KIND}/{version.name}, {len(network.index)} n-grams")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
