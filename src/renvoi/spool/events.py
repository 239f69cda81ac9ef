"""Call events as lines of JSON, which is how they cross from the parts that see calls to the collector."""

import msgspec

from renvoi.domain.callevent import Answered, CallEvent, Decided, Failed, FellBack, HungUp, MessageLeft, Missed

_KINDS: dict[str, type[CallEvent]] = {
    "decided": Decided,
    "answered": Answered,
    "failed": Failed,
    "fellback": FellBack,
    "hungup": HungUp,
    "left": MessageLeft,
    "missed": Missed,
}
_HEADS = {kind: f'["{name}",'.encode() for name, kind in _KINDS.items()}
_encode = msgspec.json.Encoder().encode
_split = msgspec.json.Decoder(tuple[str, msgspec.Raw]).decode


class EventInvalid(ValueError):
    """A line of a spool is no call event; the text says why."""


def encode(event: CallEvent) -> bytes:
    """Return the event as one line of JSON, `["kind",{…}]`, with its line end."""
    return _HEADS[type(event)] + _encode(event) + b"]\n"


def decode(line: bytes) -> CallEvent:
    """Read a line that `encode` wrote.

    Raises:
        EventInvalid: it is not such a line.
    """
    try:
        name, fields = _split(line)
        return msgspec.json.decode(fields, type=_KINDS[name])
    except (msgspec.DecodeError, KeyError) as error:
        raise EventInvalid(f"{error!r} in {line[:200]!r}") from error
