"""``/api/v1/text-analyses``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import current_app, request
from flask_restx import Namespace, Resource, fields

from api.present import error_model, text_model
from api.requests import json_object
from core.errors import InvalidRequest
from service.text_analyses import MAX_CHARS, TextAnalyses

ns = Namespace("text-analyses", description="글로 된 통화 판정, 저장하지 않음 / transcripts judged, nothing stored")
ERROR = error_model(ns)
WANTED = ns.model(
    "NewTextAnalysis",
    {"text": fields.String(required=True, description="Transcript, one or many lines", max_length=MAX_CHARS)},
)


@ns.route("")
class TextAnalysisList(Resource):  # type: ignore[misc]
    """Judge a text."""

    @ns.expect(WANTED)
    @ns.response(200, "The text part of an Analysis, without times; nulls and a reason when not judged", text_model(ns))
    @ns.response(400, "text is missing, no string, or not valid Unicode", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(413, f"Longer than {MAX_CHARS} characters", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(503, "The model's files are incomplete or altered", ERROR)
    def post(self) -> dict[str, Any]:
        """Judge a transcript at once; nothing is stored."""
        text = json_object(request).get("text")
        if not isinstance(text, str):
            raise InvalidRequest("text is required and must be a string", field="text")
        service: TextAnalyses = current_app.extensions["moksori"].texts
        return asdict(service.judge(text))
