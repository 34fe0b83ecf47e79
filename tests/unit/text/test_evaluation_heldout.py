"""A source is judged by the others: its own scores choose no threshold, of whole calls or of beginnings."""

import random

import numpy as np
import pytest

from models.text.data import Call
from models.text.evaluation import cache, claims, early, report, rows, tables
from models.text.evaluation.heldout import judge
from models.text.evaluation.result import result
from models.text.evaluation.views import checkpoints, early_views
from models.text.evaluation.witness import OPEN, OpenOnly, Record, Witness, balanced, hold_out_with_views
from models.text.judge import by_source, quality
from models.text.loso import Held
from models.text.noise import SttNoise

TEXT = "가나다라마바사아자차" * 30
VIEWS = [*checkpoints(), "wer20", "wer30"]


def recorded(sources, *, calls_each=60):
    """Scam calls score high, normal ones low; ``sources`` gives (name, upside down, syllable at which it shows)."""
    rng = np.random.default_rng(0)
    calls, held, told = [], Held(), Record(Held(), {name: {} for name in VIEWS}, {})
    for source, upside_down, shows_at in sources:
        for n in range(calls_each):
            label, place = n % 2, len(calls)
            calls.append(Call(f"{source}{n}", source, label, TEXT))
            held.clean[place] = held.noisy[place] = np.array(
                [(2.0 if label != upside_down else -2.0) + rng.normal(0, 0.3)]
            )
            for name in VIEWS:
                early_on = checkpoints().get(name, 10_000) < shows_at
                told.views[name][place] = np.array([-2.0 + rng.normal(0, 0.3)]) if early_on else held.clean[place]
    return calls, Record(held, told.views, told.choosing)


def test_a_source_turned_round_is_seen_as_it_is():
    what = judge(*recorded([("a", 0, 0), ("b", 0, 0), ("odd", 1, 0)]))
    found = rows.by_source(what)
    assert found["odd"]["recall"][0] == 0.0
    assert found["odd"]["fpr"][0] == 1.0
    assert found["odd"]["auroc"][0] < 0.01
    assert found["odd"]["ece"][0] > 0.5
    assert found["a"]["auroc"][0] > 0.99


def test_figures_and_quality_are_those_that_choose_the_winner_in_training():
    calls, told = recorded([("a", 0, 0), ("b", 0, 0), ("c", 0, 0)])
    what = judge(calls, told)
    table = by_source(told.held, calls)
    found = result(what, "x", megabytes=1.0, milliseconds=5.0)
    assert found.quality == pytest.approx(quality(table))
    for source, row in table.items():
        assert found.sources[source]["recall"].value == pytest.approx(row["recall_danger"])
        assert found.sources[source]["fpr"].value == pytest.approx(row["fpr_danger"])
        assert found.sources[source]["auroc"].value == pytest.approx(row["auroc"])


def test_a_scam_is_heard_when_it_shows_and_not_before():
    rates, times = early.by_source(judge(*recorded([("a", 0, 120), ("b", 0, 120), ("c", 0, 120)])))
    assert rates["a"]["recall_first100"][0] < 0.2
    assert rates["a"]["recall_first200"][0] > 0.95
    assert times["a"]["characters"].value == pytest.approx(200, abs=1)
    assert times["a"]["seconds"].value == pytest.approx(143 / 6.6)
    assert rates["all"]["fpr_ever"][0] <= 0.1


def test_beginnings_are_judged_by_thresholds_of_other_sources():
    calls, told = recorded([("a", 0, 0), ("b", 0, 0), ("odd", 1, 0)])
    for place, call in enumerate(calls):
        if call.source == "odd":
            for name in VIEWS:
                told.views[name][place] = told.held.clean[place]
    rates, times = early.by_source(judge(calls, told))
    assert rates["odd"]["fpr_first200"][0] == 1.0
    assert times["odd"]["seconds"].value == np.inf


def test_change_by_noise_is_measured_on_the_same_calls():
    calls, told = recorded([("a", 0, 0), ("b", 0, 0), ("c", 0, 0)])
    deaf = [i for i, call in enumerate(calls) if call.source == "a" and call.label][:15]
    told.views["wer30"].update({i: np.array([-2.0]) for i in deaf})
    row = rows.by_source(judge(calls, told))["a"]
    assert row["recall_change_wer30"][0] == pytest.approx(-0.5, abs=0.05)
    assert row["recall_change_wer20"][0] == 0.0


def test_a_source_of_one_label_borrows_the_other_from_its_judges():
    calls, told = recorded([("a", 0, 0), ("b", 0, 0), ("c", 0, 0)])
    kept = [i for i, call in enumerate(calls) if call.source != "b" or call.label]
    held = Held(clean={i: told.held.clean[i] for i in kept}, noisy={i: told.held.noisy[i] for i in kept})
    found = rows.by_source(judge(calls, Record(held, told.views, {})))
    assert "fpr" not in found["b"]
    assert found["b"]["auroc"][0] > 0.99


