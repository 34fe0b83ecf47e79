"""Turn a request into validated values."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import UnsupportedMediaType

from core.errors import InvalidRequest
from core.types import NewAnalysis
from service.declaration import normalise_declaration

MAX_USER_ID = 64
MAX_TEXT = 1024
UPLOAD_PREFIX = "upload:"
IDEMPOTENCY_KEY, MAX_KEY = "Idempotency-Key", 255
RESPOND_ASYNC = "respond-async"


def parse_new_analysis(request: Request) -> tuple[NewAnalysis, FileStorage | None]:
    """Read ``POST /analyses``: JSON with ``file_path``, or multipart with ``file``.

    Raises:
        InvalidRequest: for a missing or malformed field, which the message and ``detail.field`` name.
        UnsupportedMediaType: for any other content type.
    """
    if request.mimetype == "multipart/form-data":
        fields: Mapping[str, Any] = request.form
        upload = request.files.get("file")
        if upload is None:
            raise InvalidRequest("send the recording in the multipart field 'file'", field="file")
        named = UPLOAD_PREFIX + _plain_name(upload.filename or "")
    else:
        fields, upload = json_object(request, "send application/json or multipart/form-data"), None
        named = text_field(fields, "file_path", MAX_TEXT)
    new = NewAnalysis(
        user_id=user_id_field(fields),
        declaration=normalise_declaration(required_field(fields, "declaration")),
        audio_file=named,
        callback_url=text_field(fields, "callback_url", MAX_TEXT) if fields.get("callback_url") else None,
    )
    return new, upload


def parse_idempotency_key(request: Request) -> str | None:
    """Return the ``Idempotency-Key`` header, or None.

    Raises:
        InvalidRequest: when it is empty, too long, or not printable ASCII.
    """
    key: str | None = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise InvalidRequest(
            f"{IDEMPOTENCY_KEY} must be 1 to {MAX_KEY} printable ASCII characters", field=IDEMPOTENCY_KEY
        )
    return key


def prefers_async(request: Request) -> bool:
    """Tell whether the client asked for ``Prefer: respond-async`` (RFC 7240)."""
    preferences = ",".join(request.headers.getlist("Prefer")).split(",")
    return any(preference.split(";")[0].strip().lower() == RESPOND_ASYNC for preference in preferences)


def parse_id(raw: str, *, of: str = "an analysis") -> str:
    """Return the id of an analysis, or of what ``of`` names, in canonical form.

    Raises:
        InvalidRequest: when it is not a UUID.
    """
    try:
        return str(uuid.UUID(raw))
    except ValueError as error:
        raise InvalidRequest(f"the id of {of} is a UUID", field="id") from error


def json_object(request: Request, wanted: str = "send application/json") -> Mapping[str, Any]:
    """Return the body of a JSON request.

    Raises:
        InvalidRequest: when it is not an object.
        UnsupportedMediaType: when it is not JSON; ``wanted`` is the message.
    """
    if not request.is_json:
        raise UnsupportedMediaType(wanted)
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise InvalidRequest("the body must be a JSON object")
    return body


def required_field(fields: Mapping[str, Any], name: str) -> Any:
    """Return a field, or raise ``InvalidRequest`` when it is missing or empty."""
    value = fields.get(name)
    if value is None or value == "":
        raise InvalidRequest(f"{name} is required", field=name)
    return value


def text_field(fields: Mapping[str, Any], name: str, limit: int) -> str:
    """Return a required field of printable text, or raise ``InvalidRequest``."""
    value = required_field(fields, name)
    if not isinstance(value, str):
        raise InvalidRequest(f"{name} must be a string", field=name)
    text = unicodedata.normalize("NFC", value) if name == "user_id" else value
    if len(text) > limit or not text.isprintable() or not text.strip():
        raise InvalidRequest(f"{name} must be printable text of at most {limit} characters", field=name)
    return text


def user_id_field(fields: Mapping[str, Any]) -> str:
    """Return ``user_id``, which may come as a number, or raise ``InvalidRequest``."""
    value = required_field(fields, "user_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return text_field({"user_id": value}, "user_id", MAX_USER_ID).strip()


def _plain_name(filename: str) -> str:
    """Return what is fit to show of a client's file name; it is never used as a path."""
    base = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in base if ch.isprintable())[:200] or "recording"
