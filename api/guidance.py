"""``/api/v1/guidance``: what to do now, a quiz, and what suits a user."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Request, current_app, request
from flask_restx import Namespace, Resource, fields

from api.history import one_parameter, user_id_parameter
from api.present import contact_model, error_model, guidance_model, step_model
from core.errors import InvalidRequest
from service.guidance import DANGER, TYPES, Guide, contacts, guidance, quiz

LANGUAGES = ("ko", "en")
MAX_TYPE = 64
ns = Namespace("guidance", description="지금 할 일, 연락할 곳, 퀴즈 / what to do now, whom to call, a quiz")
ERROR = error_model(ns)
GUIDANCE = guidance_model(ns)
_TYPE = ", ".join(TYPES)
_CHOICE = ns.model("Choice", {"text": fields.String, "text_en": fields.String})
_QUESTION = ns.model(
    "Question",
    {
        "id": fields.String,
        "scam_type": fields.String(description=_TYPE),
        "question": fields.String,
        "question_en": fields.String,
        "choices": fields.List(fields.Nested(_CHOICE)),
        "answer": fields.Integer(description="Number of the right choice, from 0"),
        "explanation": fields.String,
        "explanation_en": fields.String,
    },
)
QUIZ = ns.model("Quiz", {"questions": fields.List(fields.Nested(_QUESTION))})
_ITEM = ns.model(
    "RecommendedItem",
    {
        "scam_type": fields.String,
        "name": fields.String,
        "name_en": fields.String,
        "calls": fields.Integer(description="Calls of grade 1 or 2 of this type"),
        "quiz": fields.List(fields.String, description="Ids of questions to try"),
        "steps": fields.List(fields.Nested(step_model(ns))),
    },
)
RECOMMENDED = ns.model(
    "Recommended",
    {
        "user_id": fields.String,
        "by_grade": fields.Raw(description="Finished calls by predict1; null when not judged"),
        "items": fields.List(fields.Nested(_ITEM)),
        "contacts": fields.List(fields.Nested(contact_model(ns))),
    },
)


@ns.route("")
class GuidanceItem(Resource):  # type: ignore[misc]
    """What to do now."""

    @ns.param("scam_type", f"{_TYPE}, or a Korean name such as 기관사칭; anything else gets the general advice")
    @ns.param("grade", "1 caution or 2 danger (default)", enum=[1, 2], type="integer")
    @ns.param("lang", "Language of text, title and names; English always stands beside", enum=list(LANGUAGES))
    @ns.response(200, "Steps for now, money sent, app installed and data given, and whom to call", GUIDANCE)
    @ns.response(400, "Malformed parameter", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    def get(self) -> dict[str, Any]:
        """Return what a person should do after a call of a scam type and grade."""
        scam_type, grade, lang = parse_guidance(request)
        found = asdict(guidance(scam_type, grade))
        return _in_english(found) if lang == "en" else found


@ns.route("/quiz")
class Quiz(Resource):  # type: ignore[misc]
    """A short quiz."""

    @ns.response(200, "Questions in Korean and English with the right answer and why", QUIZ)
    @ns.response(401, "Missing or wrong API key", ERROR)
    def get(self) -> dict[str, Any]:
        """Return the questions."""
        return {"questions": [dict(question) for question in quiz()]}


@ns.route("/recommended")
class RecommendedList(Resource):  # type: ignore[misc]
    """What suits a user."""

    @ns.param("user_id", "Who reported the calls", required=True)
    @ns.response(200, "What to learn, most needed first; general advice without such a history", RECOMMENDED)
    @ns.response(400, "Malformed or missing user_id", ERROR)
    @ns.response(401, "Missing or wrong API key", ERROR)
    @ns.response(503, "The database does not answer", ERROR)
    def get(self) -> dict[str, Any]:
        """Recommend from the grades and scam types of a user's finished calls; no transcript is read."""
        user_id = user_id_parameter(request)
        if user_id is None:
            raise InvalidRequest("user_id is missing", field="user_id")
        guide: Guide = current_app.extensions["moksori"].guide
        by_grade, items = guide.recommended(user_id)
        return {
            "user_id": user_id,
            "by_grade": by_grade,
            "items": [asdict(item) for item in items],
            "contacts": [asdict(contact) for contact in contacts()],
        }


def parse_guidance(request: Request) -> tuple[str | None, int, str]:
    """Read scam_type, grade and lang.

    Raises:
        InvalidRequest: for a malformed parameter, which the message and ``detail.field`` name.
    """
    scam_type, grade, lang = (one_parameter(request, name) for name in ("scam_type", "grade", "lang"))
    if scam_type is not None and len(scam_type) > MAX_TYPE:
        raise InvalidRequest(f"scam_type must have at most {MAX_TYPE} characters", field="scam_type")
    if grade not in (None, "1", "2"):
        raise InvalidRequest("grade must be 1 or 2", field="grade")
    if lang not in (None, *LANGUAGES):
        raise InvalidRequest("lang must be ko or en", field="lang")
    return scam_type, int(grade or DANGER), lang or LANGUAGES[0]


def _in_english(value: Any) -> Any:
    """Put the English texts in the place of the Korean ones, too."""
    if isinstance(value, dict):
        return {key: _in_english(value.get(f"{key}_en", inner)) for key, inner in value.items()}
    return [_in_english(inner) for inner in value] if isinstance(value, list | tuple) else value
