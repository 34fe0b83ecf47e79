"""Which versions of the models there are, which one is active, and changing that while calls are analysed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from core.errors import InvalidRequest, ModelRefused, NotFound, Unavailable, VersionRefused
from models.registry import Listed, ModelVersion, activate, choose_method, list_versions, open_version, read_pointer
from service.lending import Lender


class Versioned(Protocol):
    """A loaded model that knows its name."""

    @property
    def version(self) -> str:
        """Version name in the registry."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How analyses come by models of one kind: ``lender`` lends the active one, ``load`` opens any."""

    lender: Lender[Any]
    load: Callable[[ModelVersion], Versioned]


@dataclass(frozen=True, slots=True)
class KindState:
    """A kind as it stands: ``active`` is what the pointer names, ``loaded`` what this process works with.

    They differ until the next call when something was just promoted, and as long as ``error`` says why the active
    version cannot be loaded.
    """

    kind: str
    active: str | None
    threshold_method: str | None
    loaded: str | None
    error: str | None
    versions: tuple[Listed, ...]


class ModelVersions:
    """The registry for those who run the service. Every process notices a change by the pointer in the store."""

    def __init__(self, store: Path, kinds: Mapping[str, Kind]) -> None:
        self._store, self._kinds = store, kinds

    def all(self) -> tuple[KindState, ...]:
        """Return every kind; artefacts are not read."""
        return tuple(self.of(kind) for kind in self._kinds)

    def of(self, kind: str) -> KindState:
        """Return one kind, or raise ``NotFound``."""
        lender = self._kind(kind).lender
        versions, active, error = list_versions(self._store, kind), None, lender.error
        try:
            active = read_pointer(self._store, kind)
        except ModelRefused as refused:
            error = refused.message
        name = active.version if active else None
        method = active.threshold_method if active else None
        if method is None:
            method = next((v.manifest.get("threshold_method") for v in versions if v.name == name), None)
        model = lender.peek()
        return KindState(kind, name, method, model.version if model else None, error, versions)

    def promote(self, kind: str, version: str, *, method: str | None = None, by: str | None = None) -> KindState:
        """Make a version active, or roll back to it; the next call is analysed with it, calls that run keep theirs.

        Raises:
            NotFound: when there is no such kind or version.
            InvalidRequest: when the version has no thresholds of that method.
            VersionRefused: when its files are incomplete or altered, or cannot be loaded: what is active stays.
            Unavailable: when the store cannot be written.
        """
        load = self._kind(kind).load
        known = {listed.name: listed for listed in list_versions(self._store, kind)}
        if version not in known:
            raise NotFound(f"there is no {kind} model version of that name", field="version")
        _check_method(method, known[version], field="threshold_method")
        with _refusing():
            try:
                load(open_version(self._store, kind, version))  # what cannot be loaded must not be promoted
            except ModelRefused:
                raise
            except Exception as error:
                raise ModelRefused("the model cannot be loaded", version=version, error=type(error).__name__) from error
            activate(self._store, kind, version, method=method, by=by)
        return self._taken(kind)

    def choose_method(self, kind: str, method: str, *, by: str | None = None) -> KindState:
        """Let the active version grade by another of its threshold methods.

        Raises:
            NotFound: when there is no such kind, or nothing of it is active.
            InvalidRequest: when the active version has no thresholds of that method.
            VersionRefused: when the active version is altered.
            Unavailable: when the store cannot be written.
        """
        state = self.of(kind)
        active = next((listed for listed in state.versions if listed.name == state.active), None)
        if active is None:
            raise NotFound(f"no {kind} model is active", field="kind")
        if active.manifest:
            _check_method(method, active, field="method")
        with _refusing():
            choose_method(self._store, kind, method, by=by)
        return self._taken(kind)

    def _kind(self, name: str) -> Kind:
        if name not in self._kinds:
            raise NotFound(f"kind is one of {', '.join(self._kinds)}", field="kind")
        return self._kinds[name]

    def _taken(self, kind: str) -> KindState:
        """Have this process take up the change at once when it works with models of this kind at all."""
        lender = self._kinds[kind].lender
        if lender.is_warm:
            lender.retry()
            lender.borrow()
        return self.of(kind)


def _check_method(method: str | None, version: Listed, *, field: str) -> None:
    methods = sorted(version.manifest.get("thresholds", ()))
    if method is not None and methods and method not in methods:
        raise InvalidRequest(f"{field} is one of {', '.join(methods)}", field=field)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ModelRefused as error:
        raise VersionRefused(error.message, **error.detail) from error
    except OSError as error:
        raise Unavailable("the model store cannot be read or written") from error
