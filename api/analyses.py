"""``/api/v1/analyses``."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask_restx import Namespace, Resource, fields

from api.present import analysis_model, error_model, present_analysis
from api.requests import parse_id, parse_new_analysis
from service.analyses import Analyses

ns = Namespace("analyses", description="통화 분석 / analyses of recorded calls")
ANALYSIS = analysis_model(ns)
ERROR = error_model(ns)
NEW = ns.model(
    "NewAnalysis",
    {
        "file_path": fields.String(required=True, description="Below MOKSORI_AUDIO_ROOT", example="call.m4a"),
        "user_id": fields.String(required=True, example="user-1"),
        "declaration": fields.String(required=True, description="Reported number", example="010-1234-4567"),
        "callback_url": fields.String(description="Receives 25/50/75/100 %; its host must be allowed"),
    },
)


def _service() -> Analyses:
    service: Analyses = current_app.extensions["moksori"].analyses
    return service


@ns.route("")
class AnalysisList(Resource):  # type: ignore[misc]
    """All analyses."""

    @ns.expect(NEW)
    @ns.response(200, "Finished", ANALYSIS)
    @ns.response(400, "Malformed field", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(403, "Path outside the audio root", ERROR)
    @ns.response(404, "No such file", ERROR)
    @ns.response(413, "File or call too large", ERROR)
    @ns.response(415, "Neither JSON nor multipart", ERROR)
    @ns.response(422, "No decodable audio", ERROR)
    @ns.response(503, "A dependency does not answer, or too many calls wait", ERROR)
    def post(self) -> dict[str, Any]:
        """Analyse one call and wait for the result: JSON, or multipart with the recording in ``file``."""
        new, upload = parse_new_analysis(request)
        analysis = _service().analyse(new, save_upload=upload.save if upload else None)
        return present_analysis(analysis)


@ns.route("/<string:id>")
@ns.param("id", "UUID of an analysis")
class AnalysisItem(Resource):  # type: ignore[misc]
    """One analysis."""

    @ns.response(200, "The analysis", ANALYSIS)
    @ns.response(400, "Not a UUID", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such analysis", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self, id: str) -> dict[str, Any]:
        """Return one analysis."""
        return present_analysis(_service().get(parse_id(id)))
