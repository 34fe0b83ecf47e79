from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import Settings
from scripts.load_numbers import main
from wiring import Services, build_services

HEAD = "number,name,source,checked_date\n"
POLICE, BANK = "112,경찰청,경찰청 안내,2026-03-01\n", '02-1599-1234,"어느 은행, 본점",은행 안내문,2026-02-01\n'


@pytest.fixture
def services(tmp_path: Path, environment: Callable[..., None]) -> Services:
    values = {"database_url": f"sqlite:///{tmp_path / 'a.sqlite3'}", "data_dir": str(tmp_path)}
    environment(**values)
    return build_services(Settings.from_env())


def load(folder: Path, content: str | bytes) -> int:
    path = folder / "numbers.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return main([str(path)])


def official(services: Services, declaration: str) -> str | None:
    assert services.records is not None
    found = services.records.number(declaration).official
    return found.name if found else None


def test_a_list_takes_the_place_of_the_one_before(tmp_path: Path, services: Services) -> None:
    assert load(tmp_path, HEAD + POLICE) == 0
    assert official(services, "112") == "경찰청"

    assert load(tmp_path, "\ufeff" + (HEAD + BANK).replace("\n", "\r\n")) == 0

    assert official(services, "112") is None
    assert official(services, "0215991234") == "어느 은행, 본점"


@pytest.mark.parametrize(
    ("bad", "line", "reason"),
    [
        ("전화,이름,출처,2026-03-01\n", 3, "phone number"),
        ("113,이름,출처,작년\n", 3, "checked_date"),
        ("113,,출처,2026-03-01\n", 3, "name"),
        ("113,이름,출처\n", 3, "fields"),
        ("113,이름,출처,2026-03-01,또\n", 3, "fields"),
        ("1-1-2,이름,출처,2026-03-01\n", 3, "earlier line"),
        (f"113,이름,{'x' * 1025},2026-03-01\n", 3, "source"),
        ('113,"이름,출처,2026-03-01\n', 3, "unexpected end"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(
    tmp_path: Path, services: Services, capsys: pytest.CaptureFixture[str], bad: str, line: int, reason: str
) -> None:
    assert load(tmp_path, HEAD + "119,소방청,안내,2026-03-01\n") == 0

    assert load(tmp_path, HEAD + POLICE + bad) == 1

    told = capsys.readouterr().err
    assert f"numbers.csv:{line}: " in told
    assert reason in told
    assert (official(services, "119"), official(services, "112")) == ("소방청", None)


def test_every_bad_line_is_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert load(tmp_path, HEAD + "a,b,c,d\n" + POLICE + "e,f,g,h\n") == 1
    told = capsys.readouterr().err
    assert "numbers.csv:2: " in told
    assert "numbers.csv:4: " in told


@pytest.mark.parametrize("content", ["", HEAD, "number,name\n112,경찰청\n"])
def test_a_list_without_numbers_or_columns_leaves_the_old_one(tmp_path: Path, services: Services, content: str) -> None:
    assert load(tmp_path, HEAD + POLICE) == 0
    assert load(tmp_path, content) == 1
    assert official(services, "112") == "경찰청"


def test_a_file_that_cannot_be_read_has_its_own_exit_code(tmp_path: Path) -> None:
    assert main([str(tmp_path / "missing.csv")]) == 2
    assert load(tmp_path, "번호".encode("cp949")) == 2
