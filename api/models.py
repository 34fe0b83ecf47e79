"""``/api/v1/models``: versions of the models, promotion and roll-back, threshold methods."""

from __future__ import annotations

from typing import Any

from flask import Request, current_app, g, request
from flask_restx import Namespace, Resource, fields

from api.present import error_model, nullable
from api.requests import json_object, text_field
from service.model_versions import KindState, ModelVersions

MAX_NAME = 64

ns = Namespace("models", description="모델 버전, 승격과 되돌리기, 임계값 방법 / model versions, promotion, thresholds")
ERROR = error_model(ns)
_METHOD = "Threshold method, such as target_fpr, percentile_95, max_f1"
ACTIVE = ns.model(
    "ActiveVersion",
    {
        "version": fields.String(required=True, description="Version to promote or to roll back to"),
        "threshold_method": fields.String(description=f"{_METHOD}; default: the version's own"),
    },
)
THRESHOLD = ns.model("ThresholdMethod", {"method": fields.String(required=True, description=_METHOD)})
_BORDERS = "{method: {caution, danger}}: grades 1 and 2 begin there, 0..1"
VERSION = ns.model(
    "ModelVersion",
    {
        "version": fields.String,
        "status": fields.String(enum=["active", "candidate", "damaged"]),
        "reason": nullable(fields.String(description="Why it was not promoted, or what is damaged")),
        "line": fields.String(description="default, or the name of an update limited to a user, a site or a time"),
        "type": nullable(fields.String(description="Kind of network")),
        "created": nullable(fields.String(description="ISO 8601, UTC")),
        "code": nullable(fields.String(description="Code that made it")),
        "data_fingerprint": nullable(fields.String(description="SHA-256 of what is told of its data")),
        "threshold_method": nullable(fields.String(description="Method of its own")),
        "thresholds": fields.Raw(description=_BORDERS),
        "metrics": fields.Raw(description="Held-out figures, by source where there are sources"),
    },
)
KIND = ns.model(
    "ModelKind",
    {
        "kind": fields.String(enum=["text", "voice"]),
        "active": nullable(fields.String(description="Version that the next call is analysed with")),
        "threshold_method": nullable(fields.String(description="Method it grades by")),
        "loaded": nullable(fields.String(description="Version in the memory of the process that answers")),
        "error": nullable(fields.String(description="Why that process goes on with another version than the active")),
        "versions": fields.List(fields.Nested(VERSION), description="Newest first"),
    },
)
KINDS = ns.model("ModelKinds", {"kinds": fields.List(fields.Nested(KIND))})


@ns.route("")
class ModelList(Resource):  # type: ignore[misc]
    """Every kind of model."""

    @ns.response(200, "Every version with its figures, and which one is active", KINDS)
    @ns.response(401, "Missing or wrong API key", ERROR)
    def get(self) -> dict[str, Any]:
        """Return the versions of every kind."""
        return {"kinds": [_present(state) for state in _service().all()]}


@ns.route("/<string:kind>/active")
@ns.param("kind", "Kind of model", enum=["text", "voice"])
class ActiveModel(Resource):  # type: ignore[misc]
    """The version that analyses use."""

    @ns.expect(ACTIVE)
    @ns.response(200, "The kind as it stands now; the next call is analysed with that version", KIND)
    @ns.response(400, "Malformed field, or a threshold method that the version does not have", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such kind or version", ERROR)
    @ns.response(413, "Body too large", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(422, "Its files are incomplete or altered, or cannot be loaded: what was active stays", ERROR)
    @ns.response(503, "The model store cannot be written", ERROR)
    def put(self, kind: str) -> dict[str, Any]:
        """Promote a version, or roll back to one; calls that are being analysed keep theirs."""
        version, method = parse_active(request)
        return _present(_service().promote(kind, version, method=method, by=_who()))


@ns.route("/<string:kind>/threshold")
@ns.param("kind", "Kind of model", enum=["text", "voice"])
class ModelThreshold(Resource):  # type: ignore[misc]
    """The method by which the active version grades."""

    @ns.expect(THRESHOLD)
    @ns.response(200, "The kind as it stands now; the next call is graded by that method", KIND)
    @ns.response(400, "Malformed field, or a method that the active version does not have", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such kind, or nothing of it is active", ERROR)
    @ns.response(413, "Body too large", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(422, "The active version is altered: nothing was changed", ERROR)
    @ns.response(503, "The model store cannot be written", ERROR)
    def put(self, kind: str) -> dict[str, Any]:
        """Choose the threshold method of the active version; the version itself is not changed."""
        method = text_field(json_object(request), "method", MAX_NAME)
        return _present(_service().choose_method(kind, method, by=_who()))


def parse_active(request: Request) -> tuple[str, str | None]:
    """Read version and threshold method.

    Raises:
        InvalidRequest: for a missing or malformed field, which the message and ``detail.field`` name.
        UnsupportedMediaType: for anything but JSON.
    """
    body = json_object(request)
    version, method = text_field(body, "version", MAX_NAME), body.get("threshold_method")
    return version, None if method is None else text_field(body, "threshold_method", MAX_NAME)


def _service() -> ModelVersions:
    service: ModelVersions = current_app.extensions["moksori"].models
    return service


def _who() -> str:
    return str(g.get("caller", "api"))


def _present(state: KindState) -> dict[str, Any]:
    told = ("type", "created", "code", "data_fingerprint", "threshold_method")
    versions = [
        {
            "version": listed.name,
            "status": listed.status,
            "reason": listed.reason,
            "line": listed.line,
            **{key: listed.manifest.get(key) for key in told},
            "thresholds": listed.manifest.get("thresholds", {}),
            "metrics": listed.manifest.get("metrics", {}),
        }
        for listed in state.versions
    ]
    return {
        "kind": state.kind,
        "active": state.active,
        "threshold_method": state.threshold_method,
        "loaded": state.loaded,
        "error": state.error,
        "versions": versions,
    }
