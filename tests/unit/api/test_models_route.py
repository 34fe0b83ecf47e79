"""Versions, promotion and threshold methods over HTTP."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.errors import VersionRefused, restore
from models.registry import choose_method
from tests.conftest import World
from tests.unit.models.versions import MANIFEST, add
from tests.unit.service.test_model_versions import Registry

KINDS = "/api/v1/models"
ACTIVE, THRESHOLD = f"{KINDS}/text/active", f"{KINDS}/text/threshold"


@pytest.fixture
def registry(world: World) -> Registry:
    registry = Registry(world.root / "store")
    registry.service.promote("text", registry.add())
    registry.lender.borrow()
    return registry


@pytest.fixture
def connect(world: World, registry: Registry) -> Callable[..., FlaskClient]:
    def client(**settings: Any) -> FlaskClient:
        app = world.app(**settings)
        app.extensions["moksori"] = dataclasses.replace(world.services(), models=registry.service)
        return app.test_client()

    return client


@pytest.fixture
def client(connect: Callable[..., FlaskClient]) -> FlaskClient:
    return connect()


def facts(registry: Registry) -> list[Any]:
    return [json.loads(line) for line in (registry.store / "history.jsonl").read_text().splitlines()]


def test_every_version_is_told_with_its_figures(client: FlaskClient, registry: Registry) -> None:
    kept = add(registry.store, {"weights.npz": b"two"}, reason="worse").name
    [kind] = client.get(KINDS).get_json()["kinds"]

    names = {version["version"]: version for version in kind["versions"]}
    assert (kind["kind"], kind["loaded"], kind["error"]) == ("text", kind["active"], None)
    assert kind["threshold_method"] == "max_f1"
    assert (names[kind["active"]]["status"], names[kept]["status"]) == ("active", "candidate")
    assert names[kept]["reason"] == "worse"
    assert names[kept]["metrics"] == MANIFEST["metrics"]
    assert names[kept]["thresholds"] == MANIFEST["thresholds"]


def test_a_version_is_promoted_and_rolled_back_by_the_place_of_the_key(
    connect: Callable[..., FlaskClient], registry: Registry
) -> None:
    client, headers = connect(api_keys=("one", "two")), {"X-API-Key": "two"}
    first, second = registry.lender.borrow().version, registry.add(b"two")

    answer = client.put(ACTIVE, json={"version": second, "threshold_method": "eer"}, headers=headers)
    assert (answer.status_code, answer.get_json()["active"], answer.get_json()["loaded"]) == (200, second, second)
    assert answer.get_json()["threshold_method"] == "eer"
    assert client.put(ACTIVE, json={"version": first}, headers=headers).get_json()["active"] == first

    told = [(fact["from"], fact["to"], fact["method"], fact["by"]) for fact in facts(registry)[1:]]
    assert told == [(first, second, "eer", "key 2"), (second, first, "max_f1", "key 2")]
    assert "two" not in (registry.store / "history.jsonl").read_text()


def test_a_method_is_chosen(client: FlaskClient, registry: Registry) -> None:
    answer = client.put(THRESHOLD, json={"method": "eer"})
    assert (answer.status_code, answer.get_json()["threshold_method"]) == (200, "eer")
    assert registry.lender.borrow().method == "eer"
    assert facts(registry)[-1]["by"] == "api"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (ACTIVE, {}, "version"),
        (ACTIVE, {"version": ""}, "version"),
        (ACTIVE, {"version": 7}, "version"),
        (ACTIVE, {"version": ["x"]}, "version"),
        (ACTIVE, {"version": "x" * 65}, "version"),
        (ACTIVE, {"version": None}, "version"),
        (ACTIVE, {"threshold_method": "eer"}, "version"),
        (ACTIVE, {"version": "…", "threshold_method": "unknown"}, "threshold_method"),
        (ACTIVE, {"version": "…", "threshold_method": 7}, "threshold_method"),
        (THRESHOLD, {}, "method"),
        (THRESHOLD, {"method": "unknown"}, "method"),
        (THRESHOLD, {"method": 7}, "method"),
        (THRESHOLD, {"method": ""}, "method"),
    ],
)
def test_a_malformed_body_names_its_field_and_changes_nothing(
    client: FlaskClient, registry: Registry, path: str, body: dict[str, Any], field: str
) -> None:
    if body.get("version") == "…":
        body = {**body, "version": registry.lender.borrow().version}
    answer = client.put(path, json=body)
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": field})
    assert len(facts(registry)) == 1


@pytest.mark.parametrize("path", [ACTIVE, THRESHOLD])
def test_only_a_json_object_is_taken(client: FlaskClient, path: str) -> None:
    assert client.put(path, data="version=1").status_code == 415
    assert client.put(path, data="[]", content_type="application/json").status_code == 400


@pytest.mark.parametrize("version", ["20260101T000000Z-00000000", "../voice/x", ".."])
def test_an_unknown_version_is_a_404(client: FlaskClient, version: str) -> None:
    answer = client.put(ACTIVE, json={"version": version})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize("kind", ["voice", "store", ".."])
def test_an_unknown_kind_is_a_404(client: FlaskClient, kind: str) -> None:
    assert client.put(f"{KINDS}/{kind}/active", json={"version": "x"}).status_code == 404
    assert client.put(f"{KINDS}/{kind}/threshold", json={"method": "eer"}).status_code == 404


def test_an_altered_version_is_a_422_and_the_previous_stays(client: FlaskClient, registry: Registry) -> None:
    first, second = registry.lender.borrow().version, registry.add(b"two")
    (registry.store / "text" / second / "weights.npz").write_bytes(b"altered")
    answer = client.put(ACTIVE, json={"version": second})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, "model_refused")
    assert client.get(KINDS).get_json()["kinds"][0]["active"] == first


def test_what_goes_wrong_behind_the_pointer_is_told(client: FlaskClient, registry: Registry) -> None:
    first = registry.lender.borrow().version
    (registry.store / "text" / "active").write_text("20260101T000000Z-00000000")
    assert registry.lender.borrow().version == first
    [kind] = client.get(KINDS).get_json()["kinds"]
    assert (kind["loaded"], kind["error"]) == (first, "there is no text model version of that name")


def test_a_change_from_outside_is_told_before_it_is_loaded(client: FlaskClient, registry: Registry) -> None:
    choose_method(registry.store, "text", "eer")
    assert client.get(KINDS).get_json()["kinds"][0]["threshold_method"] == "eer"


def test_the_documented_keys_are_the_answered_keys(client: FlaskClient) -> None:
    documented = client.get("/api/v1/swagger.json").get_json()["definitions"]
    [kind] = client.get(KINDS).get_json()["kinds"]
    assert set(kind) == set(documented["ModelKind"]["properties"])
    assert set(kind["versions"][0]) == set(documented["ModelVersion"]["properties"])


def test_a_refused_version_is_restored_as_what_it_is_a_kind_of() -> None:
    restored = restore({"code": VersionRefused.code, "message": "altered"})
    assert restored.status == 503
