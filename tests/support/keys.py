"""Keys that a test's edge and workers share."""

import secrets
import time

from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.shared_key import ID_BYTES, SECRET_BYTES, KeyRing, SharedKey


def new_key(created_at_ms: int = 0) -> SharedKey:
    """Make a key."""
    return SharedKey(secrets.token_hex(ID_BYTES), secrets.token_bytes(SECRET_BYTES), created_at_ms)


def new_keys() -> KeyRing:
    """Make keys that hold since long ago."""
    return KeyRing([new_key()])


def now_ms() -> int:
    """Return the time as those who sign and verify have it."""
    return time.time_ns() // 1_000_000


def handoff_in(value: str) -> VoicemailHandoff:
    """Return what the value of a handoff header says, whoever sealed it."""
    return VoicemailHandoff.decode(value.partition(".")[0])
