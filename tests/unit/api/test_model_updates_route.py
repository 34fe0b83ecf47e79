import dataclasses
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.evidence import RowFilter
from service.update_lock import alone
from service.update_runs import RecordedUpdates
from service.update_wanted import Done, Wanted
from tests.conftest import World
from tests.unit.service.test_update_runs import MemoryRuns

UPDATES = "/api/v1/model-updates"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Launches:
    """Starts a process that does nothing, and remembers what was wanted."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, id: str, wanted: Wanted) -> "subprocess.Popen[bytes]":
        self.wanted.append(wanted)
        self.processes.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"]))
        return self.processes[-1]


@pytest.fixture
def launches() -> Any:
    launches = Launches()
    yield launches
    for process in launches.processes:
        process.kill()
        process.wait()


@pytest.fixture
def updates(world: World, launches: Launches) -> RecordedUpdates:
    return RecordedUpdates(MemoryRuns(), world.root / "store", launches, lambda: NOW)


@pytest.fixture
def client(world: World, updates: RecordedUpdates) -> FlaskClient:
    app = world.app()
    app.extensions["moksori"] = dataclasses.replace(world.services(), updates=updates)
    return app.test_client()


def test_an_update_is_started_and_can_be_asked_for(client: FlaskClient, launches: Launches) -> None:
    answer = client.post(UPDATES, json={})
    body = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"].endswith(f"{UPDATES}/{body['id']}")
    assert (body["status"], body["outcome"], body["version"], body["report"]) == ("queued", None, None, {})
    assert client.get(answer.headers["Location"]).get_json() == body
    assert launches.wanted == [Wanted()]


def test_an_ended_update_tells_its_outcome_and_figures(client: FlaskClient, updates: RecordedUpdates) -> None:
    id = updates.add(Wanted()).id
    updates.run(id, lambda: Done(3, "kept as candidate", "v", {"metrics": {}}))
    body = client.get(f"{UPDATES}/{id}").get_json()
    assert (body["status"], body["outcome"], body["version"]) == ("done", "candidate", "v")
    assert body["report"] == {"metrics": {}}
    assert body["finished_date"] == "2026-03-01T00:00:00.000+00:00"


def test_every_option_reaches_the_process_and_the_user_is_not_told(client: FlaskClient, launches: Launches) -> None:
    body = {"plain": True, "dry_run": True, "min_new": 7, "line": "site-1", "user_id": "user-1", "source": "site-1/"}
    answer = client.post(UPDATES, json={**body, "since": "2026-03-01T09:00:00+09:00", "until": None})
    assert launches.wanted == [Wanted(RowFilter("user-1", NOW, None, "site-1/"), "site-1", True, None, True, 7)]
    assert "user-1" not in answer.get_data(as_text=True)
    assert answer.get_json()["options"]["one_user"] is True


def test_the_voice_model_is_updated_when_asked_for_and_knows_no_plain(client: FlaskClient, launches: Launches) -> None:
    assert client.post(UPDATES, json={"kind": "voice"}).get_json()["kind"] == "voice"
    assert launches.wanted == [Wanted(kind="voice")]
    answer = client.post(UPDATES, json={"kind": "voice", "plain": True})
    assert answer.get_json()["error"]["detail"] == {"field": "plain"}


def test_a_second_one_is_refused_while_the_first_is_starting_or_running(
    client: FlaskClient, updates: RecordedUpdates, launches: Launches
) -> None:
    assert client.post(UPDATES, json={}).status_code == 202
    answer = client.post(UPDATES, json={})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "update_running")
    launches.processes[0].kill()
    launches.processes[0].wait()
    with alone(updates._store):
        assert client.post(UPDATES, json={}).status_code == 409
    assert client.post(UPDATES, json={}).status_code == 202


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("plain", 1),
        ("kind", "scam_type"),
        ("kind", 1),
        ("dry_run", "yes"),
        ("min_new", -1),
        ("min_new", True),
        ("min_new", 1.5),
        ("line", "../x"),
        ("line", ""),
        ("line", "Site"),
        ("user_id", []),
        ("since", "yesterday"),
        ("since", "0001-01-01T00:00:00+09:00"),
        ("until", 7),
        ("source", ""),
    ],
)
def test_a_malformed_field_is_named_and_nothing_is_started(
    client: FlaskClient, launches: Launches, field: str, value: Any
) -> None:
    answer = client.post(UPDATES, json={"line": "site-1", field: value})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["detail"] == {"field": field}
    assert launches.wanted == []


@pytest.mark.parametrize("limit", [{"user_id": "user-1"}, {"since": "2026-03-01"}, {"source": "site-1/"}])
def test_a_limit_needs_a_line_of_its_own(client: FlaskClient, launches: Launches, limit: dict[str, str]) -> None:
    answer = client.post(UPDATES, json=limit)
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "line"})
    assert launches.wanted == []


def test_an_unknown_update_is_a_404_and_a_strange_id_a_400(client: FlaskClient) -> None:
    assert client.get(f"{UPDATES}/00000000-0000-4000-8000-000000000000").status_code == 404
    answer = client.get(f"{UPDATES}/x")
    assert (answer.status_code, answer.get_json()["error"]["message"]) == (400, "the id of a model update is a UUID")


def test_only_json_is_taken_and_a_key_is_asked_for(client: FlaskClient, world: World) -> None:
    assert client.post(UPDATES, data="{}").status_code == 415
    assert client.post(UPDATES, json=[]).status_code == 400
    assert world.app(api_keys=("key",)).test_client().post(UPDATES, json={}).status_code == 401


def test_the_documented_keys_are_the_answered_keys(client: FlaskClient) -> None:
    documented = client.get("/api/v1/swagger.json").get_json()["definitions"]["ModelUpdate"]["properties"]
    assert set(client.post(UPDATES, json={}).get_json()) == set(documented)
