import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.types import Evidence, Segment, Sentence
from models.measuring import median_ms
from pipeline.sentences import split_sentences
from pipeline.text import join_transcript
from service.masking import mask, mask_result
from service.spoken_numbers import DIGITS, digits_of
from tests import fakes
from tests.conftest import World
from tests.fakes import call_result
from tests.unit.service.test_executor import queued, run
from tests.yardstick import yardsticks

PIECES = [
    *DIGITS,
    *"0159,.-@ \n]이번에의가[",
    "010",
    "2026",
    "1953",
    " 다시 ",
    "년",
    "월",
    "계좌 ",
    "생년월일",
    "[전화번호]",
    "a@b.kr",
    "원",
    "고요",
    "88-",
]
noisy = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
without_numbers = st.text(
    st.characters(exclude_characters=f"{DIGITS}0123456789@천백십년월", exclude_categories=["Cs", "Nd"]), max_size=60
)


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("제 번호는 010-1234-5678이에요", "제 번호는 [전화번호]이에요"),
        ("01012345678 로 전화 주세요", "[전화번호] 로 전화 주세요"),
        ("+82 10-1234-5678입니다", "[전화번호]입니다"),
        ("02-123-4567이고 1588-1234도", "[전화번호]이고 [전화번호]도"),
        ("제 거는 공일공 일이삼사 오육칠팔이고요", "제 거는 [전화번호]이고요"),
        ("공일공에 일이삼사에 오육칠팔 맞죠", "[전화번호] 맞죠"),
        ("공일공 다시 일이삼사\n다시 오육칠팔", "[전화번호]"),
        ("010 일이삼사 5678", "[전화번호]"),
        ("주민번호 880101-1234567요", "주민번호 [주민등록번호]요"),
        ("01012345678 이 번호로", "[전화번호] 이 번호로"),
        ("880101-1****** 이분", "[주민등록번호] 이분"),
        ("팔팔공일이삼 다시 일이삼사오육칠", "[주민등록번호]"),
        ("팔팔공일이삼", "[번호]"),
        ("농협 352-1234-5678-93 입금", "농협 [계좌번호] 입금"),
        ("통장이 일일공 이이이 삼삼삼삼삼삼", "통장이 [계좌번호]"),
        ("1234 5678 9012 3456 카드요", "[카드번호] 카드요"),
        ("1953년 3월 2일에요", "[생년월일]에요"),
        ("53년 3월 2일생이세요", "[생년월일]생이세요"),
        ("천구백오십삼년 삼월 이일 맞으시죠", "[생년월일] 맞으시죠"),
        ("생년월일이 530302 이시죠", "생년월일이 [생년월일] 이시죠"),
        ("생일은 2011년 5월 5일", "생일은 [생년월일]"),
        ("19530302 눌러 주세요", "[생년월일] 눌러 주세요"),
        ("kim.a+b@mail.example.kr로 보내요", "[이메일]로 보내요"),
    ],
)
def test_personal_data_is_replaced_by_its_kind(said: str, stored: str) -> None:
    assert mask(said) == stored


@pytest.mark.parametrize(
    "said",
    [
        "112나 1332, 1394로 전화하세요",
        "3,000,000원하고 12345678원 이체했어요",
        "2026년 3월 15일 14시 30분에 오세요",
        "2026-11-21 15시에",
        "3일 4일 5일 이사",
        "이 일이 사이가 이상한데 일이 이렇게 됐습니다",
        "사건번호 2026형제1234호",
        "오백만원만 보내세요",
        "삼십이만 육천칠백원",
        "",
    ],
)
def test_amounts_dates_of_now_and_short_numbers_stay(said: str) -> None:
    assert mask(said) == said


@given(noisy)
@example("20262026공공공공공공")
def test_masking_twice_is_masking_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(noisy)
def test_no_number_read_out_without_pause_and_no_long_number_is_left(text: str) -> None:
    left = mask(text)
    assert not re.search(rf"[{DIGITS}]{{7,}}", left)
    assert not re.search(r"01[016789][0-9]{8}(?![0-9,원])", left)


@given(without_numbers)
def test_a_text_without_digits_and_number_words_is_not_changed(text: str) -> None:
    assert mask(text) == text


