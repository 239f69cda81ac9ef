"""The one place that maps an outcome to an HTTP status (`docs/api.md §1`)."""

from renvoi.domain.codes import Outcome
from renvoi.http.wiring import ErrorStatus

_STATUS = {
    Outcome.NAME_REQUIRED: 400,
    Outcome.NUMBER_REQUIRED: 400,
    Outcome.TYPE_REQUIRED: 400,
    Outcome.TYPE_INVALID: 400,
    Outcome.PARAM_REQUIRED: 400,
    Outcome.EMAIL_INVALID: 400,
    Outcome.TARGET_INVALID: 400,
    Outcome.KEY_REQUIRED: 401,
    Outcome.KEY_INCORRECT: 401,
    Outcome.NUMBER_UNKNOWN: 404,
    Outcome.FORWARDING_NOT_ENABLED: 403,
    Outcome.NUMBER_DEACTIVATED: 403,
    Outcome.ALREADY_FORWARDING: 409,
    Outcome.ALREADY_VOICEMAIL: 409,
    Outcome.ALREADY_DISABLED: 409,
    Outcome.BODY_INVALID: 400,
    Outcome.BODY_TOO_LARGE: 413,
    Outcome.CONTENT_TYPE_UNKNOWN: 415,
    Outcome.HEAD_TOO_LARGE: 431,
    Outcome.TRANSFER_CODING_UNKNOWN: 501,
    Outcome.LOOP: 409,
    Outcome.DESTINATION_REFUSED: 403,
    Outcome.TOO_MANY_REQUESTS: 429,
    Outcome.UNAVAILABLE: 503,
    Outcome.METHOD_NOT_ALLOWED: 405,
    Outcome.IDEMPOTENCY_CONFLICT: 409,
    Outcome.NOT_FOUND: 404,
    Outcome.INTERNAL_ERROR: 500,
}
_NOT_ANSWERED = frozenset({Outcome.NOT_FOUND, Outcome.INTERNAL_ERROR})
"""No answers of the API, so they keep their status whatever `error_status` says."""


def http_status(outcome: Outcome, error_status: ErrorStatus) -> int:
    """Return the HTTP status of an answer; with `ok` it is 200 for every answer of the API."""
    if outcome.success or (error_status == "ok" and outcome not in _NOT_ANSWERED):
        return 200
    return _STATUS[outcome]
