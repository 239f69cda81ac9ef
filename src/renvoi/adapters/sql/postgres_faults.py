"""What errors of the driver mean for the work that met them."""

import re

import psycopg
from psycopg import errors

from renvoi.application.ports.errors import StoreRefused, StoreUnavailable

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable, errors.UniqueViolation)
"""What others bring about that change something at the same moment: the work is run again."""
_KEY = re.compile(r"=\(([^()]*)\)")


class OutcomeUnknown(StoreUnavailable):
    """The connection was lost in the middle of a commit, and the store did not come back to say if it holds."""


class Lost(Exception):
    """The connection broke before a commit was asked for: nothing was changed, and the work can be run again."""


def reason(error: Exception) -> str:
    """Return the first line of what went wrong; libpq puts no password into it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_content(error: Exception) -> bool:
    """Tell whether the server refused what it was given: no other server would take it, now or later.

    Classes of SQLSTATE: 22 data exception, 23 integrity constraint; 54000 is a row too large for an index.
    """
    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    return isinstance(error, psycopg.DataError) if state is None else state[:2] in ("22", "23") or state == "54000"


def fault(error: Exception) -> StoreRefused | StoreUnavailable:
    """Return an error of the driver in the words of the port."""
    if is_content(error):
        return StoreRefused(f"the store does not take this: {reason(error)}")
    return StoreUnavailable(f"the change could not be stored: {reason(error)}")


def duplicate(error: Exception) -> str | None:
    """Return the key that was there already; "" where the server does not say, None for another error."""
    if not isinstance(error, errors.UniqueViolation):
        return None
    # Whatever its language, the detail says `(number)=(33199001234)`.
    found = _KEY.search(error.diag.message_detail or "")
    return found[1] if found else ""
