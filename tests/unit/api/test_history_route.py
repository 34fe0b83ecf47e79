import base64
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.records import BATCH
from tests.unit.api.conftest import NOW, Archive

URL = "/api/v1/analyses"
FILE = f"{URL}.csv"
DAY = timedelta(days=1)


def page(archive: Archive, **parameters: Any) -> Any:
    answer = archive.client.get(URL, query_string=parameters)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def ids(body: Any) -> list[str]:
    return [item["id"] for item in body["items"]]


def lines(archive: Archive, **parameters: Any) -> list[dict[str, str]]:
    text = archive.client.get(FILE, query_string=parameters).get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cursor(*content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def test_a_call_is_summed_up_without_what_was_said(archive: Archive) -> None:
    id = archive.add(disdata=2, mfcc=0, reroll=1, label=1, content="비밀".encode(), duration_s=61.5, finished_date=NOW)

    assert page(archive) == {
        "items": [
            {
                "id": id,
                "status": "done",
                "progress": 100,
                "user_id": "user-1",
                "declaration": "01012345678",
                "audio_file": "a.m4a",
                "duration_s": 61.5,
                "predict1": 2,
                "predict2": 0,
                "reroll": 1,
                "label": 1,
                "created_date": "2026-03-01T12:00:00.000+00:00",
                "finished_date": "2026-03-01T12:00:00.000+00:00",
            }
        ],
        "next": None,
    }


def test_the_documented_keys_are_the_presented_keys(archive: Archive) -> None:
    archive.add()
    models = archive.client.get("/api/v1/swagger.json").get_json()["definitions"]
    body = page(archive)
    assert set(models["Page"]["properties"]) == set(body)
    assert set(models["Summary"]["properties"]) == set(body["items"][0])


@pytest.mark.parametrize("name", ["page_size", "per_page"])
def test_following_next_visits_every_call_once_while_calls_come_in(archive: Archive, name: str) -> None:
    expected = [archive.add(number, created_date=NOW - number * DAY) for number in range(5)]

    first = page(archive, **{name: 2})
    archive.add(9, created_date=NOW + DAY)
    second = page(archive, **{name: 2}, cursor=first["next"])
    third = page(archive, **{name: 2}, cursor=second["next"])

    assert ids(first) + ids(second) + ids(third) == expected
    assert third["next"] is None


def test_a_cursor_comes_before_a_page_number(archive: Archive) -> None:
    added = [archive.add(number) for number in range(3)][::-1]
    first = page(archive, page_size=1)
    assert ids(page(archive, page_size=1, page=3)) == added[2:]
    assert ids(page(archive, page_size=1, page=3, cursor=first["next"])) == added[1:2]


def test_a_page_holds_fifty_unless_told(archive: Archive) -> None:
    for number in range(51):
        archive.add(number)
    assert len(page(archive)["items"]) == 50
    assert len(page(archive, page_size=200)["items"]) == 51


def test_filters_choose(archive: Archive) -> None:
    a = archive.add(1, user_id="김철수", declaration="0215991234", disdata=2)
    b = archive.add(2, created_date=datetime(2026, 2, 28, 15, tzinfo=UTC), disdata=0, status="failed")

    for chosen in (
        {"user_id": "김철수"},
        {"declaration": "+82-2-1599-1234"},
        {"declaration": "02)1599-1234"},
        {"grade": 2},
        {"status": "done"},
        {"from": "2026-03-01"},
        {"from": "2026-02-28T15:00:00.001Z"},
        {"user_id": "김철수", "grade": "2", "to": "2026-03-02"},
    ):
        assert ids(page(archive, **chosen)) == [a], chosen
    for chosen in ({"to": "2026-03-01"}, {"grade": 0}, {"status": "failed"}, {"to": "2026-02-28T15:00:00.001Z"}):
        assert ids(page(archive, **chosen)) == [b], chosen


@pytest.mark.parametrize(
    "moment", ["2026-03-01T00:00+09:00", "2026-03-01T00:00:00%2B09:00", "2026-03-01T00:00:00 09:00", "2026-02-28T15:00"]
)
def test_times_of_other_zones_are_understood_with_and_without_escapes(archive: Archive, moment: str) -> None:
    id = archive.add(created_date=datetime(2026, 2, 28, 15, tzinfo=UTC))

    assert ids(archive.client.get(f"{URL}?from={moment}").get_json()) == [id]
    assert ids(archive.client.get(f"{URL}?to={moment}").get_json()) == []


def test_the_name_of_a_user_is_found_however_it_was_composed(archive: Archive) -> None:
    id = archive.add(user_id="\uae40")
    assert ids(page(archive, user_id="\u1100\u1175\u11b7 ")) == [id]


@pytest.mark.parametrize("url", [URL, FILE])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("user_id", ""),
        ("user_id", "  "),
        ("user_id", "a\x00"),
        ("user_id", "x" * 256),
        ("declaration", "abc"),
        ("declaration", ""),
        ("from", "yesterday"),
        ("from", "2026-13-01"),
        ("to", "0001-01-01T00:00+09:00"),
        ("grade", "3"),
        ("grade", "-1"),
        ("grade", "two"),
        ("status", "finished"),
    ],
)
def test_a_malformed_filter_is_named(archive: Archive, url: str, field: str, value: str) -> None:
    answer = archive.client.get(url, query_string={field: value})
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"], error["detail"]) == (400, "invalid_request", {"field": field})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("page_size", "0"),
        ("page_size", "201"),
        ("page_size", "1.5"),
        ("per_page", "-1"),
        ("per_page", "٣"),
        ("page", "0"),
        ("page", "201"),
        ("page", "9" * 30),
        ("cursor", "!"),
        ("cursor", "한글"),
        ("cursor", "AAAA"),
        ("cursor", cursor()),
        ("cursor", cursor("2026-03-01")),
        ("cursor", cursor("2026-99-01", "a")),
        ("cursor", cursor("2026-03-01", 1)),
        ("cursor", cursor("2026-03-01", "\ud800")),
        ("cursor", cursor("2026-03-01\ud80009:00", "a")),
        ("cursor", base64.urlsafe_b64encode(b"[" * 9000).decode()),
    ],
)
def test_a_malformed_place_is_named(archive: Archive, field: str, value: str) -> None:
    answer = archive.client.get(URL, query_string={field: value})
    assert (answer.status_code, answer.get_json()["error"]["detail"]) == (400, {"field": field})


