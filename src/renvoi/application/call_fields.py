"""A call's record as customers and exports see it: names, times and ids in one form."""

from renvoi.application.ports.calls import StoredCall
from renvoi.domain.ids import IdKind, written
from renvoi.domain.moment import shown_moment


def call_fields(stored: StoredCall, *, shows_withheld: bool) -> dict[str, object]:
    """Return the fields of a call; a caller who does not want to be known is None unless `shows_withheld`."""
    record = stored.record
    is_answered = record.answer_at_ms is not None
    length_ms = (record.end_at_ms or 0) - (record.answer_at_ms or 0) if is_answered and record.end_at_ms else None
    return {
        "id": written(IdKind.CALL, stored.id),
        "number": record.number,
        "from": None if record.withheld and not shows_withheld else record.caller,
        "withheld": record.withheld,
        "decision": record.decision,
        "reason": record.reason,
        "target": record.target,
        "trunk": record.trunk,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by,
        "missed": record.missed,
        "started_at": moment_text(record.setup_at_ms),
        "ringing_at": moment_text(record.ring_at_ms),
        "answered_at": moment_text(record.answer_at_ms),
        "ended_at": moment_text(record.end_at_ms),
        "duration_s": None if length_ms is None else max(0, length_ms) / 1000,
        "revision": record.revision,
        "diversions": list(record.diversions),
        "sip_call_id": record.key.call_id,
    }


def moment_text(at_ms: int | None) -> str | None:
    """Return a time (ms since 1970-01-01 UTC) as `2026-01-31T12:00:00.000Z`; None for what is not a date."""
    moment = shown_moment(at_ms) if at_ms is not None else None
    return None if moment is None else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
