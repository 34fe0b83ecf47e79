"""``/api/v1/analyses/{id}/label`` and ``/labels``: what people found out about a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Request, request
from flask_restx import Namespace, Resource, fields

from api.history import records
from api.present import error_model, label_model, present_label
from api.requests import json_object, parse_id
from core.errors import InvalidRequest

MAX_NOTE, MAX_NAME = 1000, 64
ns = Namespace("labels", description="사람의 판정 / verdicts of people")
ERROR = error_model(ns)
NEW = ns.model(
    "NewLabel",
    {
        "label": fields.Integer(required=True, enum=[0, 1], description="1 confirmed scam, 0 보이스피싱 아님"),
        "voice_label": fields.Integer(
            enum=[0, 1], description="The voice: 1 altered or synthetic, 0 genuine; left out when nobody judged it"
        ),
        "note": fields.String(description="Why; kept with the label"),
        "labelled_by": fields.String(description="Who"),
    },
)
LABEL = label_model(ns)
LABELS = ns.model("Labels", {"items": fields.List(fields.Nested(LABEL))})


@ns.route("/<string:id>/label")
@ns.param("id", "UUID of an analysis")
class NewestLabel(Resource):  # type: ignore[misc]
    """The verdict of a person."""

    @ns.expect(NEW)
    @ns.response(201, "Noted; earlier labels are kept", LABEL)
    @ns.response(400, "Malformed field", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such analysis", ERROR)
    @ns.response(413, "Body too large", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def post(self, id: str) -> tuple[dict[str, Any], int]:
        """Label a call as a confirmed scam or as none; it can be labelled again."""
        analysis_id, (label, voice, note, by) = parse_id(id), _parse(request)
        return present_label(records().label(analysis_id, label, note=note, by=by, voice=voice)), 201


@ns.route("/<string:id>/labels")
@ns.param("id", "UUID of an analysis")
class LabelList(Resource):  # type: ignore[misc]
    """Every label of one analysis."""

    @ns.response(200, "Newest first; the first one counts", LABELS)
    @ns.response(400, "Not a UUID", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such analysis", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self, id: str) -> dict[str, Any]:
        """Return how a call was labelled, by whom and when."""
        return {"items": [present_label(label) for label in records().labels(parse_id(id))]}


def _parse(request: Request) -> tuple[int, int | None, str | None, str | None]:
    """Read label, voice_label, note and labelled_by.

    Raises:
        InvalidRequest: for a missing or malformed field, which the message and ``detail.field`` name.
        UnsupportedMediaType: when it is not JSON.
    """
    body = json_object(request)
    label = _verdict(body, "label", "1 (scam) or 0 (not)")
    voice = None if body.get("voice_label") is None else _verdict(body, "voice_label", "1 (altered) or 0 (genuine)")
    return label, voice, _text(body, "note", MAX_NOTE, allowed="\n\r\t"), _text(body, "labelled_by", MAX_NAME)


def _verdict(body: Mapping[str, Any], name: str, words: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value not in (0, 1):
        raise InvalidRequest(f"{name} must be {words}, as a number", field=name)
    return value


def _text(body: Mapping[str, Any], name: str, limit: int, *, allowed: str = "") -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > limit or not value.strip():
        raise InvalidRequest(f"{name} must be text of 1 to {limit} characters", field=name)
    if not all(character.isprintable() or character in allowed for character in value):
        raise InvalidRequest(f"{name} must be printable text", field=name)
    return value.strip()