def test_contradictions_are_refused(archive: Archive) -> None:
    turned = archive.client.get(URL, query_string={"from": "2026-03-02", "to": "2026-03-01"})
    assert (turned.status_code, turned.get_json()["error"]["detail"]) == (400, {"field": "to"})
    twice = archive.client.get(f"{URL}?user_id=a&user_id=b")
    assert (twice.status_code, twice.get_json()["error"]["detail"]) == (400, {"field": "user_id"})


def test_the_file_holds_every_call_of_the_filters_newest_first(archive: Archive) -> None:
    added = [archive.add(number, user_id="홍길동, 서울", disdata=2) for number in range(3)]
    archive.add(9, disdata=0)

    rows = lines(archive, grade=2)

    assert [row["id"] for row in rows] == added[::-1]
    assert {row["user_id"] for row in rows} == {"홍길동, 서울"}
    assert list(rows[0]) == list(page(archive)["items"][0])
    assert (rows[0]["declaration"], rows[0]["predict1"], rows[0]["label"]) == ("01012345678", "2", "")


def test_spreadsheets_read_the_file_as_unicode_and_save_it(archive: Archive) -> None:
    answer = archive.client.get(FILE)
    assert answer.get_data().startswith(b"\xef\xbb\xbfid,status,")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "analyses.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(archive: Archive, start: str) -> None:
    archive.add(user_id=f"{start}HYPERLINK(1)", audio_file=f"{start}a", declaration="+82 10")
    (row,) = lines(archive)
    assert (row["user_id"], row["audio_file"]) == (f"'{start}HYPERLINK(1)", f"'{start}a")
    assert row["declaration"] == "'+82 10"


def test_the_file_is_sent_as_it_is_read(archive: Archive) -> None:
    for number in range(BATCH + 1):
        archive.add(number)

    answer = archive.client.get(FILE)
    chunks = answer.iter_encoded()
    content = b""
    while content.count(b"\n") < BATCH:
        content += next(chunks)
    archive.store.remove("3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f0000")
    content += b"".join(chunks)

    assert content.count(b"\n") == BATCH + 1  # field names, the first batch, nothing of what was erased meanwhile


def test_an_open_download_takes_a_place_and_gives_it_back(archive: Archive) -> None:
    download = archive.client.get(FILE)

    assert archive.client.get(FILE).status_code == 503
    download.close()
    assert archive.client.get(FILE).status_code == 200


def test_a_database_that_is_away_gives_an_error_and_not_an_empty_file(archive: Archive) -> None:
    archive.store.write(lambda connection: connection.exec_driver_sql("ALTER TABLE analysis RENAME TO away"))
    answer = archive.client.get(FILE)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "unavailable")
