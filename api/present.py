"""Values to JSON: the stable keys of DESIGN.md and their OpenAPI models."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask_restx import Namespace, fields

from core.types import Analysis, Label, TextResult, VoiceResult
from service.guidance import SCAM_TYPES, SITUATIONS, guidance_of


def present_analysis(analysis: Analysis) -> dict[str, Any]:
    """Return the JSON form of an analysis."""
    guidance = guidance_of(analysis)
    return {
        "id": analysis.id,
        "status": analysis.status.value,
        "progress": analysis.progress,
        "user_id": analysis.user_id,
        "declaration": analysis.declaration,
        "audio_file": analysis.audio_file,
        "duration_s": analysis.duration_s,
        "predict1": analysis.predict1,
        "predict2": analysis.predict2,
        "text": asdict(analysis.text) if isinstance(analysis.text, TextResult) else None,
        "voice": asdict(analysis.voice) if isinstance(analysis.voice, VoiceResult) else None,
        "transcript": analysis.transcript,
        "running": asdict(analysis.running) if analysis.running else None,
        "reroll": analysis.reroll,
        "label": present_label(analysis.label) if analysis.label else None,
        "created_date": iso(analysis.created_date),
        "finished_date": iso(analysis.finished_date),
        "warnings": list(analysis.warnings),
        "error": dict(analysis.error) if analysis.error else None,
        "callback": {"reported": analysis.reported, "error": analysis.callback_error},
        "guidance": asdict(guidance) if guidance else None,
    }


def present_label(label: Label) -> dict[str, Any]:
    """Return the JSON form of what a person found."""
    return {**asdict(label), "created_date": iso(label.created_date)}


def iso(moment: datetime | None) -> str | None:
    """Return a time as the API writes it, or None."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def nullable(field: Any) -> Any:
    """Say that a key may be null. OpenAPI 2 has no word for it; its tools agree on ``x-nullable``."""
    plain = field.schema

    def schema() -> dict[str, Any]:
        described = {key: value for key, value in plain().items() if value is not None}
        reference = described.pop("$ref", None)  # what stands beside a reference is not read
        return {**described, **({"allOf": [{"$ref": reference}]} if reference else {}), "x-nullable": True}

    field.schema = schema
    return field


def _probability(about: str) -> fields.Float:
    return fields.Float(description=f"{about}, 0..1", min=0, max=1)


def _grade(about: str) -> fields.Integer:
    about = f"{about}: 0 safe, 1 caution, 2 danger; null when not judged"
    return nullable(fields.Integer(description=about, min=0, max=2))


