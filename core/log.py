"""Logging without personal data.

Call sites log ids, counts and times only; the filter is the second lock on the door: digit runs as
long as a phone number and every Hangul run are masked in whatever reaches a handler, tracebacks included.
Operators need names of model versions and addresses of hosts. A name stays when no letter or digit touches it and no
hyphen precedes it; an address stays in a URL, after ``@``, before its port and in our line about refused callbacks.
A bare dotted number is masked, as people write numbers of accounts and phones like that too.
"""

from __future__ import annotations

import logging
import re

_DIGITS = re.compile(r"(?<![0-9a-fA-F-])\+?\d(?:[ ./-]?\d){7,}(?![0-9a-fA-F-])")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"  # no leading zero, unlike numbers dialled in Korea
_IP = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_PORT = "[1-9][0-9]{0,4}(?![0-9])"
_ADDRESS = re.compile(  # '://' and '@' of URLs, 'user'@'IP', our callbacks; IP:6379, 'IP':3306, ('IP', 80)
    rf"(?:(?<=://)|(?<=@)|(?<=@')|(?<=resolves to )){_IP}|{_IP}(?='?:{_PORT}|', {_PORT}\))"
)
# Not after a hyphen: split off there, a number before it would end in one and pass for a part of a UUID.
_VERSION = re.compile(r"(?<![0-9A-Za-z-])([0-9]{8}T[0-9]{6}Z-[0-9a-f]{8})(?![0-9A-Za-z])")
_HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]+(?:[\s.,?!]+[가-힣ㄱ-ㆎ]+)*")
FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def redact(text: str) -> str:
    """Return ``text`` with phone-like numbers and Korean text masked."""
    between = _VERSION.split(text)
    between[::2] = [_HANGUL.sub("[korean]", _DIGITS.sub(_mask, part)) for part in between[::2]]
    return "".join(between)


def _mask(found: re.Match[str]) -> str:
    # The whole run has to be an address: digits beside one may make it part of something longer.
    address = _ADDRESS.match(found.string, found.start())
    return found[0] if address and address.end() == found.end() else "[number]"


class RedactingFormatter(logging.Formatter):
    """Masks the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the redacted line; the time stamp is ours and stays."""
        head = f"{self.formatTime(record)} {record.levelname} {record.name} "
        body = super().format(record)
        return head + redact(body.removeprefix(head))


def configure_logging(level: str) -> None:
    """Send every log line through the redacting formatter; calling it again changes the level only."""
    root = logging.getLogger()
    root.setLevel(level.upper())
    if not any(isinstance(handler.formatter, RedactingFormatter) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(RedactingFormatter(FORMAT))
        root.addHandler(handler)
    # Our own logs tell what happened; these tell schema steps, URLs, model internals, every message.
    for noisy in ("alembic", "httpx", "faster_whisper", "celery.worker.strategy", "celery.app.trace", "celery.beat"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
