from __future__ import annotations

import re

import pytest

from core.settings import ROOT
from models.voice.evaluation.published import tables
from scripts import voice_tables

STORE = ROOT / "models" / "store"
MANIFEST = {
    "threshold_method": "target_fpr",
    "thresholds": {"target_fpr": {"caution": 0.8, "danger": 0.9}},
    "metrics": {
        "members": {"trees": {"DE": 0.25, "RE": 0.125}},
        "weighting": {"trees": 0.2},
        "held_out_speakers": {"all": {"3 s": 0.3, "10 s": 0.2, "30 s": 0.1, "cost 3 s": 0.9}, "lpc": {"3 s": 0.3}},
        "eer_family_left_out": {
            "lpc": {"3 s": 0.4, "10 s": 0.3, "30 s": 0.1},
            "world": {"3 s": 0.2, "10 s": 0.1, "30 s": None},
        },
        "genuine_source_left_out": {"all": {"pieces": 8.0, "grade_2": 0.125, "grade_1": 0.25}},
        "genuine_korean": {},
    },
}


def test_a_manifest_tells_its_figures_and_what_cannot_be_told() -> None:
    lines = tables(MANIFEST).splitlines()
    assert "| lpc | 0.300 | – | – |" in lines
    assert "| **mean** | 0.300 of 2 | 0.200 of 2 | 0.100 of 1 |" in lines
    assert "| all | 8 | 0.125 | 0.250 |" in lines


def test_the_card_holds_the_figures_of_the_version_it_describes(capsys: pytest.CaptureFixture[str]) -> None:
    card = (ROOT / "docs" / "models" / "voice.md").read_text("utf-8")
    named = re.search(r"Shipped: `(\S+)`", card)
    assert named
    assert voice_tables.main([named[1], "--store", str(STORE)]) == 0
    head, told = capsys.readouterr().out.split("\n\n", 1)
    assert head == named[1]
    assert told.strip() in card


def test_a_version_without_such_figures_is_refused() -> None:
    with pytest.raises(SystemExit) as stopped:
        voice_tables.main(["20261121T055457Z-194a616a", "--store", str(STORE)])
    assert stopped.value.code == 2
