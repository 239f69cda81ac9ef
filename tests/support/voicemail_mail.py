"""A voicemail message to send mails about."""

import math
import struct
import wave
from pathlib import Path
from typing import Any

from renvoi.application.mailer import VoicemailNotice
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164

MAIL_FROM = EmailAddress("voicemail@renvoi.example")
RECEIVED_AT_MS = 1_795_401_720_000
"""2026-11-23T02:42:00Z."""


def write_tone(path: Path, seconds: float = 1.0, rate: int = 8000) -> Path:
    """Write a WAV of 440 Hz, mono, 16-bit."""
    samples = (round(8000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(int(rate * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def notice(audio: Path, **changed: Any) -> VoicemailNotice:
    """Return the facts of a message of 65 s, with some fields changed."""
    fields: dict[str, Any] = {
        "message_id": "018f3c7e5b2a",
        "recipient": EmailAddress("jeanne@example.com"),
        "number": E164("+33199001234"),
        "label": "Reception",
        "caller": "+33612345678",
        "received_at_ms": RECEIVED_AT_MS,
        "duration_ms": 65_400,
        "locale": "en",
        "time_zone": "Europe/Paris",
        "audio": audio,
        "rule_url": "https://renvoi.example/numbers/33199001234?tab=rule&x=1",
        "cut_off": False,
        "may_call_back": True,
    }
    return VoicemailNotice(**(fields | changed))
