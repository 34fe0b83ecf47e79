"""The house keeps its walls."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT

ALLOWED = {
    "core": set(),
    "models": {"core"},
    "db": {"core"},
    "pipeline": {"core", "models"},
    "service": {"core", "pipeline", "models", "db"},
    "api": {"core", "service"},
    "scripts": {"core", "wiring", "service", "models", "pipeline"},
    "wiring": {"core", "db", "models", "pipeline", "service"},
    "app": {"core", "api", "wiring"},
}
FORBIDDEN = {
    "core": {"flask", "sqlalchemy", "tensorflow"},
    "models": {"flask", "sqlalchemy"},
    "db": {"flask", "tensorflow"},
    "pipeline": {"flask", "sqlalchemy", "os", "time", "datetime"},
    "service": {"flask", "sqlalchemy", "tensorflow", "keras"},
    "api": {"sqlalchemy", "tensorflow", "numpy"},
    "scripts": {"flask"},
    "wiring": {"flask"},
}
PIPELINE_KNOWS = {"models.protocols"}
MAX_LINES = 250


def sources(room: str) -> list[Path]:
    return [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").is_file() else sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_knows_only_the_rooms_below_it(room: str) -> None:
    ours = set(ALLOWED) | {"tests"}
    for path in sources(room):
        for name in imports(path):
            top = name.partition(".")[0]
            assert top not in ours - ALLOWED[room] - {room}, f"{path.name} imports {name}"
            assert top not in FORBIDDEN.get(room, set()), f"{path.name} imports {name}"


def test_the_pipeline_knows_models_by_protocol_only() -> None:
    for path in sources("pipeline"):
        ours = {name for name in imports(path) if name.startswith("models")}
        assert ours <= PIPELINE_KNOWS, path.name


def test_nothing_shadows_the_standard_library() -> None:
    names = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert not names & sys.stdlib_module_names


def test_files_stay_small() -> None:
    rooms = [path for room in (*ALLOWED, "tests") for path in sources(room) if "migrations" not in path.parts]
    long = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in rooms}
    assert {name: lines for name, lines in long.items() if lines > MAX_LINES} == {}
    assert long["app.py"] <= 60


def test_nothing_unpickles() -> None:
    for room in ALLOWED:
        for path in sources(room):
            if path.name == "legacy_pickle.py":  # reads one class of an earlier system and refuses everything else
                continue
            assert not {"pickle", "joblib", "dill", "cloudpickle", "shelve"} & set(imports(path)), path.name
            assert "allow_pickle=True" not in path.read_text("utf-8")
