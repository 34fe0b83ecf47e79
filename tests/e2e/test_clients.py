"""The Postman collection covers the API, and passes on a real server; the guide for clients is right."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.settings import ROOT
from scripts.serving import RunningServer
from service.callbacks import sign
from tests.e2e.clients import EXAMPLES, POSTMAN, newman_command, quick_server, run_newman

COLLECTION = json.loads((POSTMAN / "moksori.postman_collection.json").read_text("utf-8"))
ENVIRONMENT = json.loads((POSTMAN / "moksori.postman_environment.json").read_text("utf-8"))
GUIDE = (ROOT / "docs/CLIENTS.md").read_text("utf-8")
OF_THE_JDK = ["java.io.*", "java.nio.charset.*", "java.security.*", "java.time.*", "java.util.*", "javax.crypto.*"]
OF_THE_JDK += ["javax.crypto.spec.*"]
OF_JACKSON = {"JsonIgnoreProperties", "JsonNaming", "ObjectMapper"}
OF_SPRING = {"ApplicationEventPublisher", "Component", "HttpStatus", "MediaType", "PostMapping", "RequestBody", "Value"}
OF_SPRING |= {"RequestHeader", "ResponseEntity", "RestClient", "RestController", "SimpleClientHttpRequestFactory"}
AT_THE_ROOT = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/api/v1/swagger.json")}
CODES = {"invalid_request", "unauthorized", "path_not_allowed", "file_not_found", "not_found", "method_not_allowed"}
CODES |= {"conflict", "unsupported_media_type", "bad_audio"}


def folder(name: str) -> list[Any]:
    found: list[Any] = next(item["item"] for item in COLLECTION["item"] if item["name"] == name)
    return found


def requests() -> list[Any]:
    return [request for item in COLLECTION["item"] for request in item["item"]]


def method_and_path(request: Any) -> tuple[str, str]:
    return request["request"]["method"], "/" + "/".join(request["request"]["url"]["path"])


def script(request: Any) -> str:
    tests = [event["script"]["exec"] for event in request["event"] if event["listen"] == "test"]
    return "\n".join(line for lines in tests for line in lines)


def operations(client: FlaskClient) -> set[tuple[str, str]]:
    paths = client.get("/api/v1/swagger.json").get_json()["paths"]
    found = {(verb.upper(), "/api/v1" + path) for path in paths for verb in paths[path] if verb != "parameters"}
    return found | AT_THE_ROOT


def covers(request: Any, operation: tuple[str, str]) -> bool:
    method, path = method_and_path(request)
    return method == operation[0] and bool(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation[1]), path))


def test_every_route_of_the_swagger_document_is_in_the_collection(client: FlaskClient) -> None:
    well = [request for item in COLLECTION["item"] if item["name"] != "Errors" for request in item["item"]]
    assert {found for found in operations(client) if not any(covers(request, found) for request in well)} == set()


def test_the_collection_asks_for_nothing_that_is_not_there(client: FlaskClient) -> None:
    known = operations(client) | {("PATCH", "/api/v1/analyses")}
    assert [one["name"] for one in requests() if not any(covers(one, found) for found in known)] == []


def test_every_request_of_the_collection_has_a_status_test_and_every_common_error_a_request() -> None:
    assert [one["name"] for one in requests() if not re.search(r"have\.status|response\.code\)", script(one))] == []
    assert set(re.findall(r"error\.code\)\.to\.eql\('(\w+)'", "".join(map(script, folder("Errors"))))) == CODES


def test_the_keys_that_the_collection_checks_are_those_of_the_swagger_document(client: FlaskClient) -> None:
    models = client.get("/api/v1/swagger.json").get_json()["definitions"]
    checked = {variable["key"]: variable["value"].split(",") for variable in COLLECTION["variable"]}
    assert set(checked["analysis_keys"]) <= set(models["Analysis"]["properties"])
    assert set(checked["summary_keys"]) <= set(models["Summary"]["properties"])


def test_the_environment_defines_every_variable_and_holds_no_key() -> None:
    values = {value["key"]: value["value"] for value in ENVIRONMENT["values"]}
    used = set(re.findall(r"\{\{(\w+)\}\}", json.dumps(COLLECTION)))
    assert used <= set(values) | {variable["key"] for variable in COLLECTION["variable"]}
    assert values["api_key"] == ""


def test_the_guide_names_every_file_and_its_example_signature_is_right() -> None:
    files = [path.relative_to(ROOT / "docs") for part in (POSTMAN, EXAMPLES) for path in part.rglob("*.*")]
    assert [str(path) for path in files if path.suffix != ".pyc" and f"({path})" not in GUIDE] == []
    [(body, secret, signature)] = re.findall(r"printf '%s' '(.+)' \|.*-hmac '?([\w-]+)'?.*\n.*\s(\w{64})\n", GUIDE)
    assert sign(secret, body.encode()) == f"sha256={signature}"


def test_the_spring_lines_of_the_guide_are_java_that_lacks_nothing_but_spring_and_jackson(tmp_path: Path) -> None:
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("needs a JDK")
    [block] = re.findall(r"```java\n(.*?)```", GUIDE, re.DOTALL)
    snippet = tmp_path / "Snippet.java"
    snippet.write_text("".join(f"import {name};\n" for name in OF_THE_JDK) + block, "utf-8")

    command = [javac, "-J-Duser.language=en", "-Xmaxerrs", "500", str(snippet)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    kinds = set(re.findall(r"error: (.*)", done.stderr))
    assert kinds == {"cannot find symbol", "package PropertyNamingStrategies does not exist"}
    assert set(re.findall(r"symbol: +\w+ (\w+)", done.stderr)) == OF_SPRING | OF_JACKSON


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with quick_server(tmp_path_factory.mktemp("clients")) as running:
        yield running


@pytest.fixture(scope="module")
def newman(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return newman_command(tmp_path_factory.mktemp("npx"))


def test_newman_passes_the_whole_collection(server: RunningServer, newman: list[str], tmp_path: Path) -> None:
    executions = run_newman(newman, server, tmp_path, within_s=150)
    assert [one["item"]["name"] for one in executions] == [request["name"] for request in requests()]
    assert all(len(one["assertions"]) >= 2 for one in executions)
    assert server.client.get("/api/v1/analyses?user_id=postman").json()["items"] == []
