"""``/api/v1/numbers``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_restx import Namespace, Resource, fields

from api.history import records
from api.present import error_model, iso, nullable
from core.records import NumberReport, OfficialNumber
from service.declaration import normalise_declaration

ns = Namespace("numbers", description="신고된 번호 / reported numbers")
ERROR = error_model(ns)
OFFICIAL = ns.model(
    "OfficialNumber",
    {
        "name": fields.String(description="Whose number it is"),
        "source": fields.String(description="Who says so"),
        "checked_date": fields.Date,
    },
)
GRADES = ns.model("ReportsByGrade", dict.fromkeys(("0", "1", "2", "null"), fields.Integer))
MONTH = ns.model(
    "ReportsOfMonth",
    {"month": fields.String(example="2026-03"), "reports": fields.Integer, "grade_2": fields.Integer},
)
NUMBER = ns.model(
    "Number",
    {
        "declaration": fields.String(description="Digits only"),
        "official": nullable(fields.Nested(OFFICIAL)),
        "reports": fields.Integer(description="Calls reported, whatever became of their analysis"),
        "distinct_reporters": fields.Integer,
        "first_seen": nullable(fields.DateTime()),
        "last_seen": nullable(fields.DateTime()),
        "by_grade": fields.Nested(GRADES, description="By predict1; null when not judged"),
        "by_month": fields.List(fields.Nested(MONTH), description="The last 24 months (UTC) that have reports"),
        "labelled_scam": fields.Integer(description="Calls that people confirmed as scam"),
        "labelled_normal": fields.Integer(description="Calls that people found harmless"),
    },
)


@ns.route("/<path:declaration>")
@ns.param("declaration", "Reported number, in any notation")
class NumberItem(Resource):  # type: ignore[misc]
    """One reported number."""

    @ns.response(200, "What is known; zeros for a number never reported", NUMBER)
    @ns.response(400, "Not a phone number", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self, declaration: str) -> dict[str, Any]:
        """Return how often a number was reported, and how those calls scored."""
        return _present(records().number(normalise_declaration(declaration)))


def _present(number: NumberReport) -> dict[str, Any]:
    return {
        **asdict(number),
        "official": _present_official(number.official) if number.official else None,
        "first_seen": iso(number.first_seen),
        "last_seen": iso(number.last_seen),
        "by_grade": {"null" if grade is None else str(grade): count for grade, count in number.by_grade.items()},
    }


def _present_official(official: OfficialNumber) -> dict[str, str]:
    return {"name": official.name, "source": official.source, "checked_date": official.checked_date.isoformat()}