@given(st.from_regex(r"010[- ]?[0-9]{4}[- ]?[0-9]{4}", fullmatch=True), st.sampled_from(["", "이요", " 맞아요", "\n"]))
def test_every_mobile_number_is_found_written_and_read_out(number: str, after: str) -> None:
    spoken = "".join(DIGITS[1:][int(char)] if char.isdigit() else " " for char in number)
    for said in (number, spoken):
        assert digits_of(mask(f"그럼 {said}{after}")) in ("", "2"), "이 of 이요 is no digit"


def test_a_result_is_masked_in_every_text_and_keeps_every_number() -> None:
    said = "저는요 공일공 일이삼사\n오육칠팔이에요. 안전계좌로 보낼게요"
    segments = tuple(Segment(float(i), i + 1.0, line) for i, line in enumerate(said.split("\n")))
    sentences = tuple(Sentence(s.start_s, s.end_s, s.text, 0.9, flagged=True) for s in split_sentences(segments))
    plain = call_result()
    said_alone = Evidence(sentences[1].text, 3.0, "sentence", 1.0, 2.0)
    evidence = (Evidence("일이삼사오", 0.2), Evidence("안전계좌", 0.5), said_alone)
    text = replace(plain.text, sentences=sentences, evidence=evidence)
    result = replace(plain, transcript=join_transcript(segments), segments=segments, text=text)

    masked = mask_result(result)

    assert masked.transcript == "저는요 [전화번호]이에요. 안전계좌로 보낼게요"
    assert [s.text for s in masked.segments] == ["저는요 [전화번호]", "[전화번호]이에요. 안전계좌로 보낼게요"]
    assert [s.text for s in masked.text.sentences] == ["저는요 [전화번호]", "[전화번호]이에요.", "안전계좌로 보낼게요"]
    assert [e.text for e in masked.text.evidence] == ["[전화번호]", "안전계좌", "[전화번호]이에요."]
    bare = tuple(replace(s, text="") for s in masked.text.sentences)
    assert bare == tuple(replace(s, text="") for s in sentences)
    assert (masked.text.score, masked.text.grade, masked.voice) == (text.score, text.grade, plain.voice)


def test_a_number_that_two_sentences_share_is_masked_whatever_space_was_between_words() -> None:
    said = "제 번호는  공일공\t일이삼사 오육칠팔이고요  네"
    plain = call_result()
    pieces = ("제 번호는 공일공 일이삼사", "오육칠팔이고요 네")
    sentences = tuple(Sentence(0.0, 1.0, piece, 0.1, flagged=False) for piece in pieces)
    result = replace(plain, transcript=said, segments=(), text=replace(plain.text, sentences=sentences, evidence=()))

    masked = [" ".join(sentence.text.split()) for sentence in mask_result(result).text.sentences]

    assert masked == ["제 번호는 [전화번호]", "[전화번호]이고요 네"]


@pytest.mark.parametrize(
    "piece", ["0", "공일", "1 ", "공일공 일이삼사 오육칠팔이고요 ", "천백십", "a.b", "12년 3월 ", "1-"]
)
def test_the_time_grows_with_the_length_of_the_call_and_not_with_its_square(piece: str) -> None:
    taken_ms = median_ms(lambda: mask(piece * (100_000 // len(piece))), repeats=1)
    assert yardsticks(taken_ms) < 20  # 2 at most; the square would be 100 and more


def test_a_result_without_personal_data_is_the_same() -> None:
    assert mask_result(call_result()) == call_result()


@pytest.mark.parametrize(("masks", "stored"), [(True, "그 번호는 [전화번호]"), (False, "그 번호는 010-1234-5678")])
def test_what_is_stored_is_masked_when_that_is_set_and_a_resumed_call_hears_the_whole_text(
    world: World, monkeypatch: pytest.MonkeyPatch, masks: bool, stored: str
) -> None:
    plain, said = call_result(), "그 번호는 010-1234-5678"
    spoken = replace(plain, transcript=said, segments=(Segment(0.0, 1.0, said),))
    monkeypatch.setattr(fakes, "call_result", lambda: spoken)
    world.mask = masks
    row = queued(world)
    world.line.while_hearing = lambda number: world.store.release(row.id, "token-1") if number == 1 else None
    run(world, row)
    world.line.while_hearing = lambda number: None

    done = run(world, row)

    assert done.transcript == stored
    assert [segment.text for segment in world.store.chunks(row.id)[0, 160_000]] == [said]
