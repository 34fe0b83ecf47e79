from __future__ import annotations

import pytest

from core.errors import Unavailable
from pipeline.stt import weights
from pipeline.stt.weights import FOLDER, base_weights, verified


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cache")
    base_weights(folder)
    return folder


def test_the_packages_give_the_expected_weights_and_nothing_else(cache):
    assert verified(cache / FOLDER)
    assert {path.name for path in cache.iterdir()} == {FOLDER, f".{FOLDER}.lock"}


def test_good_weights_are_not_built_again(cache):
    before = (cache / FOLDER / "model.bin").stat().st_ino
    assert (base_weights(cache) / "model.bin").stat().st_ino == before


def test_a_damaged_cache_is_rebuilt(cache):
    (cache / FOLDER / "config.json").write_text("{}")
    (cache / FOLDER / "tokenizer.json").unlink()
    assert verified(base_weights(cache))


def test_other_bytes_in_the_packages_are_refused_and_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "SHA256", {"config.json": "0" * 64})
    with pytest.raises(Unavailable):
        base_weights(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f".{FOLDER}.lock"]


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "_PARTS", {"config.json": (("no_such_package", "config.json"),)})
    with pytest.raises(Unavailable, match="no-such-package"):
        base_weights(tmp_path)


def test_a_cache_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        base_weights(tmp_path / "file" / "cache")
