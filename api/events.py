"""Server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

from flask import Response, stream_with_context

from api.present import present_analysis
from core.errors import MoksoriError
from core.types import PROGRESS, Analysis
from service.analyses import END, Analyses, Event

MIME = "text/event-stream"
POLL_S = 0.25
KEEP_ALIVE_S = 15.0
"""Proxies close connections on which nothing happens, commonly after 30 or 60 s."""


def event_stream(analyses: Analyses, id: str, after: str | None) -> Response:
    """Answer with the events of an analysis after the one of id ``after``; 204 when there are none.

    Raises:
        NotFound: when there is no such analysis.
        Busy: when too many requests stay open already.
    """
    analyses.get(id)
    if after == END:
        return Response(status=204, mimetype=MIME)  # tells an EventSource not to come back
    with ExitStack() as stack:
        stack.enter_context(analyses.waiting())
        held = stack.pop_all()
    response = Response(
        stream_with_context(_lines(analyses, id, after)),
        mimetype=MIME,
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(held.close)
    return response


def _lines(analyses: Analyses, id: str, after: str | None) -> Iterator[str]:
    yield ": ok\n\n"
    quiet_since = time.monotonic()
    try:
        for event in analyses.follow(id, after=after):
            if event is not None:
                quiet_since = time.monotonic()
                yield _format(id, event)
                continue
            if time.monotonic() - quiet_since > KEEP_ALIVE_S:
                quiet_since = time.monotonic()
                yield ": still here\n\n"  # also how a client that hung up is noticed
            time.sleep(POLL_S)
    except MoksoriError:
        return  # erased meanwhile, or the database is away: the client comes back and is told


def _format(id: str, event: Event) -> str:
    if event.running is not None:
        # No id: it is no milestone, and who comes back after one must miss nothing and hear nothing twice.
        return f"event: running\ndata: {json.dumps({'id': id, 'running_score': asdict(event.running)})}\n\n"
    if isinstance(event.what, Analysis):
        name, data = "result", present_analysis(event.what)
    else:
        name, data = "progress", {"id": id, "progress": PROGRESS[event.what], "stage": event.what.value}
    return f"id: {event.id}\nevent: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
