"""The pointer names version and method, changes in one step, and every change is written down."""

import json
import threading
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.types import Thresholds
from models.registry import Pointer, activate, choose_method, list_versions, open_version, read_pointer
from tests.unit.models.versions import add


def history(store: Path) -> list[dict[str, object]]:
    path = store / "history.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_promotion_method_and_roll_back_are_facts(tmp_path: Path) -> None:
    one, two = add(tmp_path), add(tmp_path, {"weights.npz": b"two"})

    activate(tmp_path, "text", one.name, by="operator")
    activate(tmp_path, "text", two.name, method="eer", by="update")
    choose_method(tmp_path, "text", "max_f1")
    activate(tmp_path, "text", one.name)

    told = [(fact["from"], fact["to"], fact["method"], fact["by"]) for fact in history(tmp_path)]
    assert told == [
        (None, one.name, "max_f1", "operator"),
        (one.name, two.name, "eer", "update"),
        (two.name, two.name, "max_f1", None),
        (two.name, one.name, "max_f1", None),
    ]
    assert {(fact["kind"], fact["line"]) for fact in history(tmp_path)} == {("text", "default")}
    assert all(str(fact["time"]).endswith("+00:00") for fact in history(tmp_path))


def test_the_active_version_grades_by_the_method_chosen_and_its_files_stay_as_they_are(tmp_path: Path) -> None:
    version = add(tmp_path)
    before = {path: path.read_bytes() for path in version.folder.rglob("*") if path.is_file()}
    activate(tmp_path, "text", version.name)
    assert open_version(tmp_path, "text").thresholds.method == "max_f1"
    choose_method(tmp_path, "text", "eer")
    assert open_version(tmp_path, "text").thresholds == Thresholds("eer", caution=0.4, danger=0.8)
    assert open_version(tmp_path, "text", version.name).thresholds.method == "max_f1"
    assert {path: path.read_bytes() for path in version.folder.rglob("*") if path.is_file()} == before


def test_what_is_active_already_is_not_written_again(tmp_path: Path) -> None:
    version = add(tmp_path)
    activate(tmp_path, "text", version.name)
    inode = (tmp_path / "text" / "active").stat().st_ino
    activate(tmp_path, "text", version.name, method="max_f1")
    choose_method(tmp_path, "text", "max_f1")
    assert ((tmp_path / "text" / "active").stat().st_ino, len(history(tmp_path))) == (inode, 1)


def test_a_pointer_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    version = add(tmp_path)
    (tmp_path / "text" / "active").write_text(version.name + "\n")
    assert read_pointer(tmp_path, "text") == Pointer(version.name)
    assert open_version(tmp_path, "text").name == version.name
    choose_method(tmp_path, "text", "eer")
    assert read_pointer(tmp_path, "text") == Pointer(version.name, "eer")


@pytest.mark.parametrize("text", ["{", "{}", '{"version": 7, "threshold_method": null}', "\udcff", '{"version": "x"}'])
def test_a_damaged_pointer_is_refused_and_mended_by_the_next_promotion(tmp_path: Path, text: str) -> None:
    version = add(tmp_path)
    (tmp_path / "text" / "active").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ModelRefused):
        open_version(tmp_path, "text")
    activate(tmp_path, "text", version.name)
    assert open_version(tmp_path, "text").name == version.name


@pytest.mark.parametrize("pointed", ["", "../voice/x", "20260101T000000Z-00000000"])
def test_a_pointer_to_nothing_is_refused(tmp_path: Path, pointed: str) -> None:
    add(tmp_path)
    (tmp_path / "text" / "active").write_text(pointed)
    with pytest.raises(ModelRefused):
        open_version(tmp_path, "text")
    with pytest.raises(ModelRefused):
        choose_method(tmp_path, "text", "eer")


def test_an_altered_version_and_an_unknown_method_change_nothing(tmp_path: Path) -> None:
    good, bad = add(tmp_path), add(tmp_path, {"weights.npz": b"two"})
    activate(tmp_path, "text", good.name)
    (bad.folder / "weights.npz").write_bytes(b"altered")
    with pytest.raises(ModelRefused, match="altered"):
        activate(tmp_path, "text", bad.name)
    with pytest.raises(ModelRefused, match="method"):
        activate(tmp_path, "text", good.name, method="unknown")
    with pytest.raises(ModelRefused, match="method"):
        choose_method(tmp_path, "text", "unknown")
    with pytest.raises(ModelRefused, match="no active voice"):
        choose_method(tmp_path, "voice", "eer")
    assert (read_pointer(tmp_path, "text"), len(history(tmp_path))) == (Pointer(good.name), 1)


def test_a_line_has_a_pointer_of_its_own(tmp_path: Path) -> None:
    main, branch = add(tmp_path), add(tmp_path, {"weights.npz": b"two"}, line="branch-7")
    activate(tmp_path, "text", main.name)
    activate(tmp_path, "text", branch.name, line="branch-7")
    assert open_version(tmp_path, "text").name == main.name
    assert open_version(tmp_path, "text", line="branch-7").name == branch.name
    assert [listed.name for listed in list_versions(tmp_path, "text", line="branch-7")] == [branch.name]
    assert {fact["line"] for fact in history(tmp_path)} == {"default", "branch-7"}


def test_the_list_tells_what_became_of_each_version(tmp_path: Path) -> None:
    active, candidate = add(tmp_path), add(tmp_path, {"weights.npz": b"two"})
    kept = add(tmp_path, {"weights.npz": b"three"}, reason="worse on bank calls")
    damaged = add(tmp_path, {"weights.npz": b"four"})
    (damaged.folder / "manifest.json").write_text("{")
    activate(tmp_path, "text", active.name)

    found = list_versions(tmp_path, "text")

    assert [listed.name for listed in found] == sorted((listed.name for listed in found), reverse=True)
    assert {listed.name: (listed.status, listed.reason) for listed in found} == {
        active.name: ("active", None),
        candidate.name: ("candidate", None),
        kept.name: ("candidate", "worse on bank calls"),
        damaged.name: ("damaged", "the manifest of a model version is missing or altered"),
    }
    assert list_versions(tmp_path, "voice") == ()


def test_whoever_reads_meanwhile_finds_version_and_method_of_one_change(tmp_path: Path) -> None:
    versions = [add(tmp_path, {"weights.npz": bytes([n])}).name for n in range(2)]
    pairs = {(versions[0], "eer"), (versions[1], "max_f1")}
    activate(tmp_path, "text", versions[0], method="eer")
    seen, done = set(), threading.Event()

    def look() -> None:
        while not done.is_set():
            pointer = read_pointer(tmp_path, "text")
            seen.add(pointer and (pointer.version, pointer.threshold_method))

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(25):
        for version, method in pairs:
            activate(tmp_path, "text", version, method=method)
    done.set()
    for reader in readers:
        reader.join()
    assert seen <= pairs
    facts = history(tmp_path)
    assert [fact["from"] for fact in facts[1:]] == [fact["to"] for fact in facts[:-1]]
