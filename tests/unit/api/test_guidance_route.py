import dataclasses
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import Unavailable
from db.guidance import Seen
from service.guidance import Guide
from tests.conftest import World
from tests.unit.service.test_guidance import FakeHistory

URL = "/api/v1/guidance"


@pytest.fixture
def history() -> FakeHistory:
    return FakeHistory(Seen(2, "대출", 3), Seen(0, None, 1))


@pytest.fixture
def client(world: World, history: FakeHistory) -> FlaskClient:
    app = world.app()
    app.extensions["moksori"] = dataclasses.replace(world.services(), guide=Guide(history))
    return app.test_client()


def properties(client: FlaskClient, model: str) -> set[str]:
    found: dict[str, Any] = client.get("/api/v1/swagger.json").get_json()["definitions"][model]["properties"]
    return set(found)


def test_the_advice_is_korean_with_english_beside_and_has_the_documented_keys(client: FlaskClient) -> None:
    body = client.get(URL, query_string={"scam_type": "대출빙자", "grade": "1"}).get_json()
    assert (body["scam_type"], body["grade"], body["name"]) == ("loan", 1, "대출 빙자")
    assert "조심" in body["steps"][0]["text"]
    assert "careful" in body["steps"][0]["text_en"]
    assert set(body) == properties(client, "Guidance")
    assert set(body["steps"][0]) == properties(client, "Step")
    assert set(body["contacts"][0]) == properties(client, "Contact")


def test_english_is_given_when_it_is_asked_for(client: FlaskClient) -> None:
    body = client.get(URL, query_string={"lang": "en"}).get_json()
    assert (body["scam_type"], body["grade"], body["name"]) == ("general", 2, "Any voice phishing")
    assert all(step["text"] == step["text_en"] for step in body["steps"])
    assert body["contacts"][0]["name"] == "Police"


@pytest.mark.parametrize(
    ("name", "value"),
    [("grade", "0"), ("grade", "3"), ("grade", "x"), ("grade", ""), ("lang", "jp"), ("scam_type", "가" * 65)],
)
def test_a_malformed_parameter_is_named(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get(URL, query_string={name: value})
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": name})


def test_the_quiz_has_its_questions_in_both_languages_and_the_documented_keys(client: FlaskClient) -> None:
    questions = client.get(f"{URL}/quiz").get_json()["questions"]
    assert len(questions) == 14
    assert set(questions[0]) == properties(client, "Question")
    assert set(questions[0]["choices"][0]) == properties(client, "Choice")


def test_recommendations_come_from_the_history_of_that_user_only(client: FlaskClient) -> None:
    body = client.get(f"{URL}/recommended", query_string={"user_id": "user-1"}).get_json()
    assert body["by_grade"] == {"0": 1, "1": 0, "2": 3, "null": 0}
    assert [item["scam_type"] for item in body["items"]] == ["loan"]
    assert set(body) == properties(client, "Recommended")
    assert set(body["items"][0]) == properties(client, "RecommendedItem")
    other = client.get(f"{URL}/recommended", query_string={"user_id": "user-2"}).get_json()
    assert [item["scam_type"] for item in other["items"]] == ["general"]


@pytest.mark.parametrize("query", [{}, {"user_id": ""}, {"user_id": "x" * 256}, {"user_id": "a\n"[:2] + "b"}])
def test_a_missing_or_malformed_user_is_named(client: FlaskClient, query: dict[str, str]) -> None:
    answer = client.get(f"{URL}/recommended", query_string=query)
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "user_id"})


def test_a_silent_database_is_503(client: FlaskClient, history: FakeHistory, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(user_id: str) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(history, "seen", away)
    answer = client.get(f"{URL}/recommended", query_string={"user_id": "user-1"})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")


@pytest.mark.parametrize("path", ["", "/quiz", "/recommended"])
def test_a_key_is_asked_for(world: World, path: str) -> None:
    assert world.app(api_keys=("key",)).test_client().get(URL + path).status_code == 401


def test_a_scam_call_is_answered_with_guidance(world: World, client: FlaskClient) -> None:
    world.audio()
    wanted = {"file_path": "call.m4a", "user_id": "1", "declaration": "112"}
    body = client.post("/api/v1/analyses", json=wanted).get_json()
    assert body["predict1"] == 2
    assert (body["guidance"]["grade"], body["guidance"]["scam_type"]) == (2, "general")
    assert {contact["number"] for contact in body["guidance"]["contacts"]} >= {"112", "1394"}
    assert set(body["guidance"]) == properties(client, "Guidance")
