from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.records import OfficialNumber
from tests.unit.api.conftest import Archive


def number(archive: Archive, declaration: str) -> Any:
    return archive.client.get(f"/api/v1/numbers/{declaration}")


def test_a_number_tells_how_often_it_was_reported_and_how_those_calls_scored(archive: Archive) -> None:
    archive.add(1, disdata=2, label=1, created_date=datetime(2026, 2, 1, tzinfo=UTC))
    archive.add(2, disdata=2, user_id="user-2")
    archive.add(3, disdata=0, label=0)
    archive.add(4, status="failed")
    archive.add(5, declaration="0101234567")

    assert number(archive, "01012345678").get_json() == {
        "declaration": "01012345678",
        "official": None,
        "reports": 4,
        "distinct_reporters": 2,
        "first_seen": "2026-02-01T00:00:00.000+00:00",
        "last_seen": "2026-03-01T12:00:00.000+00:00",
        "by_grade": {"0": 1, "1": 0, "2": 2, "null": 1},
        "by_month": [
            {"month": "2026-02", "reports": 1, "grade_2": 1},
            {"month": "2026-03", "reports": 3, "grade_2": 1},
        ],
        "labelled_scam": 1,
        "labelled_normal": 1,
    }


@pytest.mark.parametrize("notation", ["010-1234-5678", "+82 10 1234 5678", "010%2F1234%2F5678", "010/1234/5678"])
def test_every_notation_finds_the_number(archive: Archive, notation: str) -> None:
    archive.add()
    assert number(archive, notation).get_json()["reports"] == 1


def test_a_number_never_reported_is_zeros(archive: Archive) -> None:
    answer = number(archive, "112")
    body = answer.get_json()
    assert (answer.status_code, body["reports"], body["by_month"], body["first_seen"]) == (200, 0, [], None)
    assert body["by_grade"] == {"0": 0, "1": 0, "2": 0, "null": 0}


def test_an_official_number_says_whose_it_is_and_who_says_so(archive: Archive) -> None:
    official = OfficialNumber("112", "경찰청", "https://www.police.go.kr", date(2026, 3, 1))
    archive.records.replace_official([official])
    assert number(archive, "1-1-2").get_json()["official"] == {
        "name": "경찰청",
        "source": "https://www.police.go.kr",
        "checked_date": "2026-03-01",
    }


@pytest.mark.parametrize("malformed", ["abc", "12", "1" * 16, "112;", "%00112"])
def test_what_is_no_number_is_refused_without_repeating_it(archive: Archive, malformed: str) -> None:
    answer = number(archive, malformed)
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": "declaration"})
    assert malformed not in answer.get_json()["error"]["message"]


def test_the_documented_keys_are_the_presented_keys(archive: Archive) -> None:
    models = archive.client.get("/api/v1/swagger.json").get_json()["definitions"]
    body = number(archive, "112").get_json()
    assert set(models["Number"]["properties"]) == set(body)
    assert set(models["ReportsByGrade"]["properties"]) == set(body["by_grade"])
