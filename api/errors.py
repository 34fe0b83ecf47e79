"""One JSON error shape for everything that goes wrong, mapped once."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, jsonify
from werkzeug.exceptions import HTTPException

from core.errors import Busy, MoksoriError

log = logging.getLogger(__name__)
_CODES = {
    400: "invalid_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
RETRY_AFTER_S = 30


def error_response(error: Exception) -> Response:
    """Turn any exception into ``{"error": {code, message, detail}, "request_id"}`` with its status."""
    headers: dict[str, str] = {}
    detail: dict[str, Any] = {}
    if isinstance(error, MoksoriError):
        status, code, message, detail = error.status, error.code, error.message, error.detail
        if status >= 500:
            log.warning("request %s failed: %s", g.get("request_id"), code)
        if isinstance(error, Busy):
            headers["Retry-After"] = str(RETRY_AFTER_S)
    elif isinstance(error, HTTPException):
        status = error.code or 500
        code = _CODES.get(status, "http_error" if status < 500 else "internal_error")
        message = error.description or error.name
        allow = dict(error.get_headers()).get("Allow")
        if allow:
            headers["Allow"] = allow
    else:
        log.error("request %s failed", g.get("request_id"), exc_info=error)
        status, code, message = 500, "internal_error", "something failed inside the service"
    body = {"error": {"code": code, "message": message, "detail": detail}, "request_id": g.get("request_id")}
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers)
    return response


def register_errors(app: Flask) -> None:
    """Use the one shape for every exception of the application."""
    app.register_error_handler(Exception, error_response)
