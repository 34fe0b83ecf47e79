import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelRefused
from core.settings import ROOT
from models.registry import ModelVersion, open_version, publish
from models.text import fit_types, judge_types, scam_types
from models.text.counts import call_frequencies
from models.text.data import OWN
from models.text.fit_types import Typed
from models.text.noise import SttNoise
from models.text.normalise import normalise
from models.text.scam_cues import CUES, SIZE, cue_vector
from models.text.scam_types import KIND, TYPES, TypeNetwork, load_scam_types
from models.text.windows import windows

STORE = ROOT / "models" / "store"
LOAN = "저금리 대환대출 승인되셨는데 기존 대출부터 먼저 상환하셔야 하고 보증료는 담당자 계좌로 보내주세요"


@pytest.fixture(scope="module")
def shipped() -> ModelVersion:
    return open_version(STORE, KIND)


@pytest.fixture(scope="module")
def network() -> TypeNetwork:
    return fit_types.fit(fit_types.load_typed(Path("nowhere"))[::3], SttNoise())


def test_the_shipped_version_names_a_clear_case_and_not_an_unclear_one(shipped: ModelVersion) -> None:
    model = load_scam_types(shipped)
    assert model.name(LOAN) == "loan"
    assert model.name("") is None
    assert model.name("네 여보세요 안녕하세요") is None


def test_the_shipped_version_is_small_and_holds_no_rare_token(shipped: ModelVersion) -> None:
    vocabulary = json.loads((shipped.folder / scam_types.VOCABULARY).read_text("utf-8"))
    assert min(vocabulary["df"]) >= 5
    assert all(normalise(gram) == gram and 2 <= len(gram) <= 4 for gram in vocabulary["ngrams"])
    assert sum(path.stat().st_size for path in shipped.folder.iterdir()) < 5_000_000


def test_what_is_published_names_as_what_was_learned(network: TypeNetwork, tmp_path: Path) -> None:
    calls = fit_types.load_typed(Path("nowhere"))
    write = partial(
        scam_types.save, network=network, df=call_frequencies(list(network.index), [call.text for call in calls])
    )
    facts = {"type": scam_types.TYPE, "metrics": {}, "data": {}, "threshold_method": "least_probability"}
    borders = {"least_probability": {"caution": 0.0, "danger": 0.0}}
    model = load_scam_types(publish(tmp_path, KIND, write, manifest={**facts, "thresholds": borders}))
    for call in calls[:30]:
        likely = network.types[int(np.argmax(network.probabilities(call.text)))]
        assert model.name(call.text) == (None if likely == scam_types.UNNAMED else likely)


def test_probabilities_sum_to_one_for_any_text(network: TypeNetwork) -> None:
    for text in ("", "가", normalise(LOAN), *windows("안녕하세요" * 2_000)):
        assert network.probabilities(text).sum() == pytest.approx(1.0)


def test_another_kind_of_version_is_refused(shipped: ModelVersion) -> None:
    with pytest.raises(ModelRefused):
        load_scam_types(open_version(STORE, "text"))


def test_cues_are_counted_in_the_whole_call_and_in_its_opening() -> None:
    assert set(CUES) == set(TYPES)
    early, late = cue_vector("검찰" + "가" * 200), cue_vector("가" * 200 + "검찰")
    assert early.shape == late.shape == (SIZE,)
    assert early[: len(TYPES)].tolist() == late[: len(TYPES)].tolist()
    assert early[len(TYPES) : 2 * len(TYPES)].sum() > late[len(TYPES) : 2 * len(TYPES)].sum() == 0.0


def test_sources_without_a_meaning_among_our_types_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    rows = "id,source,label,kind,text\n1,x,1,대출 사기형,대출 받으세요\n2,x,1,바로 이 목소리,여보세요 누구세요\n"
    (tmp_path / "text" / "capstone_typed.csv").write_text(rows, "utf-8")
    found = [call for call in fit_types.load_typed(tmp_path) if call.source != OWN]
    assert [(call.type, call.fold) for call in found] == [("loan", "capstone_typed")]


def test_the_least_probability_is_where_enough_named_calls_are_right() -> None:
    calls = [Typed(OWN, "corpus 1", "", TYPES[place % 2]) for place in range(8)]
    table = np.zeros((8, len(TYPES)))
    table[:, 0] = [0.9, 0.3, 0.8, 0.3, 0.7, 0.3, 0.6, 0.9]  # the last and the 0.3s are wrong
    assert judge_types.least_probability(calls, (table,)) == 0.31
    rows = judge_types.by_source(calls, table, table, 0.31)
    assert (rows[OWN]["right"], rows[OWN]["named"], rows[OWN]["named_right"]) == (0.5, 0.625, 0.8)
    assert judge_types.by_type(calls, table)[TYPES[0]] == {"calls": 4.0, "precision": 0.5, "recall": 1.0}
