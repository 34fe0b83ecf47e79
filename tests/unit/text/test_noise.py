"""Recognition noise is of the asked strength, repeatable, and made of syllables."""

import random

from models.text.noise import SttNoise, similar


def test_no_noise_changes_nothing():
    assert SttNoise().apply("여보세요", 0.0, random.Random(1)) == "여보세요"


def test_noise_is_repeatable():
    first, second = (SttNoise().apply("안녕하세요" * 20, 0.3, random.Random(1)) for _ in range(2))
    assert first == second != "안녕하세요" * 20


def test_a_similar_syllable_is_a_syllable():
    rng = random.Random(1)
    assert all("가" <= similar("돈", rng) <= "힣" for _ in range(200))


def test_the_table_says_what_was_heard(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("op,reference,hypothesis,count,reference_total\nsub,건,권,47,653\nins,'','네',9,99\n", "utf-8")
    noise = SttNoise.from_csv(path)
    assert noise.heard == {"건": (["권"], [47])}
    assert noise.added == (["네"], [9])
