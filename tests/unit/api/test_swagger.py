from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient

from api.present import present_analysis
from core.types import Analysis, Status
from tests.conftest import World


def document(client: FlaskClient) -> Any:
    return client.get("/api/v1/swagger.json").get_json()


def test_the_swagger_page_is_served(client: FlaskClient) -> None:
    page = client.get("/api/v1/")
    assert page.status_code == 200
    assert "swagger-ui" in page.get_data(as_text=True)


def test_the_documented_keys_are_the_presented_keys(world: World, client: FlaskClient) -> None:
    world.audio()
    body = client.post(
        "/api/v1/analyses", json={"file_path": "call.m4a", "user_id": "1", "declaration": "112"}
    ).get_json()
    models = document(client)["definitions"]
    assert set(body) == set(models["Analysis"]["properties"])
    assert set(body["text"]) == set(models["TextResult"]["properties"])
    assert set(body["voice"]) == set(models["VoiceResult"]["properties"])


def test_every_operation_documents_the_error_shape(client: FlaskClient) -> None:
    for path in document(client)["paths"].values():
        for method, operation in path.items():
            if method in {"get", "post", "put", "delete"}:
                errors = {status: r for status, r in operation["responses"].items() if status >= "400"}
                assert errors
                assert all(r["schema"]["$ref"] == "#/definitions/Error" for r in errors.values())


def test_an_analysis_that_is_not_finished_can_be_presented() -> None:
    queued = Analysis("1", Status.QUEUED, 0, "u", "112", "a", datetime(2026, 1, 1, tzinfo=UTC))
    assert present_analysis(queued)["finished_date"] is None
