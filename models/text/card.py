"""The by-source table of the model card, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

HEAD = (
    "| source held out | scam calls | normal calls | AUROC | recall, caution | recall, danger | recall, danger, noisy |"
    " false alarms, caution | false alarms, danger | false alarms, danger, noisy | danger, single sentences |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)
COLUMNS = (
    "auroc",
    "recall_caution",
    "recall_danger",
    "recall_danger_noisy",
    "fpr_caution",
    "fpr_danger",
    "fpr_danger_noisy",
    "fpr_danger_sentence",
)


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return the Markdown table of ``judge.by_source``; what a source cannot tell is a dash."""
    lines = [HEAD]
    for source, row in rows.items():
        cells = [f"{row[name]:.3f}" if name in row else "–" for name in COLUMNS]
        lines.append(f"| {source} | {row['scam']:.0f} | {row['normal']:.0f} | {' | '.join(cells)} |")
    return "\n".join(lines)
