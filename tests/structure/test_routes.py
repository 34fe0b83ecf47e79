"""Every route has the error shape, the request id and, below /api/v1, a key."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import World

OPEN = {"/api/v1/", "/api/v1/swagger.json"}
WRONG = ["/nowhere", "/api/v1/nowhere", "/api/v1/analyses/", "/swaggerui/nothing.js"]


def shape(answer: Any) -> None:
    body = answer.get_json()
    assert set(body) == {"error", "request_id"}
    assert set(body["error"]) == {"code", "message", "detail"}
    assert body["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("path", WRONG)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_a_wrong_path_has_the_one_shape(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert 400 <= answer.status_code < 500
    shape(answer)


def rules(app: Flask) -> list[tuple[str, str]]:
    return [(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()]


def test_a_wrong_method_has_the_one_shape_on_every_route(world: World) -> None:
    app = world.app()
    for path in {path for path, _ in rules(app) if not path.startswith("/swaggerui")}:
        answer = app.test_client().open(path.replace("<string:id>", "x"), method="PATCH")
        assert answer.status_code == 405, path
        assert "Allow" in answer.headers
        shape(answer)


def test_every_route_of_the_api_asks_for_a_key(world: World) -> None:
    app = world.app(api_keys=("key",))
    for path, method in rules(app):
        if path.startswith("/api/v1") and path not in OPEN and method != "OPTIONS":
            answer = app.test_client().open(path.replace("<string:id>", "x"), method=method)
            assert answer.status_code == 401, (method, path)
            if method != "HEAD":
                shape(answer)
