"""API keys: ``X-API-Key`` on every route below /api/v1 when keys are configured."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from flask import Flask, g, request

from core.errors import Unauthorized

HEADER = "X-API-Key"
PROTECTED = "/api/v1"
OPEN = frozenset({"/api/v1/", "/api/v1/swagger.json"})


def register_auth(app: Flask, keys: Sequence[str]) -> None:
    """Ask for a key before every protected route; without configured keys the API is open."""
    if not keys:
        return

    def check_key() -> None:
        if not request.path.startswith(PROTECTED) or request.path in OPEN:
            return
        given = request.headers.get(HEADER, "").encode()
        # Every key is compared, each in constant time, so that timing tells nothing.
        matches = [hmac.compare_digest(given, key.encode()) for key in keys]
        if not any(matches):
            raise Unauthorized(f"send a valid key in the {HEADER} header")
        g.caller = f"key {matches.index(True) + 1}"  # its place in the setting: keys have no names

    app.before_request(check_key)
