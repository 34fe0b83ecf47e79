"""Rows from anywhere become one table, or are refused without telling what was in them."""

from pathlib import Path

import numpy as np
import pytest

from models.anomaly.table import BadTable, as_table, read_file

ROWS = [
    {"when": "2026-01-02T09:00:00+09:00", "who": "a", "x": "1.5", "y": "2"},
    {"when": "2026-01-01", "who": "b", "x": "0.5", "y": "1"},
    {"when": "2026-01-03", "who": "b", "x": "", "y": "1"},
]


def test_rows_are_put_in_the_order_of_time_and_those_with_gaps_are_counted() -> None:
    table = as_table(ROWS, date_column="when", group_column="who")
    assert table.columns == ("x", "y")
    assert table.values.tolist() == [[0.5, 1.0], [1.5, 2.0]]
    assert table.groups == ("b", "a")
    assert table.dates is not None
    assert table.dates.astype(str).tolist() == ["2026-01-01T00:00:00", "2026-01-02T00:00:00"]
    assert table.dropped == 1


@pytest.mark.parametrize("raw", ["", None, "nan", "inf", "1e50", float("inf")])
def test_what_is_no_finite_number_is_dropped(raw: object) -> None:
    table = as_table([{"x": 1}, {"x": raw}])
    assert table.dropped == 1
    assert table.values.tolist() == [[1.0]]


def test_columns_are_taken_by_name_in_the_order_asked_for() -> None:
    assert as_table(ROWS, columns=["y"]).values.tolist() == [[2.0], [1.0], [1.0]]


def test_labels_are_zero_and_one() -> None:
    table = as_table([{"x": 1, "bad": 0}, {"x": 2, "bad": 1}], label_column="bad")
    assert table.anomalous is not None
    assert table.anomalous.tolist() == [False, True]


@pytest.mark.parametrize(
    ("row", "named", "place"),
    [
        ({"x": "secret"}, {}, "row 1, column 'x'"),
        ({"x": 1}, {"columns": ["y"]}, "row 1 has no column 'y'"),
        ({"x": 1, "when": "secret"}, {"date_column": "when"}, "row 1, column 'when'"),
        ({"x": 1, "bad": "secret"}, {"label_column": "bad"}, "row 1, column 'bad'"),
        ({"x": ""}, {}, "no row"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_place(row: dict, named: dict, place: str) -> None:
    with pytest.raises(BadTable, match=place) as refused:
        as_table([row], **named)
    assert "secret" not in str(refused.value)


def test_csv_and_parquet_hold_the_same(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "t.csv").write_text("x,y\n1,2\n3,4\n", "utf-8-sig")
    parquet.write_table(pyarrow.table({"x": [1, 3], "y": [2.0, 4.0]}), tmp_path / "t.parquet")
    both = [as_table(read_file(tmp_path / name)) for name in ("t.csv", "t.parquet")]
    assert both[0].columns == both[1].columns == ("x", "y")
    np.testing.assert_array_equal(both[0].values, both[1].values)
