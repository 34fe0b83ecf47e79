"""The composition root: which engine, database and models. Nothing heavy is imported until a call needs it."""

from wiring.line import Models, build_line, build_models
from wiring.services import Services, build_purge, build_reroll, build_services
from wiring.work import Work, build_callbacks, build_places, build_work, build_worker

__all__ = [
    "Models",
    "Services",
    "Work",
    "build_callbacks",
    "build_line",
    "build_models",
    "build_places",
    "build_purge",
    "build_reroll",
    "build_services",
    "build_work",
    "build_worker",
]
