import pytest

from models.text import fit_borders
from models.text.borders import Borders, features, load_borders

CALL = "여보세요. 네, 안녕하세요.\n오늘 시간 되세요? 네 좋아요."


def test_a_punctuated_call_becomes_bare_words_with_its_ends() -> None:
    call = fit_borders.spoken("a001", CALL)
    assert call.words == ("여보세요", "네", "안녕하세요", "오늘", "시간", "되세요", "네", "좋아요")
    assert call.ends == (True, False, True, False, False, True, False, True)


def test_short_words_and_the_last_one_have_features_of_their_own() -> None:
    assert list(features("네", "그")) == ["<네", "<^네", "<^^네", ">그", ">그$"]
    assert list(features("했습니다", "그래서")) == ["<다", "<니다", "<습니다", ">그", ">그래"]


@pytest.mark.parametrize("words", [[], ["..."], ["네"], ["네", "", "?"]])
def test_odd_words_are_no_problem_and_the_last_one_always_ends(words: list[str]) -> None:
    ends = load_borders().ends(words)
    assert len(ends) == len(words)
    assert ends[-1:] == [True] * bool(words)


def test_punctuation_is_not_looked_at() -> None:
    assert load_borders().ends(["했어요.", "그래서", "갔죠?"]) == load_borders().ends(["했어요", "그래서", "갔죠"])


def test_what_is_shipped_was_learned_from_calls_of_our_corpus_and_finds_most_ends_held_out() -> None:
    calls = fit_borders.punctuated_calls()
    assert len(calls) > 500
    train, held = next(iter(fit_borders.folds(calls)))
    right, found, there = fit_borders.score(held[:60], fit_borders.fit(train[::4]).ends)
    assert right / found > 0.8
    assert right / there > 0.6
    assert len(load_borders().weights) > 5_000


def test_a_feature_of_few_calls_is_not_kept() -> None:
    calls = [fit_borders.spoken(f"a{i:03d}", "네 그래요. 알겠어요.") for i in range(6)]
    calls += [fit_borders.spoken("a007", "희귀한낱말 하나. 알겠어요.")]
    learned = fit_borders.fit(calls)
    assert not any("희귀한" in name or "낱말" in name for name in learned.weights)


def test_saved_weights_read_back(tmp_path) -> None:  # type: ignore[no-untyped-def]
    borders = Borders({"<요": 1.5}, -1.0)
    fit_borders.save(borders, tmp_path / "borders.json")
    assert load_borders(tmp_path / "borders.json") == borders
