"""Rows that an earlier version or a hand edit left damaged: what can be shown is shown, and they can be erased."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from core.settings import Settings
from db.store import AnalysisStore
from tests.integration.db.conftest import stored

ID = "3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f5f10"
PARTS = ("text_result", "voice_result", "warnings", "error")


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(database_url=database_url, data_dir=tmp_path, stt_engine="null")).test_client()


def get(client: FlaskClient) -> dict[str, Any]:
    answer = client.get(f"/api/v1/analyses/{ID}")
    assert answer.status_code == 200
    shown: dict[str, Any] = json.loads(answer.data, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return shown


@pytest.mark.parametrize("raw", ["", "{", "[1]", '{"score": "high", "windows": 5}', '{"score": NaN, "members": 1}'])
@pytest.mark.parametrize("part", PARTS[:2])
def test_a_damaged_result_is_left_out_with_a_warning_and_the_rest_is_shown(
    store: AnalysisStore, client: FlaskClient, part: str, raw: str
) -> None:
    stored(store, {"id": ID, "disdata": 2, "content": "네".encode(), "warnings": '["adopted"]', part: raw})
    shown = get(client)
    assert (shown["predict1"], shown["transcript"], shown[part.removesuffix("_result")]) == (2, "네", None)
    assert shown["warnings"] == ["adopted", f"{part}_unreadable"]


def test_a_row_damaged_all_over_is_shown_listed_followed_and_erased(store: AnalysisStore, client: FlaskClient) -> None:
    stored(store, {"id": ID, "status": "broken", "content": b"\xff", **dict.fromkeys(PARTS, "{{")})
    shown = get(client)
    assert (shown["status"], shown["transcript"]) == ("failed", None)
    assert shown["warnings"] == [f"{part}_unreadable" for part in (*PARTS[:2], "error", "warnings")]
    assert client.get("/api/v1/analyses").status_code == 200
    assert b"event: result" in client.get(f"/api/v1/analyses/{ID}/events").data
    assert client.delete(f"/api/v1/analyses/{ID}").status_code == 204
    assert client.get(f"/api/v1/analyses/{ID}").status_code == 404


def test_a_damaged_result_does_not_keep_a_transcript_from_being_scored_again(
    store: AnalysisStore, client: FlaskClient
) -> None:
    stored(store, {"id": ID, "disdata": 1, "content": "네".encode(), "text_result": "{"})
    answer = client.post("/api/v1/reroll", json={"user_id": "u", "declaration": "112"})
    assert (answer.status_code, answer.json and answer.json["items"][0]["old"]["grade"]) == (200, 1)


def test_the_newest_label_stands_in_the_analysis(store: AnalysisStore, client: FlaskClient) -> None:
    stored(store, {"id": ID})
    assert get(client)["label"] is None
    first, second = (
        client.post(f"/api/v1/analyses/{ID}/label", json={"label": label, "labelled_by": f"person {label}"}).json
        for label in (1, 0)
    )
    assert get(client)["label"] == second != first
    assert (get(client)["label"]["label"], get(client)["label"]["labelled_by"]) == (0, "person 0")
