"""Accepting without waiting, following, cancelling, counting."""

from __future__ import annotations

import json
import uuid

import pytest
from flask.testing import FlaskClient

from core.types import NewAnalysis, RunningScore, Status
from tests.conftest import World
from tests.unit.service.test_runner import Silent

URL = "/api/v1/analyses"
BODY = {"file_path": "call.m4a", "user_id": "user-1", "declaration": "010-1234-5678"}
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
def waiting(world: World) -> FlaskClient:
    """A server whose queue nobody works on."""
    world.audio()
    return world.app(runner=Silent()).test_client()


def events(text: str) -> list[tuple[str, str, dict[str, object]]]:
    blocks = [block for block in text.split("\n\n") if block and not block.startswith(":")]
    fields = [dict(line.split(": ", 1) for line in block.splitlines()) for block in blocks]
    return [(field.get("id", ""), field["event"], json.loads(field["data"])) for field in fields]


@pytest.mark.parametrize("prefer", ["respond-async", "wait=10, Respond-Async", "respond-async; foo=1"])
def test_a_call_is_accepted_at_once_and_found_at_its_location(waiting: FlaskClient, prefer: str) -> None:
    answer = waiting.post(URL, json=BODY, headers={"Prefer": prefer})

    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    found = waiting.get(answer.headers["Location"]).get_json()
    assert (found["id"], found["status"], found["progress"]) == (answer.get_json()["id"], "queued", 0)


def test_a_bad_request_is_refused_before_it_is_accepted(waiting: FlaskClient, world: World) -> None:
    answer = waiting.post(URL, json={**BODY, "file_path": "missing.m4a"}, headers=ASYNC)

    assert answer.status_code == 404
    assert world.store.rows == {}


def test_audio_that_turns_out_bad_is_told_by_the_row(client: FlaskClient, world: World) -> None:
    from core.errors import BadAudio

    world.audio()
    world.line.error = BadAudio("the file is cut off", reason="truncated")
    accepted = client.post(URL, json=BODY, headers=ASYNC)
    found = client.get(accepted.headers["Location"]).get_json()

    assert found["status"] == "failed"
    assert found["error"] == {
        "code": "bad_audio",
        "message": "the file is cut off",
        "detail": {"reason": "truncated"},
    }


def test_the_same_key_and_request_give_the_same_analysis(waiting: FlaskClient, world: World) -> None:
    headers = {**ASYNC, "Idempotency-Key": "k-1"}
    first, second = (waiting.post(URL, json=BODY, headers=headers) for _ in range(2))

    assert first.get_json()["id"] == second.get_json()["id"]
    assert len(world.store.rows) == 1

    other = waiting.post(URL, json={**BODY, "user_id": "user-2"}, headers=headers)
    assert (other.status_code, other.get_json()["error"]["code"]) == (409, "conflict")


def test_an_upload_that_comes_twice_is_kept_once_and_another_file_is_a_conflict(
    waiting: FlaskClient, world: World
) -> None:
    def post(content: bytes) -> int:
        from io import BytesIO

        data = {"user_id": "u", "declaration": "112", "file": (BytesIO(content), "a.m4a")}
        return waiting.post(URL, data=data, headers={**ASYNC, "Idempotency-Key": "k"}).status_code

    assert [post(b"sound"), post(b"sound"), post(b"other")] == [202, 202, 409]
    assert [path.read_bytes() for path in world.left_behind()] == [b"sound"]


def test_a_repeated_request_that_is_done_gets_its_result(client: FlaskClient, world: World) -> None:
    world.audio()
    headers = {"Idempotency-Key": "k"}
    done = client.post(URL, json=BODY, headers=headers).get_json()

    assert client.post(URL, json=BODY, headers=headers).get_json() == done
    again = client.post(URL, json=BODY, headers={**headers, **ASYNC})
    assert (again.status_code, again.get_json()) == (200, done)
    assert len(world.line.seen) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "키"])
def test_a_malformed_key_is_refused(waiting: FlaskClient, key: str) -> None:
    answer = waiting.post(URL, json=BODY, headers={"Idempotency-Key": key.encode().decode("latin-1")})
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "Idempotency-Key"})


def test_a_full_queue_answers_503_with_retry_after_and_keeps_nothing(world: World) -> None:
    world.audio()
    client = world.app(runner=Silent(), max_queued=1).test_client()
    assert client.post(URL, json=BODY, headers=ASYNC).status_code == 202

    full = client.post(URL, json=BODY, headers=ASYNC)

    assert (full.status_code, full.get_json()["error"]["code"]) == (503, "busy")
    assert int(full.headers["Retry-After"]) > 0
    assert len(world.store.rows) == 1


