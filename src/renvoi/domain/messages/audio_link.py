"""Links to the audio of a message that need no key, and end: whoever has one may listen until then.

A link is proven by the keys that nodes share, so any of them serves it. Of the API key or person that asked for it it
holds the id alone; it ends early when that does, or when the message is deleted.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass

from renvoi.domain.shared_key import KeyRing

DEFAULT_S, LEAST_S, MOST_S = 3600, 60, 24 * 3600
"""How long links last: by default, and the bounds."""
_PURPOSE = "audio-link"
_TOKEN = re.compile(
    r"([0-9a-f]{8})\.([1-9][0-9]{0,15})\.(wav|mp3)\.([A-Za-z0-9_-]{1,64})\."
    r"((?:op_|usr_)?[0-9a-f]{12}|)\.([A-Za-z0-9_-]{43})"
)


@dataclass(frozen=True, slots=True)
class AudioLink:
    """What a link gives: the audio of a message, as `wav` or `mp3`, until `expires_at_ms` (ms UTC).

    `asked_by` is the id of the API key or the person that asked for it, empty for the command line.
    """

    message_id: str
    format: str
    expires_at_ms: int
    asked_by: str = ""

    def token(self, ring: KeyRing, now_ms: int) -> str:
        """Return what stands in the link's address; `now_ms` chooses the key that signs it."""
        key = ring.signing(now_ms)
        signature = key.sign(_PURPOSE, *self.signed_parts())
        shown = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        return f"{key.id}.{self.expires_at_ms}.{self.format}.{self.message_id}.{self.asked_by}.{shown}"

    def signed_parts(self) -> tuple[str, ...]:
        """Return what the signature is over."""
        return str(self.expires_at_ms), self.format, self.message_id, self.asked_by


def is_link(token: str) -> bool:
    """Tell whether a text is written like a link, without a look at any key."""
    return _TOKEN.fullmatch(token) is not None


def read_link(token: str, ring: KeyRing, now_ms: int) -> AudioLink | None:
    """Return what a link gives; None when it is not one of ours, or has ended."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    key_id, expires_at_ms, form, message_id, asked_by, shown = found.groups()
    link = AudioLink(message_id, form, int(expires_at_ms), asked_by)
    key = ring.get(key_id)
    try:
        signature = base64.b64decode(shown + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    if key is None or not hmac.compare_digest(key.sign(_PURPOSE, *link.signed_parts()), signature):
        return None
    return link if now_ms < link.expires_at_ms else None
