"""``/api/v1/analyses``."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request, url_for
from flask_restx import Namespace, Resource, fields

from api.events import event_stream
from api.history import FILTERS, PAGING, answer_page, page_model
from api.present import analysis_model, error_model, present_analysis
from api.requests import RESPOND_ASYNC, parse_id, parse_idempotency_key, parse_new_analysis, prefers_async
from service.analyses import Analyses

ns = Namespace("analyses", description="통화 분석 / analyses of recorded calls")
ANALYSIS = analysis_model(ns)
PAGE = page_model(ns)
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
    @ns.param("Prefer", "respond-async: answer 202 at once (RFC 7240)", _in="header")
    @ns.param("Idempotency-Key", "The same key and request give the same analysis", _in="header")
    @ns.response(200, "Finished", ANALYSIS)
    @ns.response(202, "Accepted; Location names the analysis", ANALYSIS)
    @ns.response(400, "Malformed field", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(403, "Path outside the audio root", ERROR)
    @ns.response(404, "No such file", ERROR)
    @ns.response(409, "The Idempotency-Key came with another request before", ERROR)
    @ns.response(413, "File or call too large", ERROR)
    @ns.response(415, "Neither JSON nor multipart", ERROR)
    @ns.response(422, "No decodable audio", ERROR)
    @ns.response(500, "The analysis was given up; its row is kept and says why", ERROR)
    @ns.response(503, "A dependency does not answer, or too many calls wait (Retry-After)", ERROR)
    def post(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Analyse one call: JSON, or multipart with the recording in ``file``.

        Waits for the result unless the client prefers otherwise; hanging up loses nothing either way.
        """
        new, upload = parse_new_analysis(request)
        key = parse_idempotency_key(request)
        save = upload.save if upload else None
        if prefers_async(request):
            analysis = _service().submit(new, save_upload=save, key=key)
            code = 200 if analysis.is_final else 202
            return present_analysis(analysis), code, {**_location(analysis.id), "Preference-Applied": RESPOND_ASYNC}
        analysis = _service().analyse(new, save_upload=save, key=key)
        return present_analysis(analysis), 200, _location(analysis.id)

    @ns.doc(params={**FILTERS, **PAGING})
    @ns.response(200, "Newest first, without transcripts", PAGE)
    @ns.response(400, "Malformed parameter", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self) -> dict[str, Any]:
        """List analyses, page by page."""
        return answer_page(request)


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

    @ns.response(200, "Cancelled; a running one stops at its next chunk", ANALYSIS)
    @ns.response(204, "It had ended: erased, files included")
    @ns.response(400, "Not a UUID", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such analysis", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def delete(self, id: str) -> tuple[dict[str, Any] | str, int]:
        """Cancel an analysis that is queued or running, erase one that has ended."""
        cancelled = _service().delete(parse_id(id))
        return ("", 204) if cancelled is None else (present_analysis(cancelled), 200)


@ns.route("/<string:id>/events")
@ns.param("id", "UUID of an analysis")
class AnalysisEvents(Resource):  # type: ignore[misc]
    """What happens to one analysis."""

    @ns.produces(["text/event-stream", "application/json"])
    @ns.param("Last-Event-ID", "Go on after this event", _in="header")
    @ns.response(200, "Events named progress, and one named result that ends the stream")
    @ns.response(204, "Nothing comes after Last-Event-ID")
    @ns.response(400, "Not a UUID", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such analysis", ERROR)
    @ns.response(503, "The database does not answer, or too many requests stay open", ERROR)
    def get(self, id: str) -> Response:
        """Follow an analysis as server-sent events, from its start or from Last-Event-ID."""
        return event_stream(_service(), parse_id(id), request.headers.get("Last-Event-ID"))


def _location(id: str) -> dict[str, str]:
    return {"Location": url_for("analyses_analysis_item", id=id)}