def test_a_waiting_call_is_cancelled_and_its_upload_is_gone(waiting: FlaskClient, world: World) -> None:
    from io import BytesIO

    data = {"user_id": "u", "declaration": "112", "file": (BytesIO(b"sound"), "a.m4a")}
    url = waiting.post(URL, data=data, headers=ASYNC).headers["Location"]

    answer = waiting.delete(url)

    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert world.left_behind() == []
    assert world.callbacks.reports[-1]["status"] == "cancelled"
    assert waiting.delete(url).status_code == 204
    assert waiting.get(url).status_code == 404


def test_a_finished_call_is_erased_with_its_files(client: FlaskClient, world: World) -> None:
    world.keep_wav = True
    world.audio()
    app = world.app().test_client()
    url = app.post(URL, json=BODY).headers["Location"]
    assert len(world.left_behind()) == 1

    assert app.delete(url).status_code == 204

    assert world.left_behind() == []
    assert (world.audio_root / "call.m4a").exists()


def test_events_tell_every_milestone_and_the_result_in_order(client: FlaskClient, world: World) -> None:
    world.audio()
    done = client.post(URL, json=BODY).get_json()

    answer = client.get(f"{URL}/{done['id']}/events")

    assert answer.mimetype == "text/event-stream"
    got = events(answer.get_data(as_text=True))
    assert [(id, name) for id, name, _ in got] == [
        ("25", "progress"),
        ("50", "progress"),
        ("75", "progress"),
        ("100", "progress"),
        ("end", "result"),
    ]
    assert got[-1][2] == done


def test_events_go_on_after_the_last_one_that_arrived(client: FlaskClient, world: World) -> None:
    world.audio()
    url = f"{URL}/{client.post(URL, json=BODY).get_json()['id']}/events"

    resumed = client.get(url, headers={"Last-Event-ID": "50"}).get_data(as_text=True)

    assert [id for id, _, _ in events(resumed)] == ["75", "100", "end"]
    assert client.get(url, headers={"Last-Event-ID": "end"}).status_code == 204


def test_a_score_so_far_is_an_event_without_an_id(waiting: FlaskClient, world: World) -> None:
    url = waiting.post(URL, json=BODY, headers=ASYNC).headers["Location"] + "/events"
    claim = world.store.claim(url.split("/")[-2])
    assert claim is not None
    world.store.progress(claim, 25)
    world.store.set_running(claim, RunningScore(120.0, 0.4, 1))
    stream = waiting.get(url)
    heard = "".join(block.decode() for block, _ in zip(stream.iter_encoded(), range(3), strict=False))
    stream.close()

    assert [(id, name) for id, name, _ in events(heard)] == [("25", "progress"), ("", "running")]
    assert events(heard)[1][2]["running_score"] == {"until_s": 120.0, "score": 0.4, "grade": 1}


def test_too_many_open_streams_are_refused_and_a_closed_one_makes_room(world: World) -> None:
    world.audio()
    client = world.app(runner=Silent(), max_waiting=1).test_client()
    url = client.post(URL, json=BODY, headers=ASYNC).headers["Location"] + "/events"
    stream = client.get(url)
    assert next(iter(stream.iter_encoded())) == b": ok\n\n"

    assert client.get(url).status_code == 503
    stream.close()
    client.delete(url.removesuffix("/events"))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/events", ""])
def test_nothing_is_known_of_an_unknown_id(client: FlaskClient, path: str) -> None:
    assert client.get(f"{URL}/{uuid.uuid4()}{path}").status_code == 404
    assert client.get(f"{URL}/nonsense{path}").status_code == 400


def test_what_waits_is_counted_for_prometheus(waiting: FlaskClient, world: World) -> None:
    waiting.post(URL, json=BODY, headers=ASYNC)
    world.store.add(NewAnalysis("u", "112", "call.m4a"), id="b", now=world.store.rows.popitem()[1].created_date)

    lines = waiting.get("/metrics").get_data(as_text=True).splitlines()

    assert "moksori_queue_length 1.0" in lines
    assert "moksori_running 0.0" in lines
    assert f'moksori_analyses{{status="{Status.QUEUED.value}"}} 1.0' in lines
