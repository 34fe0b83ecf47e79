"""``/api/v1/model-updates``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import Request, current_app, request
from flask_restx import Namespace, Resource, fields

from api.present import error_model, iso, nullable
from api.requests import json_object, parse_id, text_field, user_id_field
from core.errors import InvalidRequest
from core.evidence import RowFilter, UpdateRun
from service.update_runs import RecordedUpdates
from service.update_wanted import KINDS, OUTCOMES, Wanted, check

MAX_TEXT, MAX_NEW = 1024, 1_000_000_000

ns = Namespace("model-updates", description="모델 갱신 / models that learn from stored calls")
ERROR = error_model(ns)
WANTED = ns.model(
    "ModelUpdateRequest",
    {
        "kind": fields.String(
            enum=list(KINDS), default="text", description="voice learns from recordings whose voice_label is known"
        ),
        "plain": fields.Boolean(description="Learn from all rows with disdata as label, as earlier systems did"),
        "dry_run": fields.Boolean(description="Do everything but write a version"),
        "min_new": fields.Integer(description="Newly labelled calls without which nothing is done", min=0),
        "line": fields.String(
            description="Named line of versions", example="site-1", pattern="^[a-z0-9][a-z0-9_-]{0,31}$"
        ),
        "user_id": fields.String(description="Calls of this user only; needs a line, like every limit"),
        "since": fields.String(description="Created at this date or time, or later", example="2026-03-01"),
        "until": fields.String(description="Created before this date or time"),
        "source": fields.String(description="Calls whose audio_file begins so: the folder of a site"),
    },
)
RUN = ns.model(
    "ModelUpdate",
    {
        "id": fields.String,
        "kind": fields.String(enum=list(KINDS)),
        "status": fields.String(enum=["queued", "running", "done", "failed"]),
        "outcome": nullable(fields.String(enum=list(OUTCOMES.values()), description="How it ended; null before")),
        "version": nullable(fields.String(description="The version it made, promoted or not")),
        "summary": nullable(fields.String(description="One line for people")),
        "options": fields.Raw(description="What was asked for; never whose calls"),
        "report": fields.Raw(description="Figures by source, rows, reasons; the version's report.html shows them"),
        "created_date": fields.DateTime,
        "started_date": nullable(fields.DateTime()),
        "finished_date": nullable(fields.DateTime()),
    },
)


@ns.route("")
class ModelUpdateList(Resource):  # type: ignore[misc]
    """Updates of the text and of the voice model."""

    @ns.expect(WANTED)
    @ns.response(
        202, "Started in a process of its own; Location says where to ask", RUN, headers={"Location": "Its URL"}
    )
    @ns.response(400, "Malformed field, or a limit without a line of its own", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(409, "Another update is running", ERROR)
    @ns.response(413, "Body too large", ERROR)
    @ns.response(415, "Not JSON", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def post(self) -> tuple[dict[str, Any], int, dict[str, str]]:
        """Let the active model learn from stored calls; it is replaced only by one that is worse nowhere."""
        run = _updates().start(parse_wanted(request))
        return present(run), 202, {"Location": f"{request.base_url}/{run.id}"}


@ns.route("/<string:id>")
@ns.param("id", "UUID of an update")
class ModelUpdate(Resource):  # type: ignore[misc]
    """One update."""

    @ns.response(200, "Its state, and its figures when it has ended", RUN)
    @ns.response(400, "Not a UUID", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(404, "No such update", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self, id: str) -> dict[str, Any]:
        """Return how far an update is and what it found."""
        return present(_updates().get(parse_id(id, of="a model update")))


def parse_wanted(request: Request) -> Wanted:
    """Read the body of ``POST /model-updates``; what is missing or null takes its default.

    Raises:
        InvalidRequest: for a malformed field, which the message and ``detail.field`` name.
        UnsupportedMediaType: for anything but JSON.
    """
    given = {name: value for name, value in json_object(request).items() if value is not None}
    chosen = RowFilter(
        user_id=user_id_field(given) if "user_id" in given else None,
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        source=text_field(given, "source", MAX_TEXT) if "source" in given else None,
    )
    wanted = Wanted(
        chosen, plain=_flag(given, "plain"), dry_run=_flag(given, "dry_run"), min_new=_count(given, "min_new")
    )
    if "kind" in given:
        wanted = replace(wanted, kind=text_field(given, "kind", MAX_TEXT))
    if "line" in given:
        wanted = replace(wanted, line=text_field(given, "line", MAX_TEXT))
    check(wanted)
    return wanted


def present(run: UpdateRun) -> dict[str, Any]:
    """Return the JSON form of an update."""
    return {
        "id": run.id,
        "kind": run.kind,
        "status": run.status,
        "outcome": None if run.exit_code is None else OUTCOMES.get(run.exit_code, "failed"),
        "version": run.version,
        "summary": run.summary,
        "options": dict(run.options),
        "report": dict(run.report),
        "created_date": iso(run.created_date),
        "started_date": iso(run.started_date),
        "finished_date": iso(run.finished_date),
    }


def _updates() -> RecordedUpdates:
    updates: RecordedUpdates = current_app.extensions["moksori"].updates
    return updates


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise InvalidRequest(f"{name} must be true or false", field=name)
    return value


def _count(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NEW):
        raise InvalidRequest(f"{name} must be a whole number from 0 to {MAX_NEW}", field=name)
    return value


def _moment(given: Mapping[str, Any], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        found = datetime.fromisoformat(text_field(given, name, MAX_TEXT))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{name} must be a date or time such as 2026-03-01", field=name) from None
