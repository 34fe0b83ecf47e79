"""How far an update is: one bar for each stage on a terminal, few log lines elsewhere."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from scripts.model_update import _progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_bar_for_each_stage_and_ends_each_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", screen := Terminal())
    with _progress() as progress:
        for done in (0, 500, 660):
            progress("reading", done, 660)
        for step in range(1, 4):
            progress("learning", step, None)
    shown = screen.getvalue()
    assert "660/660" in shown
    assert "3it" in shown
    assert "\x1b[A" not in shown  # two bars at once would move the cursor up
    assert [line.count("reading") > 0 for line in shown.rstrip("\n").split("\n")] == [True, False]
    assert shown.endswith("\n")


def test_without_a_terminal_the_first_and_the_last_of_a_stage_are_log_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with caplog.at_level(logging.INFO), _progress() as progress:
        for done in (1, 2, 3):
            progress("reading", done, 3)
        progress("learning", 1, None)
        progress("learning", 2, None)
    assert caplog.messages == ["reading: 1 of 3", "reading: 3 of 3", "learning: 1 of ?"]
