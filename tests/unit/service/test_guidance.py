import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.types import Analysis, Status, TextResult
from db.guidance import Seen
from models.text.scam_types import TYPES as MODEL_TYPES
from models.text.scam_types import UNNAMED
from service.guidance import (
    DATA,
    GENERAL,
    SCAM_TYPES,
    SITUATIONS,
    TYPES,
    Guide,
    contacts,
    find_type,
    guidance,
    guidance_of,
    quiz,
)
from tests.integration.db.examples import NOW

DONE = Analysis("1", Status.DONE, 100, "user-1", "112", "a.wav", NOW)


class FakeHistory:
    def __init__(self, *rows: Seen) -> None:
        self.rows = rows

    def seen(self, user_id: str) -> tuple[Seen, ...]:
        return self.rows if user_id == "user-1" else ()


def texts(value: Any) -> list[dict[str, Any]]:
    """Every object below a value that has a Korean text."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict) and {"text", "question", "explanation"} & set(value) else []
    return own + [found for one in inner for found in texts(one)]


@pytest.mark.parametrize("scam_type", [*TYPES, None, "never heard of"])
@pytest.mark.parametrize("grade", [1, 2])
def test_every_type_and_grade_has_steps_for_every_situation_and_whom_to_call(scam_type: str | None, grade: int) -> None:
    found = guidance(scam_type, grade)
    assert {step.situation for step in found.steps} == set(SITUATIONS)
    assert {contact.number for contact in found.contacts} == {"112", "1394", "1332", "118"}
    assert all(step.text and step.text_en and step.title and step.title_en for step in found.steps)


def test_the_types_of_the_code_are_those_of_the_data_and_no_name_stands_for_two() -> None:
    types = json.loads(DATA.read_text("utf-8"))["types"]
    assert tuple(kind["id"] for kind in types) == TYPES
    names = [name for kind in types for name in (kind["id"], kind["name"], *kind["aliases"])]
    assert len(names) == len(set(names))


def test_every_type_the_model_names_has_advice_of_its_own() -> None:
    assert tuple(name for name in MODEL_TYPES if name != UNNAMED) == SCAM_TYPES
    assert [find_type(name)["id"] for name in SCAM_TYPES] == list(SCAM_TYPES)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("기관사칭", "authority"),
        ("기관 사칭", "authority"),
        ("대출빙자", "loan"),
        ("LOAN", "loan"),
        ("가족_사칭", "family"),
        ("스미싱", "messenger_delivery"),
        ("delivery", "messenger_delivery"),
        ("카드배송", "card_bank"),
        ("투자", "investment"),
        ("모르는 것", GENERAL),
        ("", GENERAL),
        (None, GENERAL),
    ],
)
def test_a_type_is_found_by_any_of_its_names_and_an_unknown_one_is_general(given: str | None, kind: str) -> None:
    assert find_type(given)["id"] == kind


def test_danger_says_more_firmly_than_caution_to_hang_up() -> None:
    caution, danger = (guidance("loan", grade) for grade in (1, 2))
    assert caution.steps[0].text != danger.steps[0].text
    assert "끊으세요" in danger.steps[0].text
    assert caution.steps[-1] == danger.steps[-1]


def test_every_text_has_an_english_one_and_every_contact_an_honest_source() -> None:
    data = json.loads(DATA.read_text("utf-8"))
    found = texts(data)
    assert len(found) > 40
    for one in found:
        for key in {"text", "question", "explanation"} & set(one):
            assert one[key].strip()
            assert one[f"{key}_en"].isascii()
    for contact in contacts():
        assert contact.source is None or contact.source.startswith("https://")
        assert contact.checked is None or (contact.source and date.fromisoformat(contact.checked))


def test_the_quiz_has_one_right_answer_each_and_not_always_the_same() -> None:
    questions = quiz()
    assert len({question["id"] for question in questions}) == len(questions) == 14
    assert all(0 <= question["answer"] < len(question["choices"]) for question in questions)
    assert {question["answer"] for question in questions} == {0, 1, 2}
    assert {question["scam_type"] for question in questions} == set(TYPES)


@pytest.mark.parametrize(
    ("text", "voice", "grade"), [(1, 0, 1), (0, 2, 2), (2, None, 2), (None, 1, 1), (0, 0, None), (None, None, None)]
)
def test_the_higher_grade_of_text_and_voice_decides(text: int | None, voice: int | None, grade: int | None) -> None:
    found = guidance_of(replace(DONE, predict1=text, predict2=voice, text=TextResult(scam_type="대출")))
    assert (found and found.grade, found and found.scam_type) == (grade, grade and "loan")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DONE])
def test_a_call_that_is_not_done_has_no_guidance(status: Status) -> None:
    assert guidance_of(replace(DONE, status=status, predict1=2)) is None


def test_what_a_user_met_most_is_recommended_first() -> None:
    history = FakeHistory(
        Seen(2, "대출", 3), Seen(1, "기관사칭", 2), Seen(2, "검찰", 2), Seen(0, "투자", 9), Seen(None, None, 1)
    )
    by_grade, items = Guide(history).recommended("user-1")
    assert by_grade == {"0": 9, "1": 2, "2": 5, "null": 1}
    assert [(item.scam_type, item.calls) for item in items] == [("authority", 4), ("loan", 3)]
    assert set(items[0].quiz) == {"safe-account", "secrecy", "bad-app", "sent"}


def test_a_user_without_such_calls_is_recommended_the_general_things() -> None:
    by_grade, items = Guide(FakeHistory()).recommended("user-2")
    assert sum(by_grade.values()) == 0
    assert [(item.scam_type, item.calls) for item in items] == [(GENERAL, 0)]
    assert items[0].quiz
