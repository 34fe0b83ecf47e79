"""``/healthz`` and ``/readyz`` at the root."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from service.health import Health

blueprint = Blueprint("health", __name__)


def _health() -> Health:
    health: Health = current_app.extensions["moksori"].health
    return health


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Say what is warm and whether the database answers; 503 until everything is ready."""
    report = _health().report()
    return jsonify(ready=report.ready, checks=report.checks), 200 if report.ready else 503
