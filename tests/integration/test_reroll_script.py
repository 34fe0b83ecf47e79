import json
from typing import Any

import pytest

from db.store import AnalysisStore
from scripts import reroll as script
from tests.integration.db.test_rerolls import KOREAN, add


@pytest.fixture
def run(
    store: AnalysisStore,
    database_url: str,
    environment: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """The script on this database: exit code and what it printed besides its log, which tests open down to INFO."""
    environment(database_url=database_url)
    monkeypatch.setattr(script, "configure_logging", lambda level: None)

    def run(*arguments: str) -> tuple[int, Any, str]:
        code = script.main([*arguments])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else None, printed.err

    return run


def test_the_script_prints_the_answer(store: AnalysisStore, run: Any) -> None:
    add(store, "a", KOREAN.encode(), user_id="user-1", declaration="01012345678")
    code, answer, _ = run("--user-id", " user-1", "--declaration", "+82 10-1234-5678")
    assert (code, [item["new"]["grade"] for item in answer["items"]]) == (0, [2])


def test_the_script_tells_when_nothing_was_found_or_could_be_scored(store: AnalysisStore, run: Any) -> None:
    pair = ("--user-id", "user-1", "--declaration", "112")
    assert run(*pair) == (1, None, "reroll: there is no finished analysis of that user and number\n")
    add(store, "a", None, user_id="user-1", declaration="112")
    assert run(*pair)[0] == 1
    assert run(*pair, "--model-version", "20200101T000000Z-00000000")[:2] == (1, None)


def test_the_script_passes_over_the_table_and_says_how_fast(store: AnalysisStore, run: Any) -> None:
    add(store, "a", KOREAN.encode())
    add(store, "b", KOREAN.encode("utf-16"))
    code, summary, err = run("--outdated", "--limit", "10")
    assert (code, summary["rescored"], summary["undecodable"], summary["grade_changed"]) == (0, 1, 1, 1)
    assert summary["rows_per_s"] > 0
    assert err == ""
    assert run("--outdated")[1]["rescored"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "--user-id u",
        "--declaration 112",
        "--user-id u --declaration letters",
        "--user-id u --declaration 112 --id x",
        "--user-id u --declaration 112 --limit 1",
        "--outdated --user-id u",
        "--outdated --model-version v",
        "--outdated --limit 0",
    ],
)
def test_bad_arguments_end_with_2(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        script.main(arguments.split())
    assert ended.value.code == 2
    assert "112" not in capsys.readouterr().err
