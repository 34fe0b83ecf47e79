"""Learn where sentences of unpunctuated speech end, and compare with other ways: python -m scripts.train_borders."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from models.text import fit_borders
from models.text.borders import WEIGHTS
from models.text.fit_borders import Predict, score
from pipeline.sentences import word_borders


def main(argv: Sequence[str] | None = None) -> int:
    """Print precision, recall and F1 of borders on what was held out, learn from all calls, write the weights."""
    parser = argparse.ArgumentParser(prog="python -m scripts.train_borders", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder that holds text/, if any")
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="where to write the weights")
    parser.add_argument("--kiwi", action="store_true", help="compare with kiwipiepy as well (about a minute)")
    args = parser.parse_args(argv)
    own, real = fit_borders.punctuated_calls(), fit_borders.real_calls(args.data)
    everything = fit_borders.fit(own)
    held: list[tuple[int, int, int]] = [
        score(out, fit_borders.fit(train).ends) for train, out in fit_borders.folds(own)
    ]
    print("| way | own calls, held out | real calls |\n|---|---|---|")
    print(f"| learned borders | {_figures(held)} | {_figures([score(real, everything.ends)])} |")
    for name, predict in _others(kiwi=args.kiwi):
        print(f"| {name} | {_figures([score(own, predict)])} | {_figures([score(real, predict)])} |")
    fit_borders.save(everything, args.out)
    print(f"\n{len(everything.weights)} weights from {len(own)} calls: {args.out}")
    return 0


def _others(*, kiwi: bool) -> Iterator[tuple[str, Predict]]:
    yield "word border after 80 characters", word_borders
    if kiwi:
        from kiwipiepy import Kiwi

        splitter = Kiwi(num_workers=1)

        def predict(words: Sequence[str]) -> list[bool]:
            found = {sentence.end for sentence in splitter.split_into_sents(" ".join(words))}
            places, place = [], -1
            for word in words:
                place += len(word) + 1
                places.append(place in found)
            return places

        yield "kiwipiepy", predict


def _figures(counts: Sequence[tuple[int, int, int]]) -> str:
    right, found, there = (sum(column) for column in zip(*counts, strict=True))
    if not there:
        return "–"
    precision, recall = right / max(1, found), right / there
    return f"P {precision:.3f}, R {recall:.3f}, F1 {2 * right / (found + there):.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
