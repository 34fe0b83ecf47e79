"""A version is opened only as it was published."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.types import Thresholds
from models.registry import ModelVersion, open_version, publish
from tests.unit.models.versions import KEPT, MANIFEST, add

EVERY_FILE = [*KEPT, "thresholds.csv", "manifest.json"]
OLD_CONTENT = b"weights of an earlier release"


def refused(version: ModelVersion) -> str:
    with pytest.raises(ModelRefused) as raised:
        open_version(version.folder.parent.parent, version.kind, version.name)
    return raised.value.message


def test_the_manifest_tells_what_made_it_and_how_good_it_is(tmp_path: Path) -> None:
    version = add(tmp_path)
    said = version.manifest
    assert set(said) >= {*MANIFEST, "kind", "line", "reason", "code", "created", "data_fingerprint", "sha256"}
    assert (said["version"], said["kind"], said["line"], said["reason"]) == (version.name, "text", "default", None)
    assert said["code"]
    assert set(said["sha256"]) == {*KEPT, "thresholds.csv"}
    assert said["sha256"]["weights.npz"] == sha256(KEPT["weights.npz"]).hexdigest()
    assert version.thresholds == Thresholds("max_f1", caution=0.3, danger=0.7)


def test_other_data_has_another_fingerprint(tmp_path: Path) -> None:
    one = add(tmp_path).manifest["data_fingerprint"]
    other = add(tmp_path, kind="voice").manifest["data_fingerprint"]
    assert one == other
    manifest = {**MANIFEST, "data": {"files": {}}}
    assert publish(tmp_path, "text", lambda folder: None, manifest=manifest).manifest["data_fingerprint"] != one


@pytest.mark.parametrize("file", EVERY_FILE)
@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["longer", "shorter", "empty", "gone", "a folder"],
)
def test_a_file_that_is_not_as_it_was_published_is_refused(
    tmp_path: Path, file: str, harm: Callable[[Path], object]
) -> None:
    version = add(tmp_path)
    harm(version.folder / file)
    assert "missing or altered" in refused(version)


@pytest.mark.parametrize("file", EVERY_FILE)
def test_a_link_in_the_place_of_a_file_is_refused_though_the_content_is_right(tmp_path: Path, file: str) -> None:
    version = add(tmp_path / "store")
    path = version.folder / file
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    refused(version)


def test_a_link_to_a_folder_is_refused_inside_a_version_and_in_its_place(tmp_path: Path) -> None:
    version = add(tmp_path / "store")
    members = version.folder / "members"
    members.rename(tmp_path / "members")
    members.symlink_to(tmp_path / "members")
    refused(version)
    members.unlink()
    (tmp_path / "members").rename(members)
    assert open_version(tmp_path / "store", "text", version.name).name == version.name
    version.folder.rename(tmp_path / "moved")
    version.folder.symlink_to(tmp_path / "moved")
    refused(version)


@pytest.mark.parametrize("file", ["planted.onnx", "members/two/network.onnx"])
def test_a_file_that_nobody_published_is_refused(tmp_path: Path, file: str) -> None:
    version = add(tmp_path)
    (version.folder / file).parent.mkdir(exist_ok=True)
    (version.folder / file).write_bytes(b"planted")
    refused(version)


@pytest.mark.parametrize("key", ["thresholds", "threshold_method", "metrics", "data", "reason", "line"])
def test_a_manifest_that_says_something_else_is_refused(tmp_path: Path, key: str) -> None:
    version = add(tmp_path)
    path = version.folder / "manifest.json"
    changed = {**version.manifest, key: "eer"}
    path.write_text(json.dumps(changed))
    refused(version)
    del changed[key]
    path.write_text(json.dumps(changed))
    refused(version)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '"text"', '{"version": 1}', "\udcff"])
def test_a_manifest_that_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    version = add(tmp_path)
    (version.folder / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    refused(version)


@pytest.mark.parametrize(
    "name", ["..", ".", "", "../text", "/etc", "a/b", "20260101T000000Z-00000000/..", "20260101T000000Z-00000000\n"]
)
def test_a_name_that_is_no_version_leads_nowhere(tmp_path: Path, name: str) -> None:
    version = add(tmp_path)
    shutil.copytree(version.folder, tmp_path / "text" / "20260101T000000Z-00000000")
    with pytest.raises(ModelRefused, match="no text model version of that name"):
        open_version(tmp_path, "text", name)


@pytest.mark.parametrize("kind", ["../text", "", "other"])
def test_a_kind_that_is_none_leads_nowhere(tmp_path: Path, kind: str) -> None:
    version = add(tmp_path)
    for name in (version.name, None):
        with pytest.raises(ModelRefused):
            open_version(tmp_path, kind, name)


@pytest.mark.parametrize("file", ["../secret", "/etc/hostname", "a/../../secret", "./weights.npz", "a//b"])
def test_a_manifest_of_an_earlier_release_cannot_name_files_elsewhere(tmp_path: Path, file: str) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "secret").write_bytes(OLD_CONTENT)
    version = earlier_release(tmp_path, {file: sha256(OLD_CONTENT).hexdigest()})
    refused(version)


def test_a_version_of_an_earlier_release_is_opened(tmp_path: Path) -> None:
    version = earlier_release(tmp_path, {"weights.npz": sha256(OLD_CONTENT).hexdigest()})
    (version.folder / "weights.npz").write_bytes(OLD_CONTENT)
    assert open_version(tmp_path, "text", version.name).manifest["type"] == "fake"


def earlier_release(store: Path, hashes: dict[str, str]) -> ModelVersion:
    """Write a version as it was before manifests had a hash of their own."""
    name = f"20260101T000000Z-{sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:8]}"
    folder = store / "text" / name
    folder.mkdir(parents=True)
    manifest = {**MANIFEST, "kind": "text", "version": name, "created": "2026-01-01", "sha256": hashes}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return ModelVersion("text", name, folder, manifest)
