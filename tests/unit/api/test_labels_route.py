import json
import uuid
from typing import Any

import pytest

from tests.unit.api.conftest import Archive

NOBODY = str(uuid.uuid4())


def label(archive: Archive, id: str, body: Any) -> Any:
    return archive.client.post(f"/api/v1/analyses/{id}/label", data=json.dumps(body), content_type="application/json")


def labels(archive: Archive, id: str) -> Any:
    return archive.client.get(f"/api/v1/analyses/{id}/labels").get_json()["items"]


def current(archive: Archive) -> int | None:
    found: int | None = archive.client.get("/api/v1/analyses").get_json()["items"][0]["label"]
    return found


def test_a_label_is_noted_with_who_and_when(archive: Archive) -> None:
    id = archive.add()

    answer = label(archive, id, {"label": 1, "note": "첫째 줄\n둘째 줄 🙂", "labelled_by": " 상담원 1 "})

    body = answer.get_json()
    assert answer.status_code == 201
    assert (body["analysis_id"], body["label"], body["labelled_by"]) == (id, 1, "상담원 1")
    assert body["note"] == "첫째 줄\n둘째 줄 🙂"
    assert body["created_date"].endswith("+00:00")
    assert labels(archive, id) == [body]


def test_a_revised_label_counts_and_the_earlier_one_is_kept(archive: Archive) -> None:
    id = archive.add()
    assert (labels(archive, id), current(archive)) == ([], None)

    for verdict in (1, 0):
        assert label(archive, id, {"label": verdict}).status_code == 201
        assert current(archive) == verdict

    assert [one["label"] for one in labels(archive, id)] == [0, 1]
    assert [one["note"] for one in labels(archive, id)] == [None, None]


def test_the_voice_can_be_judged_too(archive: Archive) -> None:
    id = archive.add()
    given = [label(archive, id, body).get_json() for body in ({"label": 1, "voice_label": 1}, {"label": 0})]
    assert [one["voice_label"] for one in given] == [1, None]
    assert [one["voice_label"] for one in labels(archive, id)] == [None, 1]


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("label", {}),
        ("label", {"label": None}),
        ("label", {"label": 2}),
        ("label", {"label": "1"}),
        ("label", {"label": True}),
        ("label", {"label": 1.0}),
        ("label", {"label": [1]}),
        ("voice_label", {"label": 1, "voice_label": 2}),
        ("voice_label", {"label": 1, "voice_label": "altered"}),
        ("voice_label", {"label": 1, "voice_label": False}),
        ("note", {"label": 1, "note": 1}),
        ("note", {"label": 1, "note": "x" * 1001}),
        ("note", {"label": 1, "note": "a\x00"}),
        ("note", {"label": 1, "note": "\ud800"}),
        ("labelled_by", {"label": 1, "labelled_by": "a\nb"}),
        ("labelled_by", {"label": 1, "labelled_by": " "}),
        ("labelled_by", {"label": 1, "labelled_by": "x" * 65}),
    ],
)
def test_a_malformed_field_is_named_and_nothing_is_noted(archive: Archive, field: str, body: Any) -> None:
    id = archive.add()
    answer = label(archive, id, body)
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": field})
    assert labels(archive, id) == []


@pytest.mark.parametrize(("content", "type", "status"), [("[1]", "json", 400), ("{", "json", 400), ("1", "plain", 415)])
def test_what_is_no_json_object_is_refused(archive: Archive, content: str, type: str, status: int) -> None:
    url = f"/api/v1/analyses/{archive.add()}/label"
    assert archive.client.post(url, data=content, content_type=f"application/{type}").status_code == status


def test_nothing_is_known_of_an_unknown_id(archive: Archive) -> None:
    assert label(archive, NOBODY, {"label": 1}).status_code == 404
    assert label(archive, "nonsense", {"label": 1}).status_code == 400
    assert archive.client.get(f"/api/v1/analyses/{NOBODY}/labels").status_code == 404
    assert archive.client.get("/api/v1/analyses/nonsense/labels").status_code == 400


def test_the_documented_keys_are_the_presented_keys(archive: Archive) -> None:
    models = archive.client.get("/api/v1/swagger.json").get_json()["definitions"]
    assert set(models["Label"]["properties"]) == set(label(archive, archive.add(), {"label": 0}).get_json())