def text_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of what the text model says."""
    times = {
        "start_s": nullable(fields.Float(description="Seconds from the start; null where there was no sound")),
        "end_s": nullable(fields.Float()),
    }
    sentence = ns.model(
        "Sentence",
        {
            **times,
            "text": fields.String,
            "score": _probability("Scam probability in context"),
            "flagged": fields.Boolean,
        },
    )
    evidence = ns.model(
        "Evidence",
        {
            "text": fields.String,
            "weight": fields.Float(description="Signed, in log-odds: above 0 speaks for a scam"),
            "kind": fields.String(enum=["ngram", "sentence"], description="ngram: letters without spaces"),
            **times,
        },
    )
    return ns.model(
        "TextResult",
        {
            **_judged("no_speech, too_short, not_korean, low_confidence"),
            "risk_ratio": nullable(_probability("Sentences judged scam / all")),
            "level": nullable(fields.String(enum=["low", "elevated", "high"])),
            "scam_type": nullable(
                fields.String(description=f"One of {', '.join(SCAM_TYPES)}; null below grade 1 or when not sure")
            ),
            "evidence": fields.List(fields.Nested(evidence)),
            "sentences": fields.List(fields.Nested(sentence)),
        },
    )


def _judged(reasons: str) -> dict[str, Any]:
    return {
        "score": nullable(_probability("Calibrated score")),
        "grade": _grade("Grade"),
        "threshold": nullable(fields.Float(description="Border of grade 2")),
        "threshold_method": nullable(fields.String()),
        "model_version": nullable(fields.String()),
        "reason": nullable(fields.String(description=f"Why it was not judged: {reasons}")),
    }


def analysis_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of an analysis; a test keeps it equal to ``present_analysis``."""
    window = ns.model(
        "VoiceWindow",
        {"start_s": fields.Float, "end_s": fields.Float, "score": _probability("Altered-voice probability")},
    )
    voice = ns.model(
        "VoiceResult",
        {
            **_judged("no_speech"),
            "windows": fields.List(fields.Nested(window)),
            "altered_share": nullable(_probability("Share of windows that are more likely altered than not")),
            "strongest": nullable(fields.Nested(window, allow_null=True, description="10 s with the highest score")),
            "members": fields.Raw(default={}, description="What each member of the model says of the call, 0..1"),
        },
    )
    running = ns.model(
        "RunningScore",
        {
            "until_s": fields.Float(description="What was heard up to here, without a gap from the start"),
            "score": _probability("Calibrated score of the text so far"),
            "grade": fields.Integer(min=0, max=2),
        },
    )
    callback = ns.model(
        "Callback",
        {
            "reported": fields.Integer(description="Last percentage the receiver took"),
            "error": nullable(fields.String(description="Why nothing more is sent")),
        },
    )
    return ns.model(
        "Analysis",
        {
            "id": fields.String(example="3f0c8f5e-8a43-4b44-9d0e-0a8f6f6f5f10"),
            "status": fields.String(enum=["queued", "running", "done", "failed", "cancelled"]),
            "progress": fields.Integer(enum=[0, 25, 50, 75, 100]),
            "user_id": fields.String,
            "declaration": fields.String(description="Reported number, digits only"),
            "audio_file": fields.String,
            "duration_s": nullable(fields.Float()),
            "predict1": _grade("Scam script"),
            "predict2": _grade("Altered or synthetic voice"),
            "text": nullable(fields.Nested(text_model(ns))),
            "voice": nullable(fields.Nested(voice)),
            "transcript": nullable(fields.String()),
            "running": nullable(fields.Nested(running, description="The score so far, while the call is heard")),
            "reroll": _grade("Grade by a later text model"),
            "label": nullable(
                fields.Nested(label_model(ns), description="A person's newest verdict; null without any")
            ),
            "created_date": fields.DateTime,
            "finished_date": nullable(fields.DateTime()),
            "warnings": fields.List(fields.String),
            "error": nullable(fields.Raw()),
            "callback": fields.Nested(callback),
            "guidance": nullable(
                fields.Nested(guidance_model(ns), description="What to do now; null unless done with grade 1 or 2")
            ),
        },
    )


def label_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of what a person found."""
    return ns.model(
        "Label",
        {
            "id": fields.String,
            "analysis_id": fields.String,
            "label": fields.Integer(enum=[0, 1], description="1 confirmed scam, 0 보이스피싱 아님"),
            "voice_label": nullable(fields.Integer(description="1 altered voice, 0 genuine", min=0, max=1)),
            "note": nullable(fields.String()),
            "labelled_by": nullable(fields.String()),
            "created_date": fields.DateTime,
        },
    )


def step_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of one thing to do."""
    plain = dict.fromkeys(("title", "title_en", "text", "text_en"), fields.String)
    return ns.model("Step", {"situation": fields.String(enum=list(SITUATIONS)), **plain})


def contact_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of whom to call."""
    names = ("name", "name_en", "number", "what_for", "what_for_en")
    source = {
        "source": fields.String(description="Where the number was seen"),
        "checked": nullable(fields.Date(description="When it was last seen there; null when it never was")),
    }
    return ns.model("Contact", {**dict.fromkeys(names, fields.String), **source})


def guidance_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of what to do after a call."""
    return ns.model(
        "Guidance",
        {
            "grade": fields.Integer(description="The higher of predict1 and predict2", min=1, max=2),
            "scam_type": fields.String(description="Type of the advice; general when the call's type has none"),
            "name": fields.String,
            "name_en": fields.String,
            "steps": fields.List(fields.Nested(step_model(ns))),
            "contacts": fields.List(fields.Nested(contact_model(ns))),
        },
    )


def error_model(ns: Namespace) -> Any:
    """Return the OpenAPI model of the one error shape."""
    inner = ns.model("ErrorBody", {"code": fields.String, "message": fields.String, "detail": fields.Raw})
    return ns.model("Error", {"error": fields.Nested(inner), "request_id": fields.String})
