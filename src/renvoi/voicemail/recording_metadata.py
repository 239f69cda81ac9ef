"""What is written beside a recording: all that makes a message of it, should the process that makes it die."""

import json
from dataclasses import dataclass
from typing import Self

from renvoi.domain.calls.call_record import identifier
from renvoi.domain.json_text import read_json
from renvoi.domain.messages.voicemail_handoff import HandoffInvalid, VoicemailHandoff
from renvoi.domain.moment import is_moment


def _identifier(text: str) -> str:
    # A worker of an earlier version wrote what had come.
    return identifier(text.encode("utf-8", "surrogatepass"))


class MetadataInvalid(ValueError):
    """The file beside a recording is not one of ours."""


@dataclass(frozen=True, slots=True)
class RecordingMetadata:
    """The call that a recording belongs to; `answered_at_ms` is ms since 1970-01-01 UTC."""

    deposit: VoicemailHandoff
    call_id: str
    from_tag: str
    answered_at_ms: int

    def dump(self) -> bytes:
        """Return them as JSON."""
        values = {
            "deposit": self.deposit.encode(),
            "call_id": self.call_id,
            "from_tag": self.from_tag,
            "answered_at_ms": self.answered_at_ms,
        }
        return json.dumps(values).encode()

    @classmethod
    def load(cls, text: bytes) -> Self:
        """Read what `dump` returned.

        Raises:
            FactsInvalid: it is something else.
        """
        try:
            values = read_json(text)
            deposit = VoicemailHandoff.decode(values["deposit"])
            call_id, from_tag = (_identifier(str(values[name])) for name in ("call_id", "from_tag"))
            at_ms = values["answered_at_ms"]
            if not is_moment(at_ms):
                raise ValueError(f"answered_at_ms is {str(at_ms)[:50]}: no time before the year 9999")
            return cls(deposit, call_id, from_tag, at_ms)
        except (ValueError, KeyError, TypeError, HandoffInvalid) as error:
            raise MetadataInvalid(f"{error!r} in {text[:200]!r}") from error
