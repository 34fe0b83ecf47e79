"""What to do when the database is away: try again for a while, then say so without telling secrets."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_random_exponential

from core.errors import MoksoriError, Unavailable

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

SQLITE_TRANSIENT = {5, 6, 10, 13, 14}
"""Primary result codes BUSY, LOCKED, IOERR, FULL, CANTOPEN."""

MARIADB_TRANSIENT = {1040, 1053, 1077, 1080, 1152, 1158, 1159, 1160, 1161, 1205, 1213, 1290, 1836, 1927}
"""Too many connections, shutting down, aborted or timed out, lock wait, deadlock, read-only, killed.

Known by their numbers alone: the connector raises them as plain ``DatabaseError``.
"""

MARIADB_CLIENT_ERRORS = range(2000, 3000)
"""Raised on our side of the wire: cannot connect, server gone, connection lost."""


def is_transient(error: BaseException) -> bool:
    """Say whether the same statement may well succeed a moment later."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    number = _number(error)
    if error.connection_invalidated or number in MARIADB_TRANSIENT:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    sqlite_code = getattr(error.orig, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in SQLITE_TRANSIENT
    return number == 0 or number in MARIADB_CLIENT_ERRORS


def with_retries(work: Callable[[], Answer], *, for_s: float) -> Answer:
    """Run ``work`` until it succeeds, at most for about ``for_s`` seconds; 0 tries once.

    Foreign exceptions end here: messages of a server may quote the values it was given, which hold
    transcripts and phone numbers, so only their kind and number go on.

    Raises:
        Unavailable: when the database stays away or locked, or refuses us altogether.
        MoksoriError: when it refuses what it was asked to do.
    """
    try:
        return Retrying(
            retry=retry_if_exception(is_transient),
            stop=stop_after_delay(for_s),
            wait=wait_random_exponential(multiplier=0.1, max=2.0),
            before_sleep=_tell,
            reraise=True,
        )(work)
    except SQLAlchemyError as error:
        reason = _describe(error)
        away = is_transient(error) or isinstance(error, OperationalError | InterfaceError)
    # Raised outside the handler, so that not even the hidden context carries the original.
    if away:
        raise Unavailable("the database does not answer", reason=reason)
    raise MoksoriError("the database refused a statement", reason=reason)


def _tell(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("database does not answer (%s), attempt %d", _describe(error), state.attempt_number)


def _number(error: DBAPIError) -> int:
    return int(getattr(error.orig, "errno", 0) or 0)


def _describe(error: BaseException | None) -> str:
    if isinstance(error, DBAPIError):
        name = getattr(error.orig, "sqlite_errorname", None) or _number(error)
        return f"{type(error).__name__} {name}"
    return type(error).__name__
