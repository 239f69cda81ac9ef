"""Call events as lines of JSON, which is how they cross from the parts that see calls to the collector."""

import re
from dataclasses import fields, replace
from typing import Any

import msgspec

from renvoi.domain.calls.call_record import (
    Answered,
    CallEvent,
    CallKey,
    Decided,
    Failed,
    FellBack,
    HungUp,
    MessageLeft,
    Missed,
    bounded_id,
)
from renvoi.domain.calls.ladder import shortened
from renvoi.domain.moment import is_moment
from renvoi.domain.text import clean_text

MAX_LINE_BYTES = 16 * 1024
"""Longest line that is written. What makes an event longer is shortened: a record with less in it is better than none,
and a reader that has to skip a line."""
_SHORT_TEXT, _SHORT_DIVERSION, _FEW_DIVERSIONS = 200, 64, 20
"""Characters and entries that are left of an event that is too long. At four bytes a character that fits."""

_KINDS: dict[str, type[CallEvent]] = {
    "decided": Decided,
    "answered": Answered,
    "failed": Failed,
    "fellback": FellBack,
    "hungup": HungUp,
    "left": MessageLeft,
    "missed": Missed,
}
_BY_TAG = HungUp, MessageLeft, Missed
_NUMBER = re.compile(r"\+[0-9]{1,15}", re.ASCII)
_HEADS = {kind: f'["{name}",'.encode() for name, kind in _KINDS.items()}
_encode = msgspec.json.Encoder().encode
_split = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode


class EventInvalid(ValueError):
    """A line of a spool is not a call event; the text says why."""


def encode(event: CallEvent) -> bytes:
    """Return the event as one line of JSON, `["kind",{…}]`, with its line end, of `MAX_LINE_BYTES` at the most."""
    event = _with_bounded_ids(event)
    try:
        line = _line(event)
        if len(line) <= MAX_LINE_BYTES:
            return line
    except UnicodeEncodeError:
        pass  # half of a surrogate pair
    return _line(_shortened(event))


def _line(event: CallEvent) -> bytes:
    return _HEADS[type(event)] + _encode(event) + b"]\n"


def _with_bounded_ids(event: CallEvent) -> CallEvent:
    if isinstance(event, _BY_TAG):
        call_id, from_tag = bounded_id(event.call_id), bounded_id(event.from_tag)
        if call_id is event.call_id and from_tag is event.from_tag:
            return event
        return replace(event, call_id=call_id, from_tag=from_tag)
    key = event.key
    call_id, from_tag = bounded_id(key.call_id), bounded_id(key.from_tag)
    if call_id is key.call_id and from_tag is key.from_tag:
        return event
    return replace(event, key=CallKey(call_id, from_tag, key.cseq))


def _shortened(event: CallEvent) -> CallEvent:
    changes: dict[str, Any] = {
        field.name: clean_text(value, _SHORT_TEXT)
        for field in fields(event)
        if isinstance(value := getattr(event, field.name), str) and field.name not in ("call_id", "from_tag")
    }
    if isinstance(event, Decided | FellBack):
        # The last ones are the nearest to us.
        nearest = event.diversions[-_FEW_DIVERSIONS:]
        changes["diversions"] = tuple(clean_text(each, _SHORT_DIVERSION) for each in nearest)
    if isinstance(event, Answered | Failed):
        changes["legs"] = shortened(event.legs)
    return replace(event, **changes)


def decode(line: bytes) -> CallEvent:
    """Read a line that `encode` wrote.

    Raises:
        EventInvalid: it is not such a line.
    """
    try:
        name, content = _split(line)
        event = msgspec.json.decode(content, type=_KINDS[name])
    except (msgspec.MsgspecError, ValueError, KeyError, RecursionError) as error:
        raise EventInvalid(f"{error!r} in {line[:200]!r}") from error
    for at_ms in (event.at_ms, getattr(event, "rang_at_ms", None)):
        if at_ms is not None and not is_moment(at_ms):
            raise EventInvalid(f"{at_ms} ms is not a time between 1970 and the year 9999")
    for number in _numbers(event):
        if number is not None and not _NUMBER.fullmatch(number):
            raise EventInvalid(f"{number[:50]!r} is not a number in E.164")
    return event


def _numbers(event: CallEvent) -> tuple[str | None, ...]:
    if isinstance(event, Decided):
        return event.number, event.target
    if isinstance(event, FellBack):
        return (event.target,)
    return event.redirected if isinstance(event, Answered | Failed) else ()
