"""Documents stay true."""

from dataclasses import fields

import pytest

from core.settings import PREFIX, ROOT, Settings


@pytest.mark.parametrize("readme", ["README.md", "README.ko.md"])
@pytest.mark.parametrize("name", [PREFIX + field.name.upper() for field in fields(Settings)])
def test_every_setting_is_in_both_readmes(readme: str, name: str) -> None:
    assert f"`{name}`" in (ROOT / readme).read_text("utf-8")


def test_both_readmes_have_the_same_chapters_and_commands() -> None:
    english, korean = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))
    assert english.count("\n## ") == korean.count("\n## ")
    assert english.count("```") == korean.count("```")


def test_every_direct_dependency_is_pinned() -> None:
    for path in ROOT.glob("requirements*.txt"):
        lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
        assert all("==" in line for line in lines if line and not line.startswith("-r")), path.name


def test_ci_calls_the_test_command_of_the_readme() -> None:
    assert "make test" in (ROOT / ".ci/run").read_text("utf-8")
    assert "make test" in (ROOT / "README.md").read_text("utf-8")
