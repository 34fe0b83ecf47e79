import dataclasses
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import Unavailable
from service.reroll import Reroll
from tests.conftest import World
from tests.unit.service.test_reroll import SCAM, FakeRows, Models

ID = str(uuid.UUID(int=1))
BROKEN = str(uuid.UUID(int=2))
GOOD = {"user_id": "user-1", "declaration": "010-1234-5678"}


@pytest.fixture
def models(world: World) -> Models:
    return Models(world.root / "models")


@pytest.fixture
def rows() -> FakeRows:
    return FakeRows({ID: SCAM.encode(), BROKEN: b"\xff"}, pair=("user-1", "01012345678"))


@pytest.fixture
def client(world: World, rows: FakeRows, models: Models) -> FlaskClient:
    app = world.app()
    service = Reroll(rows=rows, models=models.lenders())
    app.extensions["moksori"] = dataclasses.replace(world.services(), reroll=service)
    return app.test_client()


def post(client: FlaskClient, **changes: Any) -> Any:
    body = {**GOOD, **changes}
    return client.post("/api/v1/reroll", json={key: value for key, value in body.items() if value is not ...})


def test_the_answer_has_a_row_for_each_analysis(client: FlaskClient, rows: FakeRows) -> None:
    answer = post(client)
    assert answer.status_code == 200
    old = {"grade": 1, "score": 0.5, "model_version": "earlier"}
    new = {"grade": 2, "score": 0.9, "reason": None, "model_version": "fake-text"}
    message = "the stored transcript is neither UTF-8 nor Korean in CP949"
    assert answer.get_json() == {
        "model_version": "fake-text",
        "items": [
            {"id": ID, "old": old, "new": new, "error": None},
            {"id": BROKEN, "old": old, "new": None, "error": {"code": "undecodable", "message": message}},
        ],
    }
    assert rows.written == [{ID: 2}]


def test_one_analysis_can_be_named_in_any_notation_of_its_id(client: FlaskClient) -> None:
    answer = post(client, id=ID.replace("-", "").upper())
    assert [item["id"] for item in answer.get_json()["items"]] == [ID]


def test_a_named_version_is_used(client: FlaskClient, models: Models) -> None:
    name = models.add()
    assert post(client, model_version=name).get_json()["model_version"] == name


def test_null_stands_for_a_field_that_is_not_sent(client: FlaskClient) -> None:
    assert len(post(client, id=None, model_version=None).get_json()["items"]) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", ...),
        ("user_id", ""),
        ("user_id", "  "),
        ("user_id", ["user-1"]),
        ("declaration", ...),
        ("declaration", ""),
        ("declaration", None),
        ("declaration", "letters"),
        ("declaration", 1012345678),
        ("id", ""),
        ("id", "x"),
        ("id", 7),
        ("id", [ID]),
        ("model_version", ""),
        ("model_version", 7),
        ("model_version", "../../text/x"),
        ("model_version", "x" * 65),
    ],
)
def test_a_missing_key_or_malformed_field_is_named_and_no_row_is_touched(
    client: FlaskClient, rows: FakeRows, field: str, value: Any
) -> None:
    answer = post(client, **{field: value})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "invalid_request"
    assert answer.get_json()["error"]["detail"] == {"field": field}
    assert rows.written == []


@pytest.mark.parametrize(
    "changes",
    [
        {"user_id": "user-2"},
        {"declaration": "010-1234-5679"},
        {"id": str(uuid.UUID(int=9))},
        {"model_version": "20200101T000000Z-00000000"},
    ],
)
def test_what_is_not_there_is_a_404_and_no_row_is_touched(
    client: FlaskClient, rows: FakeRows, changes: dict[str, str]
) -> None:
    answer = post(client, **changes)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")
    assert rows.written == []


def test_only_json_is_taken(client: FlaskClient) -> None:
    assert client.post("/api/v1/reroll", data=GOOD).status_code == 415
    assert client.post("/api/v1/reroll", data="[]", content_type="application/json").status_code == 400


def test_an_altered_model_and_a_silent_database_are_503(
    client: FlaskClient, rows: FakeRows, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = models.add()
    (models.store / "text" / name / "weights.txt").write_text("other weights")
    assert post(client, model_version=name).get_json()["error"]["code"] == "model_refused"

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr(rows, "of_pair", away)
    answer = post(client)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")


def test_a_key_is_asked_for(world: World) -> None:
    client = world.app(api_keys=("key",)).test_client()
    assert post(client).status_code == 401


def test_the_documented_keys_are_the_answered_keys(client: FlaskClient) -> None:
    models = client.get("/api/v1/swagger.json").get_json()["definitions"]
    scored, broken = post(client).get_json()["items"]
    assert set(scored) == set(models["RerollItem"]["properties"])
    assert set(scored["old"]) == set(models["OldVerdict"]["properties"])
    assert set(scored["new"]) == set(models["NewVerdict"]["properties"])
    assert set(broken["error"]) == set(models["RerollProblem"]["properties"])
