"""Call events as lines of JSON, which is how they cross from Kamailio's processes to the collector."""

import json
from dataclasses import MISSING, fields
from typing import Any, get_args

from renvoi.domain.callevent import Answered, CallEvent, Decided, Failed, HungUp, Ringing
from renvoi.domain.callrecord import CallKey

_KINDS: dict[str, type[CallEvent]] = {
    "decided": Decided,
    "ringing": Ringing,
    "answered": Answered,
    "failed": Failed,
    "hungup": HungUp,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FIELDS = {
    kind: tuple((field.name, field.default is MISSING) for field in fields(kind)) for kind in get_args(CallEvent)
}
"""Of each kind the fields, and whether they are written even when they are None."""
_encode = json.JSONEncoder(separators=(",", ":")).encode


class EventInvalid(ValueError):
    """A line of a spool is no call event; the text says why."""


def encode(event: CallEvent) -> bytes:
    """Return the event as one line of ASCII JSON with its line end."""
    kind = type(event)
    values: dict[str, Any] = {"kind": _NAMES[kind]}
    for name, always in _FIELDS[kind]:
        value = getattr(event, name)
        if value is not None or always:
            values[name] = [value.call_id, value.from_tag, value.cseq] if name == "key" else value
    return _encode(values).encode("ascii") + b"\n"


def decode(line: bytes) -> CallEvent:
    """Read a line that `encode` wrote.

    Raises:
        EventInvalid: it is not such a line.
    """
    try:
        values = json.loads(line)
        kind = _KINDS[values.pop("kind")]
        if "key" in values:
            call_id, from_tag, cseq = values["key"]
            values["key"] = CallKey(str(call_id), str(from_tag), int(cseq))
        if "diversions" in values:
            values["diversions"] = tuple(values["diversions"])
        return kind(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise EventInvalid(f"{error!r} in {line[:200]!r}") from error
