import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import BadAudio, Busy, TooLarge, Unavailable
from tests.conftest import World

GOOD = {"file_path": "call.m4a", "user_id": "user-1", "declaration": "010-1234-5678"}


def post(client: FlaskClient, **changes: Any) -> Any:
    body = {**GOOD, **changes}
    return client.post("/api/v1/analyses", json={key: value for key, value in body.items() if value is not ...})


def test_a_json_request_answers_with_the_whole_analysis(world: World, client: FlaskClient) -> None:
    world.audio()
    answer = post(client)
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["status"], body["progress"], body["predict1"], body["predict2"]) == ("done", 100, 2, 0)
    assert body["declaration"] == "01012345678"
    assert body["transcript"] == "안전계좌로 이체하셔야 합니다 🙂"
    assert body["created_date"].endswith("+00:00")
    assert client.get(f"/api/v1/analyses/{body['id']}").get_json() == body


def test_korean_is_readable_in_the_raw_answer(world: World, client: FlaskClient) -> None:
    world.audio()
    assert "안전계좌" in post(client).get_data(as_text=True)


def test_an_upload_is_analysed(world: World, client: FlaskClient) -> None:
    form = {"user_id": "user-1", "declaration": "+82 10 1234 5678", "file": (io.BytesIO(b"sound"), "../../통화.m4a")}
    answer = client.post("/api/v1/analyses", data=form)
    assert answer.status_code == 200
    assert answer.get_json()["audio_file"] == "upload:통화.m4a"
    assert world.line.seen == [b"sound"]
    assert world.left_behind() == []


def test_a_numeric_user_id_is_taken_as_text(world: World, client: FlaskClient) -> None:
    world.audio()
    assert post(client, user_id=42).get_json()["user_id"] == "42"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", ...),
        ("user_id", ""),
        ("user_id", "   "),
        ("user_id", None),
        ("user_id", True),
        ("user_id", ["a"]),
        ("user_id", "x" * 65),
        ("user_id", "a\nb"),
        ("declaration", ...),
        ("declaration", "letters"),
        ("declaration", 1012345678),
        ("file_path", ...),
        ("file_path", 7),
        ("file_path", "a\0b"),
        ("file_path", {"a": 1}),
        ("callback_url", 5),
        ("callback_url", "http://evil.example/"),
    ],
)
def test_a_malformed_field_is_named_in_a_400(world: World, client: FlaskClient, field: str, value: Any) -> None:
    world.audio()
    answer = post(client, **{field: value})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["detail"] == {"field": field}
    assert world.store.rows == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null"])
def test_a_body_that_is_no_json_object_is_a_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/analyses", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"] == "invalid_request"


def test_multipart_without_a_file_is_a_400(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/analyses", data={"user_id": "1", "declaration": "112"}, content_type="multipart/form-data"
    )
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "file"})


def test_another_content_type_is_a_415(client: FlaskClient) -> None:
    assert client.post("/api/v1/analyses", data="a=1", content_type="text/plain").status_code == 415


@pytest.mark.parametrize(("named", "status"), [("missing.m4a", 404), ("../x", 403), ("/etc/passwd", 403), (".", 404)])
def test_a_wrong_path_is_a_clear_4xx(client: FlaskClient, named: str, status: int) -> None:
    assert post(client, file_path=named).status_code == status


def test_an_empty_upload_is_a_422_and_leaves_nothing(world: World, client: FlaskClient) -> None:
    form = {"user_id": "user-1", "declaration": "112", "file": (io.BytesIO(b""), "a.m4a")}
    assert client.post("/api/v1/analyses", data=form).status_code == 422
    assert world.left_behind() == []
    assert world.store.rows == {}


def test_a_body_over_the_limit_is_a_413(world: World) -> None:
    client = world.app(max_upload_mb=1).test_client()
    answer = client.post("/api/v1/analyses", data=b"x" * 3_000_000, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadAudio("no audio"), 422, "bad_audio"),
        (TooLarge("too long"), 413, "too_large"),
        (Unavailable("engine"), 503, "unavailable"),
        (Busy("full"), 503, "busy"),
        (RuntimeError("secret 010-1234-5678"), 500, "internal_error"),
    ],
)
def test_every_failure_has_the_one_shape(
    world: World, client: FlaskClient, error: Exception, status: int, code: str
) -> None:
    world.audio()
    world.line.error = error
    answer = post(client)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, code)
    assert "secret" not in answer.get_data(as_text=True)
    assert ("Retry-After" in answer.headers) == (code == "busy")


def test_an_id_that_is_no_uuid_is_a_400_and_an_unknown_one_a_404(client: FlaskClient) -> None:
    assert client.get("/api/v1/analyses/1").status_code == 400
    assert client.get("/api/v1/analyses/3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f5f10").status_code == 404


def test_the_request_id_is_taken_over_when_it_is_harmless(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert client.get("/healthz", headers={"X-Request-ID": "a b<script>"}).headers["X-Request-ID"] != "a b<script>"


def test_keys_are_asked_for_when_configured(world: World) -> None:
    client = world.app(api_keys=("key-1", "key-2")).test_client()
    world.audio()
    assert client.post("/api/v1/analyses", json=GOOD).status_code == 401
    assert client.post("/api/v1/analyses", json=GOOD, headers={"X-API-Key": "wrong"}).status_code == 401
    assert client.post("/api/v1/analyses", json=GOOD, headers={"X-API-Key": "key-2"}).status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/swagger.json").status_code == 200