class Reader:
    """A trainer that knows which calls it saw and says how long a text is."""

    name = "reader"

    def __init__(self, calls):
        self.calls, self.fits = calls, []

    def fit(self, train, *, seed=0):
        self.fits.append(frozenset(train))
        return self.fits[-1]

    def call_logits(self, network, held_out):
        assert network.isdisjoint(held_out)
        return self.text_logits(network, [self.calls[i].text for i in held_out])

    def text_logits(self, network, texts):
        return [np.array([float(len(text))]) for text in texts]


def few_calls():
    sources = ("corpus", "gdsc_novp", "hlilab_normal", "x")
    rng = random.Random(0)
    return [
        Call(f"{'aceg'[n % 4]}{n:03d}", s, n // 4 % 2, "".join(rng.choices("가나다라마바사아자차카타파하", k=70 + n)))
        for s in sources
        for n in range(12)
    ]


def test_views_of_a_call_are_scored_by_a_network_that_never_saw_its_source():
    calls = few_calls()
    told = hold_out_with_views(Reader(calls), calls, SttNoise(), early_views())
    assert set(told.views["first50"]) == set(range(len(calls)))
    assert told.views["first50"][0] == [36.0]
    assert {calls[i].source for i in told.choosing["first50"]} == {"hlilab_normal"}


def test_open_data_alone_trains_and_chooses():
    calls = few_calls()
    reader = Reader(calls)
    told = hold_out_with_views(OpenOnly(reader, calls), calls, SttNoise(), early_views())
    assert {calls[i].source for fit in reader.fits for i in fit} == set(OPEN)
    assert len(reader.fits) == 6  # our four folds, gdsc, and once for everything that is not open
    what = judge(calls, told, open_only=True)
    assert {calls[i].source for i in what.choosers} == set(OPEN)
    assert [source for source in what.sources if source.startswith("corpus")] == [f"corpus_{k}" for k in range(4)]
    assert what.rulers["x"].calibration == what.rulers["hlilab_normal"].calibration


def test_no_source_gives_more_views_than_its_share():
    calls = few_calls()
    assert len(balanced(range(len(calls)), calls, most=3)) == 4 * 2 * 3
    witness = Witness(Reader(calls), calls, early_views(), [40, 41])
    witness.call_logits(frozenset(), [40, 41, 42])
    assert set(witness.views["first50"]) == {40, 41}


def test_what_was_held_out_comes_back_from_disk_as_it_was(tmp_path):
    calls = few_calls()
    told = hold_out_with_views(Reader(calls), calls, SttNoise(), early_views())
    cache.save(tmp_path / "deep" / "a.npz", told)
    back = cache.load(tmp_path / "deep" / "a.npz")
    assert back == told


def test_the_cache_is_named_after_settings_and_all_code_behind_the_logits():
    code = cache.code_fingerprint(["models.text.fit_linear"])
    assert {"models.text.samples", "models.text.ngrams", "models.text.windows", "models.text.noise"} <= set(code)
    assert not any(name.startswith("models.text.evaluation") for name in code)
    assert cache.key({"seed": 0}, ["models.text.noise"]) != cache.key({"seed": 1}, ["models.text.noise"])
    assert cache.key({"seed": 0}, ["models.text.noise"]) != cache.key({"seed": 0}, ["models.text.windows"])


def test_what_falls_short_is_marked_and_says_why(tmp_path):
    calls, told = recorded([("a", 0, 0), ("b", 0, 0), ("leejaein_synthetic", 0, 0)])
    missed = [i for i, call in enumerate(calls) if call.source == "leejaein_synthetic" and call.label]
    told.held.clean.update({i: np.array([-2.0]) for i in missed})
    what = judge(calls, told)
    found = result(what, "x", megabytes=30.0, milliseconds=5.0)
    by_name = {verdict.claim.figure: verdict for verdict in claims.verdicts(found)}
    assert by_name["recall"].source == "leejaein_synthetic"
    assert (by_name["recall"].kept, by_name["recall"].of) == (2, 3)
    assert not by_name["megabytes"].claim.met(by_name["megabytes"].worst)
    assert by_name["milliseconds"].claim.met(by_name["milliseconds"].worst)
    lines = {line.split(" ")[1]: line for line in tables.sources(found).splitlines()}
    assert "✗" in lines["leejaein_synthetic"] and "machine-written" in lines["leejaein_synthetic"]
    assert "✗" not in lines["a"]
    report.write_csv([found], tmp_path / "f.csv")
    assert "x,source,leejaein_synthetic,recall,0.0," in (tmp_path / "f.csv").read_text("utf-8-sig")
    both = report.compact([found, found], "the command")
    assert both.count("| source held out | `x` | `x` |") == 1
    assert both.startswith("Made by `the command`.")
