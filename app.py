"""The web application: settings, services, routes, logging."""

from __future__ import annotations

from flask import Flask

from api import register_api
from api.auth import register_auth
from core.log import configure_logging
from core.settings import Settings
from wiring import Services, build_services

MULTIPART_MARGIN_BYTES = 1_000_000
"""Room for the text fields and boundaries around an upload of the largest size."""


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """Build the application; heavy libraries are imported later, by the worker that uses them."""
    settings = settings or Settings.from_env()
    configure_logging(settings.log_level)
    app = Flask("moksori")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 1_000_000 + MULTIPART_MARGIN_BYTES
    app.config["RESTX_MASK_SWAGGER"] = False
    app.config["RESTX_ERROR_404_HELP"] = False
    app.config["RESTX_JSON"] = {"ensure_ascii": False}
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["moksori"] = services or build_services(settings)
    register_api(app)
    register_auth(app, settings.api_keys)
    return app
