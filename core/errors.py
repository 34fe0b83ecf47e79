"""One root exception and its leaves. Raised deep, mapped to HTTP exactly once (``api.errors``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class MoksoriError(Exception):
    """Root of every error this service raises on purpose.

    ``message`` is for people and must never hold a transcript or a phone number.
    """

    code = "internal_error"
    status = 500

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class InvalidRequest(MoksoriError):
    """Raised when a field of a request is missing or malformed."""

    code = "invalid_request"
    status = 400


class Unauthorized(MoksoriError):
    """Raised when API keys are configured and the request carries none of them."""

    code = "unauthorized"
    status = 401


class PathNotAllowed(MoksoriError):
    """Raised when a path of a request leaves the audio root, by ``..``, absolutely or by symlink."""

    code = "path_not_allowed"
    status = 403


class NotFound(MoksoriError):
    """Raised when the analysis asked for does not exist."""

    code = "not_found"
    status = 404


class FileNotFound(NotFound):
    """Raised when the audio file named in a request does not exist or is not a file."""

    code = "file_not_found"


class Conflict(MoksoriError):
    """Raised when an ``Idempotency-Key`` comes again with another request."""

    code = "conflict"
    status = 409


class UpdateRunning(Conflict):
    """Raised when a model update is asked for while another one of the same store is running."""

    code = "update_running"


class TooLarge(MoksoriError):
    """Raised when a file or a call is larger or longer than the settings allow."""

    code = "too_large"
    status = 413


class BadAudio(MoksoriError):
    """Raised when a file holds no decodable audio: empty, text, truncated, no audio stream, too short."""

    code = "bad_audio"
    status = 422


class Unavailable(MoksoriError):
    """Raised when a dependency (database, speech recogniser, model) does not answer after retries."""

    code = "unavailable"
    status = 503


class Unanswered(Unavailable):
    """Raised when the database went away in the middle of a commit and stayed away: the row may be there or not."""


class Busy(Unavailable):
    """Raised when every place in the line of waiting calls is taken; ``Retry-After`` says when to come back."""

    code = "busy"


class GaveUp(MoksoriError):
    """Raised when an analysis has been started too often without coming to an end."""

    code = "gave_up"


class TooSlow(MoksoriError):
    """Raised when an analysis takes far longer than its audio explains."""

    code = "too_slow"


class ModelRefused(MoksoriError):
    """Raised when a model version is missing, incomplete or does not match its SHA-256."""

    code = "model_refused"
    status = 503


class VersionRefused(ModelRefused):
    """Raised when a version that shall become active is altered or cannot be loaded: what is active stays."""

    status = 422


class ConfigurationError(MoksoriError):
    """Raised at start when a ``MOKSORI_*`` setting has an impossible value."""

    code = "configuration_error"


def restore(stored: Mapping[str, Any]) -> MoksoriError:
    """Return the error that ``stored`` (``code``, ``message``, ``detail``) was made from."""
    kinds = [MoksoriError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    known = next((kind for kind in kinds if kind.code == stored.get("code")), MoksoriError)
    return known(str(stored.get("message", "")), **stored.get("detail", {}))
