from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidRequest, NotFound, Unavailable
from core.records import HistoryFilter, NumberReport, OfficialNumber, Page, Position, Summary
from core.types import Label
from service.records import BATCH, MAX_OFFSET, Records

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = HistoryFilter()


def summary(number: int) -> Summary:
    created = NOW - timedelta(minutes=number)
    return Summary(str(number), "done", 100, "u", "112", "a", 1.0, 0, 0, None, None, created, created)


class Shelf:
    """Holds summaries in order; positions are indexes."""

    def __init__(self, rows: int = 0) -> None:
        self.rows = [summary(number) for number in range(rows)]
        self.given: list[Label] = []
        self.asked: list[int] = []
        self.down_after: int | None = None

    def page(self, wanted: HistoryFilter, *, size: int, after: Position | None = None, skip: int = 0) -> Page:
        if self.down_after is not None and len(self.asked) >= self.down_after:
            raise Unavailable("the database does not answer")
        start = int(after.id) if after else skip
        self.asked.append(start)
        end = start + size
        return Page(tuple(self.rows[start:end]), Position("", str(end)) if end < len(self.rows) else None)

    def add_label(self, label: Label) -> None:
        self.given.append(label)

    def labels(self, analysis_id: str) -> tuple[Label, ...] | None:
        return None

    def number(self, declaration: str) -> NumberReport:
        raise NotImplementedError

    def replace_official(self, official: Sequence[OfficialNumber]) -> None:
        raise NotImplementedError


def ids(page: Page) -> list[str]:
    return [item.id for item in page.items]


def test_pages_are_counted_from_one() -> None:
    records = Records(store=Shelf(5))
    assert ids(records.page(ALL, size=2)) == ["0", "1"]
    assert ids(records.page(ALL, size=2, number=3)) == ["4"]


def test_a_position_comes_before_a_page_number() -> None:
    records = Records(store=Shelf(5))
    end = records.page(ALL, size=2).end
    assert ids(records.page(ALL, size=2, after=end, number=MAX_OFFSET)) == ["2", "3"]


def test_page_numbers_end_at_the_bound_and_not_before() -> None:
    records = Records(store=Shelf())
    assert ids(records.page(ALL, size=50, number=MAX_OFFSET // 50)) == []
    with pytest.raises(InvalidRequest) as caught:
        records.page(ALL, size=50, number=MAX_OFFSET // 50 + 1)
    assert caught.value.detail == {"field": "page"}


def test_an_export_reads_batch_by_batch_and_only_as_far_as_it_is_taken() -> None:
    shelf = Shelf(2 * BATCH + 1)
    rows = Records(store=shelf).export(ALL)
    assert shelf.asked == [0]
    for _ in range(BATCH):
        next(rows)
    assert shelf.asked == [0]
    assert len(list(rows)) == BATCH + 1
    assert shelf.asked == [0, BATCH, 2 * BATCH]


def test_an_export_of_a_database_that_is_away_fails_before_it_begins() -> None:
    shelf = Shelf(1)
    shelf.down_after = 0
    with pytest.raises(Unavailable):
        Records(store=shelf).export(ALL)


def test_an_export_that_is_cut_off_does_not_look_complete() -> None:
    shelf = Shelf(BATCH + 1)
    shelf.down_after = 1
    rows = Records(store=shelf).export(ALL)
    with pytest.raises(Unavailable):
        list(rows)


def test_a_label_says_who_and_when() -> None:
    shelf = Shelf()
    given = Records(store=shelf, clock=lambda: NOW).label("a", 1, note="돈을 보냄", by="상담원 1")
    assert shelf.given == [given]
    assert (given.analysis_id, given.label, given.note, given.labelled_by) == ("a", 1, "돈을 보냄", "상담원 1")
    assert given.created_date == NOW


def test_labels_of_nothing_are_not_found() -> None:
    with pytest.raises(NotFound):
        Records(store=Shelf()).labels("a")
