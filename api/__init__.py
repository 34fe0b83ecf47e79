"""The only room that knows Flask, besides app.py and web."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, g, request
from flask_restx import Api

from api.analyses import ns as analyses
from api.errors import error_response, register_errors
from api.guidance import ns as guidance
from api.health import blueprint as health
from api.history_csv import ns as history
from api.labels import ns as labels
from api.metrics import blueprint as metrics
from api.model_updates import ns as model_updates
from api.models import ns as models
from api.numbers import ns as numbers
from api.reroll import ns as reroll
from api.text_analyses import ns as text_analyses

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class OneShapeApi(Api):  # type: ignore[misc]
    """Flask-RESTX with our error shape instead of its own."""

    def handle_error(self, e: Exception) -> Response:
        """Answer every error below /api/v1 as everywhere else."""
        return error_response(e)


def register_api(app: Flask) -> None:
    """Add every route, the request id and the error shape to the application."""

    def name_request() -> None:
        given = request.headers.get(REQUEST_ID_HEADER, "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())

    def answer_request_id(response: Response) -> Response:
        response.headers[REQUEST_ID_HEADER] = g.get("request_id", "")
        return response

    app.before_request(name_request)
    app.after_request(answer_request_id)
    register_errors(app)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    api = OneShapeApi(
        app,
        version="1",
        title="목소리 Moksori",
        description="보이스피싱 통화 분석 서비스 / Korean voice-phishing call analysis",
        prefix="/api/v1",
        doc="/api/v1/",
        authorizations={"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        security="key",
        contact=None,
    )
    api.add_namespace(analyses, path="/analyses")
    api.add_namespace(guidance, path="/guidance")
    api.add_namespace(history, path="/analyses.csv")
    api.add_namespace(labels, path="/analyses")
    api.add_namespace(models, path="/models")
    api.add_namespace(model_updates, path="/model-updates")
    api.add_namespace(numbers, path="/numbers")
    api.add_namespace(reroll, path="/reroll")
    api.add_namespace(text_analyses, path="/text-analyses")
