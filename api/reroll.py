"""``/api/v1/reroll``."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import Request, current_app, request
from flask_restx import Namespace, Resource, fields

from api.present import error_model, nullable
from api.requests import json_object, parse_id, required_field, text_field, user_id_field
from core.errors import InvalidRequest
from service.declaration import normalise_declaration
from service.reroll import Reroll

MAX_VERSION = 64

ns = Namespace("reroll", description="저장된 통화 다시 판정 / stored transcripts scored again")
ERROR = error_model(ns)
WANTED = ns.model(
    "RerollRequest",
    {
        "user_id": fields.String(required=True, example="user-1"),
        "declaration": fields.String(required=True, description="Reported number", example="010-1234-4567"),
        "id": fields.String(description="UUID of one analysis of that user and number; default: all of them"),
        "model_version": fields.String(description="Version of the text model; default: the active one"),
    },
)
_JUDGED = {
    "grade": nullable(fields.Integer(description="0 safe, 1 caution, 2 danger; null when not judged", min=0, max=2)),
    "score": nullable(fields.Float(description="0..1; null when not judged, or not kept", min=0, max=1)),
    "model_version": nullable(fields.String()),
}
_OLD = ns.model("OldVerdict", _JUDGED)
_NEW = ns.model(
    "NewVerdict",
    {**_JUDGED, "reason": nullable(fields.String(enum=["no_speech", "too_short", "not_korean", "low_confidence"]))},
)
_PROBLEM = ns.model(
    "RerollProblem",
    {"code": fields.String(enum=["no_transcript", "undecodable", "not_found"]), "message": fields.String},
)
_ITEM = ns.model(
    "RerollItem",
    {
        "id": fields.String,
        "old": fields.Nested(_OLD, description="Of the last reroll, or of the analysis"),
        "new": nullable(fields.Nested(_NEW)),
        "error": nullable(fields.Nested(_PROBLEM, description="Why the row was left as it is")),
    },
)
ANSWER = ns.model("RerollAnswer", {"model_version": fields.String, "items": fields.List(fields.Nested(_ITEM))})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A validated request; both keys are there."""

    user_id: str
    declaration: str
    id: str | None
    model_version: str | None


@ns.route("")
class RerollList(Resource):  # type: ignore[misc]
    """The finished analyses of one user about one number."""

    @ns.expect(WANTED)
    @ns.response(200, "Every row, scored or with the reason why it was left as it is", ANSWER)
    @ns.response(400, "Malformed field, or one of user_id and declaration is missing", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No finished analysis of that user and number, or no such model version", ERROR)
    @ns.response(413, "Body too large", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(503, "The database does not answer, or the model's files are incomplete or altered", ERROR)
    def post(self) -> dict[str, Any]:
        """Score stored transcripts again; writes ``reroll`` and leaves ``predict1`` and ``predict2`` alone.

        Both ``user_id`` and ``declaration`` are required: one alone would hit rows of others.
        """
        wanted = parse_reroll(request)
        service: Reroll = current_app.extensions["moksori"].reroll
        answer = service.pair(wanted.user_id, wanted.declaration, id=wanted.id, model_version=wanted.model_version)
        return asdict(answer)


def parse_reroll(request: Request) -> Wanted:
    """Read the body of ``POST /reroll``.

    Raises:
        InvalidRequest: for a missing or malformed field, which the message and ``detail.field`` name.
        UnsupportedMediaType: for anything but JSON.
    """
    body = json_object(request)
    id, version = body.get("id"), body.get("model_version")
    if id is not None and not isinstance(id, str):
        raise InvalidRequest("the id of an analysis is a UUID", field="id")
    return Wanted(
        user_id=user_id_field(body),
        declaration=normalise_declaration(required_field(body, "declaration")),
        id=None if id is None else parse_id(id),
        model_version=None if version is None else text_field(body, "model_version", MAX_VERSION),
    )
