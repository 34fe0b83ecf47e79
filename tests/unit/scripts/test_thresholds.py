import csv
from pathlib import Path

import numpy as np
import pytest

from scripts.thresholds import main


def scores(path: Path, rows: list[str], head: str = "score,label") -> str:
    path.write_text("\ufeff" + "\n".join([head, *rows]) + "\n", "utf-8")
    return str(path)


def table(path: Path) -> dict[str, dict[str, float]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row.pop("method"): {k: float(v) for k, v in row.items()} for row in csv.DictReader(file)}


def test_every_method_is_written_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = scores(tmp_path / "in.csv", [f"{n / 100},{int(n >= 60)}" for n in range(100)])
    out = tmp_path / "thresholds.csv"

    assert main([source, "--out", str(out), "--caution-fpr", "0.1"]) == 0

    rows = table(out)
    assert rows["max_f1"]["caution"] == 0.6
    assert rows["percentile_95"]["caution"] == np.percentile(np.arange(60) / 100, 95)
    assert rows["target_fpr"]["fpr_caution"] == 0.1
    assert rows["max_f1"]["recall_danger"] == 1.0
    assert all(method in capsys.readouterr().out for method in list(rows)[:1])


def test_scores_without_labels_or_of_another_unit_give_the_methods_of_one_class(tmp_path: Path) -> None:
    source = scores(tmp_path / "in.csv", [str(n * 1.5) for n in range(40)], head="score")
    assert main([source, "--out", str(tmp_path / "t.csv")]) == 0
    rows = table(tmp_path / "t.csv")
    assert set(rows) == {"mean_6_std", "min", "max", "moving_average", "percentile_95", "target_fpr"}
    assert (rows["max"]["caution"], rows["max"]["fpr_caution"]) == (58.5, 1 / 40)


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        (["0.1,0", "x,0"], "score,label", "line 3"),
        (["0.1,2"], "score,label", "line 2"),
        (["0.1,"], "score,label", "line 2"),
        (["0.1"], "value", "line 2"),
        (["0.1,1"], "score,label", "no genuine"),
        ([], "score,label", "no genuine"),
        (["nan,0"], "score,label", "finite"),
    ],
)
def test_a_file_that_cannot_be_used_ends_with_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[str], head: str, said: str
) -> None:
    assert main([scores(tmp_path / "in.csv", rows, head), "--out", str(tmp_path / "t.csv")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "t.csv").exists()


def test_no_file_ends_with_2(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none.csv"), "--out", str(tmp_path / "t.csv")]) == 2
