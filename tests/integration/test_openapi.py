"""The OpenAPI document is complete: whatever is asked, the answer is one that the document describes.

Every operation takes part, the stream of events too: all analyses that the requests can name have
ended, so the stream ends with its result. ``/healthz``, ``/readyz`` and ``/metrics`` lie outside
``/api/v1`` and are not in the document. The multipart form of ``POST /analyses`` cannot be in it:
OpenAPI 2 allows an operation either a body or form fields.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.openapi import from_wsgi
from schemathesis.specs.openapi import checks as openapi
from sqlalchemy import insert

from api.auth import OPEN
from app import create_app
from core.settings import ROOT, Settings
from db.store import AnalysisStore
from db.tables import analysis
from models.registry import open_version
from tests.audio import speechlike, write
from wiring import build_services

CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
]
EXAMPLES = 180
"""Requests of each operation that has something to vary."""
PREFIX, DOCUMENT = "/api/v1", "/api/v1/swagger.json"
CALL = {"file_path": "call.wav", "user_id": "user-1", "declaration": "010-1234-5678"}
PAIR = {"user_id": "user-1", "declaration": "01012345678"}
UNKNOWN = "00000000-0000-4000-8000-000000000000"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
UNFIT = ("../call.wav", "text.wav", "none.wav")
JSON = "application/json"
VOICE = open_version(ROOT / "models" / "store", "voice").name
USUAL: dict[str, dict[str, list[Any]]] = {
    "POST /analyses": {
        "body": [CALL, {**CALL, "user_id": "user-2"}, *({**CALL, "file_path": path} for path in UNFIT)],
        "headers": [{"Prefer": "respond-async"}, {"Idempotency-Key": "one"}, {"Content-Type": "text/plain"}],
    },
    "GET /analyses/{id}/events": {"headers": [{"Last-Event-ID": "end"}, {"Last-Event-ID": "50"}]},
    "POST /reroll": {
        "body": [PAIR, {**PAIR, "model_version": "unknown"}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "POST /text-analyses": {
        "body": [{"text": "저금리 대출로 바꾸려면 먼저 상환하셔야 합니다"}, {"text": "가" * 100_001}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "POST /analyses/{id}/label": {
        "body": [{"label": 1, "voice_label": 0, "note": "확인"}, {"label": 0}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "PUT /models/{kind}/active": {
        "path_parameters": [{"kind": "text"}, {"kind": "voice"}],
        "body": [{"version": VOICE}, {"version": VOICE, "threshold_method": "eer"}, {"version": "unknown"}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "PUT /models/{kind}/threshold": {
        "path_parameters": [{"kind": "text"}, {"kind": "voice"}],
        "body": [{"method": "max_f1"}, {"method": "target_fpr"}, {"method": "unknown"}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "POST /model-updates": {
        "body": [{"dry_run": True}, {"line": "site-1", "source": "site-1/"}, {"user_id": "user-1"}],
        "headers": [{"Content-Type": "text/plain"}],
    },
    "GET /numbers/{declaration}": {"path_parameters": [{"declaration": "010-1234-5678"}, {"declaration": "112"}]},
}
"""What chance would hardly find; some of the requests of these operations carry it."""
REACHED = {
    "POST /analyses": {200, 202, 400, 403, 404, 415, 422},  # 409 takes two that fit together: tests/unit/api
    "GET /analyses": {200, 400},
    "GET /analyses.csv": {200, 400},
    "GET /analyses/{id}": {200, 400, 404},
    "DELETE /analyses/{id}": {204, 400, 404},
    "GET /analyses/{id}/events": {200, 204, 400, 404},
    "POST /analyses/{id}/label": {201, 400, 404, 415},
    "GET /analyses/{id}/labels": {200, 400, 404},
    "GET /numbers/{declaration}": {200, 400},
    "GET /models": {200},
    "PUT /models/{kind}/active": {200, 400, 404, 415},
    "PUT /models/{kind}/threshold": {200, 400, 404, 415},
    "POST /model-updates": {202, 400, 409, 415},
    "GET /model-updates/{id}": {400, 404},
    "POST /reroll": {200, 400, 404, 415},
    "POST /text-analyses": {200, 400, 413, 415},
}
"""Guards the test itself: a generator that only ever got refusals would prove little."""


@pytest.fixture
def ids(tmp_path: Path) -> list[str]:
    """Stored calls that have ended in every way."""
    store = AnalysisStore(f"sqlite:///{tmp_path / 'calls.sqlite3'}")
    store.migrate()
    fixed = {**PAIR, "audio_file": "call.wav", "progress": 100, "attempts": 1}
    rows = [
        {
            "id": f"3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f{number:04d}",
            "status": ("done", "failed", "cancelled")[number % 3],
            "disdata": (None, 0, 1, 2)[number % 4],
            "content": "안전계좌로 이체하셔야 합니다".encode(),
            "created_date": NOW + number * timedelta(minutes=1),
        }
        for number in range(300)
    ]
    store.write(lambda connection: connection.execute(insert(analysis), [fixed | row for row in rows]))
    store.close()
    return [str(row["id"]) for row in rows]


@pytest.fixture
def app(tmp_path: Path, ids: list[str]) -> Iterator[Flask]:
    audio = tmp_path / "audio"
    audio.mkdir()
    write(audio / "call.wav", speechlike(0.6))
    (audio / "text.wav").write_text("no sound")
    chosen = Settings(
        database_url=f"sqlite:///{tmp_path / 'calls.sqlite3'}",
        audio_root=audio,
        data_dir=tmp_path / "data",
        model_store=Path(shutil.copytree(ROOT / "models" / "store", tmp_path / "store")),
        stt_engine="null",
        queue_size=100_000,
    )
    services = build_services(chosen)
    services.start()
    yield create_app(chosen, services)
    services.stop()


def requests(operation: Any, ids: list[str]) -> st.SearchStrategy[Any]:
    """Return requests as documented, and such as are not, some of them about what is there."""
    generated = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode))
    known = st.one_of(st.none(), st.just(UNKNOWN), st.sampled_from(ids))
    usual = {part: st.sampled_from([None, *values]) for part, values in USUAL.get(operation.label, {}).items()}

    def adapt(case: Any, id: str | None, chosen: dict[str, Any], otherwise_right: bool) -> Any:
        if otherwise_right:  # or a chance mistake elsewhere would refuse nearly all of them
            case.headers, case.query = {}, {}
        if id is not None and "{id}" in operation.path:
            case.path_parameters = {"id": id}
        for part, value in chosen.items():
            if value is not None:
                setattr(case, part, value)
        if chosen.get("body"):
            case.media_type = JSON
        return case

    return st.builds(adapt, generated, known, st.fixed_dictionaries(usual), st.booleans() if usual else st.just(False))


def ask(operation: Any, ids: list[str], seen: Counter[tuple[str, int]]) -> None:
    """Send requests of one operation and check each answer; ``seen`` counts them."""
    variable = operation.body or any(operation.iter_parameters())

    @settings(
        max_examples=EXAMPLES if variable else 1,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(operation, ids))
    def each(case: Any) -> None:
        response = case.call()
        seen[operation.label, response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    each()


def test_every_answer_is_one_that_the_document_describes(app: Flask, ids: list[str]) -> None:
    operations = [found.ok() for found in from_wsgi(DOCUMENT, app).get_all_operations()]
    seen: Counter[tuple[str, int]] = Counter()
    # What is erased can be asked for no more: last.
    for operation in sorted(operations, key=lambda operation: operation.method.upper() == "DELETE"):
        ask(operation, ids, seen)

    assert seen.total() >= 2_000
    for label, statuses in REACHED.items():
        assert statuses <= {status for (asked, status) in seen if asked == label}, label


def test_every_route_of_the_api_is_in_the_document(app: Flask) -> None:
    paths = app.test_client().get(DOCUMENT).get_json()["paths"]
    documented = {(path, method.upper()) for path, item in paths.items() for method in item if method != "parameters"}
    left_out = {*OPEN, PREFIX}  # the document itself, its page, and a root of Flask-RESTX that is always 404
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX) and rule.rule not in left_out]

    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)), method)
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert served == documented


def test_every_operation_documents_what_any_of_its_kind_may_answer(app: Flask) -> None:
    for path, item in app.test_client().get(DOCUMENT).get_json()["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                expected = {"401"} | ({"400", "413", "415"} if method in {"post", "put"} else set())
                assert expected <= operation["responses"].keys(), (method, path)
