"""Reported phone numbers in every notation people type."""

from __future__ import annotations

import re
import unicodedata

from core.errors import InvalidRequest

_ALLOWED = re.compile(r"\+?[0-9 ()./\-‐-―]+")
_MIN_DIGITS, _MAX_DIGITS = 3, 15


def normalise_declaration(raw: object) -> str:
    """Return digits only, Korea's country code turned into the national 0.

    ``010-1234-4567``, ``010/1234/4567`` and ``+82 10 1234 4567`` all give ``01012344567``.

    Raises:
        InvalidRequest: when it is not text, holds anything but digits and separators, or has fewer
            than 3 or more than 15 digits (ITU-T E.164). The message never repeats the number.
    """
    if not isinstance(raw, str):
        raise InvalidRequest("declaration must be a string: a JSON number loses its leading zero", field="declaration")
    text = unicodedata.normalize("NFKC", raw).strip()
    if not _ALLOWED.fullmatch(text):
        raise InvalidRequest("declaration must be a phone number: digits and separators only", field="declaration")
    digits = re.sub(r"[^0-9]", "", text)
    if text.startswith("+82"):
        digits = "0" + digits[2:].removeprefix("0")
    elif digits.startswith("0082"):
        digits = "0" + digits[4:].removeprefix("0")
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS:
        raise InvalidRequest("declaration must have 3 to 15 digits", field="declaration")
    return digits
