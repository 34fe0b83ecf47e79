"""Calls are loaded so that neither length nor a twin tells the label."""

from collections import Counter

from models.text.data import CORPUS, Call, fingerprint, fold_of_corpus, join_sentences
from models.text.duplicates import shingles, without_duplicates
from models.text.noise import OWN_TABLE, SttNoise
from models.text.samples import make_samples, weights


def row(number, text, label=0, source="a"):
    return Call(f"{source}{number}", source, label, text)


def test_minimal_pairs_stay_on_one_side():
    assert all(fold_of_corpus(f"a{n:03d}") == fold_of_corpus(f"a{n + 1:03d}") for n in range(1, 160, 2))


def test_batches_with_their_own_themes_are_held_out_together():
    assert [fold_of_corpus(f"{letter}001") for letter in "abcdefgh"] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_without_a_data_folder_the_fingerprint_names_our_corpus_alone(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "one.csv").write_text("id,label,text\n1,0,여보세요\n", "utf-8")
    own = {path.name for path in CORPUS.glob("*.jsonl")}
    assert set(fingerprint()) == own
    assert set(fingerprint(tmp_path)) == {"one.csv", OWN_TABLE.name, *own}
    assert fingerprint(tmp_path)["one.csv"]["rows"] == 1


def test_joined_sentences_keep_every_syllable():
    rows = [row(n, "밥먹었니" * 3) for n in range(50)]
    joined = list(join_sentences(rows))
    assert "".join(call.text for call in joined) == "".join(call.text for call in rows)
    assert sum(call.rows for call in joined) == 50


def test_scam_rows_are_never_joined():
    rows = [row(n, "짧은말입니다", label=1) for n in range(5)]
    assert list(join_sentences(rows)) == rows


def test_a_call_that_shares_text_with_a_held_out_one_is_dropped():
    text = "오늘은날씨가맑아서산책을나가기로했습니다"
    calls = [
        row(1, text),
        row(2, "네" + text, source="b"),
        row(3, "전혀다른이야기를하는통화입니다정말로요", source="b"),
    ]
    table = [shingles(call.text) for call in calls]
    assert without_duplicates([1, 2], [0], calls, table) == [2]


def test_weights_balance_labels_whatever_the_counts():
    calls = [row(n, "가나다라마바사아" * 10, label=int(n == 0)) for n in range(10)]
    samples = make_samples(calls, SttNoise())
    mass = Counter()
    for sample, weight in zip(samples, weights(samples, calls), strict=True):
        mass[calls[sample.call].label] += float(weight)
    assert abs(mass[0] - mass[1]) < 1e-3 * mass[0]
