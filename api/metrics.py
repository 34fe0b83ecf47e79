"""``/metrics`` at the root, in the Prometheus text format."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from core.types import QueueState, Status

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Count what waits, from the database: every server of an installation gives the same numbers."""
    state: QueueState = current_app.extensions["moksori"].health.queue_state()
    registry = CollectorRegistry()
    analyses = Gauge("moksori_analyses", "Stored analyses", ["status"], registry=registry)
    for status, number in state.by_status.items():
        analyses.labels(status=status.value).set(number)
    queued, running = state.by_status[Status.QUEUED], state.by_status[Status.RUNNING]
    Gauge("moksori_queue_length", "Analyses that wait for a runner", registry=registry).set(queued)
    Gauge("moksori_running", "Analyses that are being run", registry=registry).set(running)
    age = (datetime.now(UTC) - state.oldest_queued).total_seconds() if state.oldest_queued else 0.0
    Gauge("moksori_oldest_queued_seconds", "How long the oldest of them has waited", registry=registry).set(age)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
