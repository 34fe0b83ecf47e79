"""The page: headings in Korean and English, tables, curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from models.training.outcome import LABELS, Findings
from models.training.report import plots

STYLE = (
    "body{font-family:sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{border:1px solid #ccc;padding:.25rem .6rem;"
    "text-align:right}th:first-child,td:first-child{text-align:left}.bad{background:#fde2e2}.warn{color:#a40000}"
    ".plots{display:flex;flex-wrap:wrap}figure{margin:0}"
)
KOREAN = {"normal": "정상", "scam": "사기", "genuine": "진짜", "altered": "변조"}
GRADES = ("0 안전 safe", "1 주의 caution", "2 위험 danger")
SHOWN = ("recall_caution", "recall_danger", "fpr_caution", "fpr_danger", "auroc", "brier")


def page(outcome: Findings, manifest: Mapping[str, Any]) -> str:
    """Return the report as one HTML document."""
    done, names = manifest["update"], LABELS[outcome.champion.kind]
    parts = [
        "<!doctype html><html lang='ko'><head><meta charset='utf-8'>",
        f"<title>모델 갱신 보고서 / Model update report</title><style>{STYLE}</style></head><body>",
        "<h1>모델 갱신 보고서 / Model update report</h1>",
        *_decision(done, outcome),
        "<h2>출처별 비교: 현재 모델과 새 모델 / Champion and challenger by source</h2>",
        _sources(manifest["metrics"]["by_source"], names),
        "<h2>혼동 행렬 / Confusion matrices</h2>",
        *(_confusion(source, row, names) for source, row in manifest["metrics"]["by_source"].items()),
        "<h2>곡선 / Curves</h2>",
        _plots(outcome),
        "<h2>임계값 / Thresholds</h2>",
        _thresholds(manifest, outcome),
        "<h2>학습 자료 / What it learned from</h2>",
        _table(("자료 / examples (origin, label, part)", "통화 / calls"), manifest["data"]["examples"].items()),
        _table(("행 / rows", ""), manifest["data"]["rows"].items()),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _decision(done: Mapping[str, Any], outcome: Findings) -> Iterable[str]:
    if done["promotable"]:
        yield "<p><b>승격 가능 / promotable</b>: 어느 출처에서도 나빠지지 않음 / not worse on any source.</p>"
    else:
        reasons = "".join(f"<li>{escape(reason)}</li>" for reason in done["reasons"])
        yield f"<p class='warn'><b>후보로 보관 / kept as candidate</b></p><ul>{reasons}</ul>"
    drift = done["drift"]
    index = "–" if drift["psi"] is None else f"{drift['psi']:.3f}"
    warn = " class='warn'" if drift["verdict"].startswith("moved") else ""
    yield (
        f"<p>이전 모델 / champion: {escape(done['parent'])}; 학습 통화 / learned from: {done['learned_from']}; "
        f"허용 폭 / margin: {done['margin']}</p>"
        f"<p{warn}>점수 분포 변화 / drift of scores (PSI): {index}, {drift['verdict']} ({drift['calls']} calls)</p>"
    )
    if not outcome.calibrated_anew:
        yield "<p>보정과 임계값은 이전 그대로 / calibration and thresholds kept: too few held-out calls.</p>"


def _sources(rows: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> str:
    shown = (names[1], names[0], *SHOWN)
    head = "".join(f"<th>{name}</th>" for name in ("출처 / source", "모델 / model", *shown, "차이 / difference"))
    lines = []
    for source, row in rows.items():
        for who in ("champion", "challenger"):
            cells = "".join(f"<td>{_number(row[who].get(name))}</td>" for name in shown)
            gap = row["difference"]
            text = f"{gap['mean']:+.3f} ({gap['low']:+.3f} … {gap['high']:+.3f})" if who == "challenger" else ""
            bad = " class='bad'" if row["worse"] and who == "challenger" else ""
            lines.append(f"<tr{bad}><td>{escape(source)}</td><td>{who}</td>{cells}<td>{text}</td></tr>")
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _confusion(source: str, row: Mapping[str, Any], labels: Sequence[str]) -> str:
    counts = np.array(row["challenger"]["confusion"], np.float64)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    names = [f"{KOREAN[label]} {label}" for label in labels]
    plain = [(name, *map(int, line)) for name, line in zip(names, counts, strict=True)]
    normalised = [(name, *(f"{share:.3f}" for share in line)) for name, line in zip(names, shares, strict=True)]
    title = f"<h3>{escape(source)}: 새 모델 / challenger</h3>"
    return title + _table(("통화 수 / calls", *GRADES), plain) + _table(("정규화 / normalised", *GRADES), normalised)


def _plots(outcome: Findings) -> str:
    labels = np.concatenate([one.labels for one in outcome.judged] or [np.zeros(0, np.int64)])
    if len(np.unique(labels)) < 2:
        return "<p>두 라벨이 모두 있어야 그립니다 / drawn when calls of both labels were judged.</p>"
    scores = {
        "champion": np.concatenate([one.champion for one in outcome.judged]),
        "challenger": np.concatenate([one.challenger for one in outcome.judged]),
    }
    kinds = (plots.roc, plots.det, plots.reliability, plots.distribution)
    drawn = (plot(labels, scores, LABELS[outcome.champion.kind]) for plot in kinds)
    return "<div class='plots'>" + "".join(f"<figure>{svg}</figure>" for svg in drawn) + "</div>"


def _thresholds(manifest: Mapping[str, Any], outcome: Findings) -> str:
    old = outcome.champion.manifest["thresholds"]
    rows = [
        (
            method + (" (사용 중 / active)" if method == manifest["threshold_method"] else ""),
            *(_number(row[grade]) for grade in ("caution", "danger")),
            *(_number(old.get(method, {}).get(grade)) for grade in ("caution", "danger")),
        )
        for method, row in manifest["thresholds"].items()
    ]
    return _table(("방법 / method", "caution", "danger", "champion caution", "champion danger"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{top}</tr>{body}</table>"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
