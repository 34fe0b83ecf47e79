"""What each column of an earlier system's table becomes in ours, as SQL expressions.

Nothing is guessed: what has no plain counterpart becomes null (or as much of it as fits), and
``unkept`` tells that the original must be kept beside it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

Expression = sa.ColumnElement[Any]
LENGTHS = {"user_id": 255, "declaration": 32, "audio_file": 1024}
MOMENT: sa.types.TypeEngine[Any] = mysql.DATETIME(fsp=6)
GRADES = ("disdata", "mfcc", "reroll")
SEPARATORS = "- .()/"
MONTH = "0[1-9]|1[0-2]"
ISO = (
    rf"^[0-9]{{4}}-({MONTH})-(0[1-9]|[12][0-9]|3[01])"
    r"([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?)?$"
)
"""The dates that either database reads in the same way."""


class Old(NamedTuple):
    """A column of the old table; ``charset`` is None where its bytes are not text, and on SQLite."""

    name: str
    type: Any
    charset: str | None
    dialect: str

    @property
    def value(self) -> sa.ColumnClause[Any]:
        """Return the column itself."""
        return sa.column(self.name, self.type)

    @property
    def is_number(self) -> bool:
        """Tell whether it was declared as a number."""
        return isinstance(self.type, sa.Integer | sa.Numeric | sa.Float)


class New(NamedTuple):
    """The value in our column, and the condition under which the old one says more."""

    value: Expression
    unkept: Expression


def convert(old: Old, now: Expression) -> New:
    """Return what a column of the contract becomes."""
    if old.name in GRADES:
        return _grade(old)
    if old.name == "content":
        return New(_bytes(old), sa.false())
    if old.name == "created_date":
        return _moment(old, now)
    limit, size = LENGTHS[old.name], sa.func.length if old.dialect == "sqlite" else sa.func.char_length
    text = sa.func.coalesce(_declaration(old) if old.name == "declaration" else _text(old), "")
    unkept = size(text) > limit
    if old.name == "declaration":
        unkept = sa.or_(unkept, sa.and_(old.value.is_not(None), size(text) != size(_text(old))))
    return New(sa.func.substr(text, 1, limit), unkept)


def has_result(old: Old) -> Expression:
    """Say which rows the earlier system had judged."""
    return sa.and_(old.value.is_not(None), sa.func.trim(sa.cast(old.value, sa.String)) != "")


def _grade(old: Old) -> New:
    text = sa.func.trim(sa.cast(old.value, sa.String))
    grades: list[tuple[Expression, Expression]] = [
        (text.regexp_match(f"^{grade}([.]0+)?$"), sa.literal_column(str(grade))) for grade in range(3)
    ]
    value = sa.case(*grades, else_=sa.null())
    return New(value, sa.and_(has_result(old), value.is_(None)))


def _text(old: Old) -> Expression:
    """Return text in UTF-8. Korean in a latin1 column is UTF-8 that nobody declared."""
    if old.is_number:
        return sa.cast(sa.cast(old.value, sa.BigInteger), sa.String)
    if old.dialect == "sqlite":
        return sa.cast(old.value, sa.String)
    name = f"`{old.name}`"
    as_bytes = f"CAST({name} AS BINARY)"
    read = f"CONVERT({as_bytes} USING utf8mb4)"
    if old.charset not in (None, "latin1"):
        return sa.literal_column(f"CONVERT({name} USING utf8mb4)", sa.String)
    return sa.literal_column(
        f"CASE WHEN CAST({read} AS BINARY) = {as_bytes} THEN {read} ELSE CONVERT({name} USING utf8mb4) END", sa.String
    )


def _bytes(old: Old) -> Expression:
    """Return a transcript as bytes; those of a latin1 column are what the earlier system wrote, whatever they are."""
    if old.dialect == "sqlite" or old.charset in (None, "latin1", "binary"):
        return sa.cast(old.value, sa.LargeBinary)
    return sa.literal_column(f"CAST(CONVERT(`{old.name}` USING utf8mb4) AS BINARY)", sa.LargeBinary)


def _declaration(old: Old) -> Expression:
    """Return the digits of a number, which is how our requests ask for it; what is no number stays as it is.

    A column of numbers has lost the 0 that every Korean number but 112 or 1588-0000 starts with.
    """
    text = sa.func.trim(_text(old))
    digits: Expression = text
    for separator in SEPARATORS:
        digits = sa.func.replace(digits, separator, "")
    if old.is_number:
        lost = sa.or_(sa.func.length(digits) >= 9, sa.and_(sa.func.length(digits) == 8, digits.like("2%")))
        return sa.case((lost, sa.literal("0").concat(digits)), else_=digits)
    for prefix in ("+82", "0082"):
        rest = sa.func.substr(digits, len(prefix) + 1)
        national = sa.case((rest.like("0%"), rest), else_=sa.literal("0").concat(rest))
        digits = sa.case((digits.like(f"{prefix}%"), national), else_=digits)
    return sa.case((digits.regexp_match("^[0-9]{3,15}$"), digits), else_=text)


def _moment(old: Old, now: Expression) -> New:
    value: Expression
    if isinstance(old.type, sa.Integer):
        if old.dialect == "sqlite":
            read = sa.func.strftime("%Y-%m-%d %H:%M:%f", old.value, "unixepoch").concat("000")
        else:
            read = sa.literal_column(f"TIMESTAMPADD(SECOND, `{old.name}`, '1970-01-01')")
        value = sa.case((old.value > 0, read), else_=sa.null())
    else:
        text = sa.func.trim(sa.cast(old.value, sa.String))
        if old.dialect == "sqlite":
            read = sa.func.strftime("%Y-%m-%d %H:%M:%f", text).concat("000")
        else:
            read = sa.cast(text, MOMENT)
        value = sa.case((sa.and_(text.regexp_match(ISO), text.not_like("0000%")), read), else_=sa.null())
    said = sa.and_(
        old.value.is_not(None), sa.cast(old.value, sa.String).not_in(("", "0", "0000-00-00", "0000-00-00 00:00:00"))
    )
    return New(sa.func.coalesce(value, now), sa.and_(said, value.is_(None)))
