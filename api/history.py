"""Pages of the history: their parameters, cursors and JSON form."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flask import Request, current_app
from flask_restx import Namespace, fields

from api.present import iso, nullable
from core.errors import InvalidRequest
from core.records import HistoryFilter, Position, Summary
from core.types import Status
from service.declaration import normalise_declaration
from service.records import MAX_OFFSET, Records

MAX_USER_ID, MAX_PAGE_SIZE, PAGE_SIZE = 255, 200, 50
COLUMNS = [field.name for field in dataclasses.fields(Summary)]
FILTERS: Mapping[str, dict[str, Any]] = {
    "user_id": {"description": "Who reported the call"},
    "declaration": {"description": "Reported number, in any notation"},
    "from": {"description": "Not before this ISO 8601 date or time, UTC unless it says otherwise"},
    "to": {"description": "Before this ISO 8601 date or time"},
    "grade": {"description": "predict1", "enum": [0, 1, 2], "type": "integer"},
    "status": {"description": "Status", "enum": [status.value for status in Status]},
}
PAGING: Mapping[str, dict[str, Any]] = {
    "page_size": {"description": f"1 to {MAX_PAGE_SIZE}, default {PAGE_SIZE}; also per_page", "type": "integer"},
    "cursor": {"description": "next of the page before; comes before page"},
    "page": {"description": f"From 1, within the first {MAX_OFFSET} rows", "type": "integer"},
}
_SPACE_WAS_PLUS = re.compile(r"(:\d\d(?:[.,]\d+)?) (\d\d(?::?\d\d)?)$")


def records() -> Records:
    """Return the service."""
    service: Records = current_app.extensions["moksori"].records
    return service


def answer_page(request: Request) -> dict[str, Any]:
    """Answer ``GET /analyses``.

    Raises:
        InvalidRequest: for a malformed parameter, which the message and ``detail.field`` name.
    """
    wanted = parse_filter(request)
    size = _whole(request, "page_size", MAX_PAGE_SIZE) or _whole(request, "per_page", MAX_PAGE_SIZE) or PAGE_SIZE
    cursor, number = one_parameter(request, "cursor"), _whole(request, "page", MAX_OFFSET) or 1
    page = records().page(wanted, size=size, after=_position(cursor) if cursor else None, number=number)
    return {"items": [present_summary(item) for item in page.items], "next": _cursor(page.end) if page.end else None}


def parse_filter(request: Request) -> HistoryFilter:
    """Read which analyses are meant.

    Raises:
        InvalidRequest: for a malformed parameter.
    """
    declaration, status, grade = (one_parameter(request, name) for name in ("declaration", "status", "grade"))
    if status is not None and status not in list(Status):
        raise InvalidRequest(f"status must be one of {', '.join(Status)}", field="status")
    if grade not in (None, "0", "1", "2"):
        raise InvalidRequest("grade must be 0, 1 or 2", field="grade")
    since, until = _moment(request, "from"), _moment(request, "to")
    if since and until and since > until:
        raise InvalidRequest("to lies before from", field="to")
    return HistoryFilter(
        user_id=user_id_parameter(request),
        declaration=None if declaration is None else normalise_declaration(declaration),
        since=since,
        until=until,
        grade=None if grade is None else int(grade),
        status=None if status is None else Status(status),
    )


def present_summary(summary: Summary) -> dict[str, Any]:
    """Return the JSON form of one row of the history."""
    dates = {"created_date": iso(summary.created_date), "finished_date": iso(summary.finished_date)}
    return {**{name: getattr(summary, name) for name in COLUMNS}, **dates}


def page_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of a page; a test keeps it equal to ``present_summary``."""
    grade = {"min": 0, "max": 2}
    summary = ns.model(
        "Summary",
        {
            "id": fields.String,
            "status": fields.String(enum=[status.value for status in Status]),
            "progress": fields.Integer,
            "user_id": fields.String,
            "declaration": fields.String,
            "audio_file": fields.String,
            "duration_s": nullable(fields.Float()),
            "predict1": nullable(fields.Integer(description="Scam script", **grade)),
            "predict2": nullable(fields.Integer(description="Altered or synthetic voice", **grade)),
            "reroll": nullable(fields.Integer(description="Grade by a later text model", **grade)),
            "label": nullable(fields.Integer(description="A person's verdict: 1 confirmed scam, 0 not", min=0, max=1)),
            "created_date": fields.DateTime,
            "finished_date": nullable(fields.DateTime()),
        },
    )
    return ns.model(
        "Page",
        {
            "items": fields.List(fields.Nested(summary)),
            "next": nullable(fields.String(description="Cursor of the next page; null when this is the last")),
        },
    )


def one_parameter(request: Request, name: str) -> str | None:
    """Return a parameter that is given once and not empty: an empty filter would select everybody's calls."""
    values = request.args.getlist(name)
    if not values:
        return None
    if len(values) > 1 or not values[0].strip():
        raise InvalidRequest(f"{name} must be given once and not be empty", field=name)
    return values[0].strip()


def _whole(request: Request, name: str, most: int) -> int | None:
    raw = one_parameter(request, name)
    if raw is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", raw) or not 1 <= int(raw) <= most:
        raise InvalidRequest(f"{name} must be a whole number from 1 to {most}", field=name)
    return int(raw)


def user_id_parameter(request: Request) -> str | None:
    """Return the parameter ``user_id`` composed, or None; raise ``InvalidRequest`` when it is malformed."""
    raw = one_parameter(request, "user_id")
    if raw is not None and (len(raw) > MAX_USER_ID or not raw.isprintable()):
        raise InvalidRequest(f"user_id must be printable text of at most {MAX_USER_ID} characters", field="user_id")
    return None if raw is None else unicodedata.normalize("NFC", raw)


def _moment(request: Request, name: str) -> datetime | None:
    raw = one_parameter(request, name)
    if raw is None:
        return None
    try:
        # The + of an offset arrives as a space from whoever forgot to write %2B.
        moment = datetime.fromisoformat(_SPACE_WAS_PLUS.sub(r"\1+\2", raw))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{name} must be like 2026-03-01 or 2026-03-01T09:00Z (ISO 8601)", field=name) from error


def _cursor(position: Position) -> str:
    return base64.urlsafe_b64encode(json.dumps([position.created, position.id]).encode()).decode().rstrip("=")


def _position(cursor: str) -> Position:
    try:
        read = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        read = None
    match read:
        case [str(created), str(id)] if created.isascii() and id.isprintable():
            with suppress(ValueError):
                datetime.fromisoformat(created)
                return Position(created, id)
    raise InvalidRequest("cursor must be the next of another page", field="cursor")
