"""Promotion, roll-back and choice of a method, as those see it who run the service."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import InvalidRequest, ModelRefused, NotFound, Unavailable, VersionRefused
from models.registry import ModelVersion, activate, open_version, read_pointer
from service.lending import Lender
from service.model_versions import Kind, ModelVersions
from tests.unit.models.versions import add


@dataclass
class Loaded:
    version: str
    method: str


def load(version: ModelVersion) -> Loaded:
    if (version.folder / "unfit").exists():
        raise KeyError("ngrams")
    return Loaded(version.name, version.thresholds.method)


@dataclass
class Registry:
    """A store with one version and a process that works with it."""

    store: Path
    lender: Lender[Loaded] = field(init=False)
    service: ModelVersions = field(init=False)

    def __post_init__(self) -> None:
        self.lender, self.service = self.process()

    def process(self) -> tuple[Lender[Loaded], ModelVersions]:
        """Return what another process on the same store has."""
        wanted = lambda: read_pointer(self.store, "text")  # noqa: E731
        lender = Lender("text", lambda: load(open_version(self.store, "text")), wanted=wanted)
        return lender, ModelVersions(self.store, {"text": Kind(lender, load)})

    def add(self, content: bytes = b"weights", name: str = "weights.npz") -> str:
        return add(self.store, {name: content}).name


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = Registry(tmp_path)
    registry.service.promote("text", registry.add())
    return registry


def test_a_promotion_is_noticed_by_every_process(registry: Registry) -> None:
    other, its_service = registry.process()
    first = (registry.lender.borrow().version, other.borrow().version)
    second = registry.add(b"two")

    state = registry.service.promote("text", second, by="key 1")

    assert (state.active, state.loaded, state.error) == (second, second, None)
    assert its_service.of("text").loaded == first[1]
    assert other.borrow().version == second
    assert registry.service.promote("text", first[0]).loaded == first[0]
    assert other.borrow().version == first[0]


def test_a_process_that_has_no_model_loads_none_for_a_promotion(registry: Registry) -> None:
    registry.service.promote("text", registry.add(b"two"))
    assert not registry.lender.is_warm


def test_a_method_is_chosen_without_another_version(registry: Registry) -> None:
    before = registry.lender.borrow()
    assert registry.service.of("text").threshold_method == "max_f1"

    state = registry.service.choose_method("text", "eer")

    assert (state.threshold_method, registry.lender.borrow().method) == ("eer", "eer")
    assert (registry.lender.borrow().version, before.method) == (before.version, "max_f1")
    assert registry.service.promote("text", registry.add(b"two")).threshold_method == "max_f1"
    assert registry.service.promote("text", before.version, method="eer").threshold_method == "eer"


def test_an_altered_version_is_refused_and_the_previous_stays(registry: Registry) -> None:
    first, second = registry.lender.borrow().version, registry.add(b"two")
    (registry.store / "text" / second / "weights.npz").write_bytes(b"altered")
    with pytest.raises(VersionRefused, match="missing or altered"):
        registry.service.promote("text", second)
    assert (registry.service.of("text").active, registry.lender.borrow().version) == (first, first)


def test_a_version_that_cannot_be_loaded_is_refused(registry: Registry) -> None:
    unfit = registry.add(name="unfit")
    with pytest.raises(VersionRefused, match="cannot be loaded") as raised:
        registry.service.promote("text", unfit)
    assert raised.value.detail == {"version": unfit, "error": "KeyError"}
    assert registry.service.of("text").active != unfit


def test_a_version_altered_behind_the_pointer_is_reported_and_the_previous_goes_on(registry: Registry) -> None:
    first, second = registry.lender.borrow().version, registry.add(b"two")
    other, its_service = registry.process()
    other.borrow()
    registry.service.promote("text", second)
    (registry.store / "text" / second / "weights.npz").write_bytes(b"altered")

    assert other.borrow().version == first

    state = its_service.of("text")
    assert (state.active, state.loaded, state.error) == (second, first, "text model file is missing or altered")
    its_service.promote("text", first)
    assert (other.borrow().version, its_service.of("text").error) == (first, None)


def test_a_version_that_was_mended_is_taken_up_at_once_when_it_is_promoted_again(registry: Registry) -> None:
    registry.lender.borrow()
    weights = registry.store / "text" / (second := registry.add(b"two")) / "weights.npz"
    activate(registry.store, "text", second)
    weights.write_bytes(b"altered")
    assert registry.lender.borrow().version != second

    weights.write_bytes(b"two")
    state = registry.service.promote("text", second)
    assert (state.loaded, state.error) == (second, None)


def test_a_damaged_pointer_is_reported_and_mended_by_a_promotion(registry: Registry) -> None:
    first = registry.lender.borrow().version
    (registry.store / "text" / "active").write_text("{")
    assert registry.lender.borrow().version == first
    state = registry.service.of("text")
    assert (state.active, state.loaded, state.error) == (None, first, "the pointer to the active text model is damaged")
    state = registry.service.promote("text", first)
    assert (state.active, state.loaded, state.error) == (first, first, None)


@pytest.mark.parametrize("version", ["20260101T000000Z-00000000", "..", "../text", "", "가"])
def test_an_unknown_version_is_not_found(registry: Registry, version: str) -> None:
    with pytest.raises(NotFound):
        registry.service.promote("text", version)


def test_an_unknown_kind_or_method_changes_nothing(registry: Registry) -> None:
    name = registry.service.of("text").active or ""
    for wrong in (
        lambda: registry.service.promote("../text", name),
        lambda: registry.service.choose_method("voice", "eer"),
        lambda: registry.service.of("voice"),
    ):
        with pytest.raises(NotFound):
            wrong()
    with pytest.raises(InvalidRequest, match="eer, max_f1"):
        registry.service.promote("text", name, method="unknown")
    with pytest.raises(InvalidRequest, match="eer, max_f1"):
        registry.service.choose_method("text", "unknown")
    assert registry.service.of("text").threshold_method == "max_f1"


def test_no_method_can_be_chosen_where_nothing_is_active(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="active"):
        Registry(tmp_path).service.choose_method("text", "eer")


def test_no_method_can_be_chosen_for_an_altered_version(registry: Registry) -> None:
    manifest = registry.store / "text" / str(registry.service.of("text").active) / "manifest.json"
    manifest.write_text("{}")
    with pytest.raises(VersionRefused):
        registry.service.choose_method("text", "eer")


def test_a_store_that_cannot_be_written_is_unavailable(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr("models.registry.activation.write_pointer", read_only)
    with pytest.raises(Unavailable, match="written"):
        registry.service.choose_method("text", "eer")


def test_a_process_that_starts_with_an_altered_version_says_so_and_can_be_rolled_back(registry: Registry) -> None:
    first, second = registry.service.of("text").active or "", registry.add(b"two")
    registry.service.promote("text", second)
    (registry.store / "text" / second / "weights.npz").write_bytes(b"altered")
    lender, service = registry.process()
    with pytest.raises(ModelRefused):
        lender.borrow()
    service.promote("text", first)
    assert lender.borrow().version == first
