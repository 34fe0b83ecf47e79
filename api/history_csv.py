"""``/api/v1/analyses.csv``: the history for spreadsheet programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

from flask import Response, current_app, request, stream_with_context
from flask_restx import Namespace, Resource

from api.history import COLUMNS, FILTERS, parse_filter, present_summary, records
from api.present import error_model
from core.records import Summary

ns = Namespace("history", description="통화 기록 내려받기 / the history as a file")
ERROR = error_model(ns)
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""
LINES_A_PACKET = 100
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@ns.route("")
class HistoryFile(Resource):  # type: ignore[misc]
    """The history as one file."""

    @ns.doc(params=FILTERS)
    @ns.produces(["text/csv", "application/json"])
    @ns.response(200, "One line a call, newest first, under a line of field names")
    @ns.response(400, "Malformed parameter", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(503, "The database does not answer, or too many requests stay open (Retry-After)", ERROR)
    def get(self) -> Response:
        """Return every call of the filters, without transcripts, as it is read.

        A cell that a spreadsheet would calculate starts with an apostrophe. A file that ends early, because the
        database went away, ends with a broken connection.
        """
        found = records().export(parse_filter(request))
        with ExitStack() as stack:
            stack.enter_context(current_app.extensions["moksori"].analyses.waiting())
            held = stack.pop_all()
        response = Response(
            stream_with_context(_packets(_lines(found))),
            mimetype="text/csv",
            headers={"Content-Disposition": 'attachment; filename="analyses.csv"', "X-Accel-Buffering": "no"},
        )
        response.call_on_close(held.close)
        return response


def _packets(lines: Iterator[str]) -> Iterator[str]:
    """Join lines: each piece that is handed to the server is sent by itself, which costs more than the line."""
    while packet := "".join(islice(lines, LINES_A_PACKET)):
        yield packet


def _lines(found: Iterator[Summary]) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _line(COLUMNS)
    for summary in found:
        row = present_summary(summary)
        yield _line([_harmless(row[name]) for name in COLUMNS])


def _line(cells: list[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _harmless(value: Any) -> Any:
    """Keep a spreadsheet from calculating what a stranger wrote (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_STARTS_FORMULA) else value
