from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from core.settings import Settings
from models.text.borders import load_borders
from service.health import Health
from service.text_analyses import MAX_CHARS, TextAnalyses
from tests.conftest import World
from tests.fakes import SCAM_WORD, KeywordTextModel
from wiring import Services

PATH = "/api/v1/text-analyses"
SCAM = f"지금 바로 {SCAM_WORD}로 전액을 이체하셔야 합니다\n아무에게도 말하지 마세요 {SCAM_WORD}"


class Authority:
    def name(self, transcript: str) -> str | None:
        return "authority"


@pytest.fixture
def client(world: World) -> Iterator[FlaskClient]:
    texts = TextAnalyses(model=KeywordTextModel, types=Authority, borders=load_borders)
    services = Services(analyses=world.analyses(), health=Health(store=world.store, lenders=()), texts=texts)
    with create_app(Settings(), services).test_client() as client:
        yield client


def judged(client: FlaskClient, text: str) -> dict[str, Any]:
    answer = client.post(PATH, json={"text": text})
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("text", [SCAM, SCAM.replace("\n", " "), SCAM.replace("\n", ". ")])
def test_a_text_is_judged_like_a_call_but_has_no_times(client: FlaskClient, world: World, text: str) -> None:
    found = judged(client, text)
    assert (found["grade"], found["scam_type"], found["reason"]) == (2, "authority", None)
    assert found["sentences"]
    assert all(piece["start_s"] is piece["end_s"] is None for piece in [*found["sentences"], *found["evidence"]])
    assert world.store.rows == {}


@pytest.mark.parametrize(
    ("text", "reason"), [("", "no_speech"), ("네 여보세요", "too_short"), ("a " * 30, "not_korean")]
)
def test_what_cannot_be_judged_has_nulls_and_a_reason(client: FlaskClient, text: str, reason: str) -> None:
    found = judged(client, text)
    assert (found["score"], found["grade"], found["scam_type"], found["reason"]) == (None, None, None, reason)


@pytest.mark.parametrize("body", [{}, {"text": None}, {"text": 7}, {"text": ["가"]}, ["가"]])
def test_a_malformed_body_is_a_400(client: FlaskClient, body: Any) -> None:
    answer = client.post(PATH, json=body)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "invalid_request")


def test_half_a_character_is_a_400(client: FlaskClient) -> None:
    answer = client.post(PATH, data=b'{"text": "\\ud800"}', content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "text"})


def test_a_text_of_the_largest_size_is_judged_and_a_longer_one_refused(client: FlaskClient) -> None:
    assert judged(client, ("가나다라 " * MAX_CHARS)[:MAX_CHARS])["grade"] is not None
    answer = client.post(PATH, json={"text": "가" * (MAX_CHARS + 1)})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")
    assert answer.get_json()["error"]["detail"] == {"field": "text"}


def test_only_json_is_read(client: FlaskClient) -> None:
    assert client.post(PATH, data=SCAM).status_code == 415
