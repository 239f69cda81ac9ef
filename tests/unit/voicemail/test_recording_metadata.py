"""What is written beside a recording."""

import base64
import json

import pytest

from renvoi.domain.calls.call_record import identifier
from renvoi.domain.calls.name_addr import MAX_VALUE
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text
from renvoi.voicemail.recording_metadata import MetadataInvalid, RecordingMetadata

FACTS = RecordingMetadata(
    VoicemailHandoff(E164("+33199001234"), 3, EmailAddress("é@exemple.fr"), "Zoë"), "call-1", "tag", 1_700
)


def test_what_is_written_is_read_again() -> None:
    assert RecordingMetadata.load(FACTS.dump()) == FACTS


@pytest.mark.parametrize("came", ["c" * 65_000, "a\x00b", "\ud800", "call-é"])
def test_what_an_earlier_worker_wrote_is_made_fit(came: str) -> None:
    """It wrote the Call-ID and the caller as they had come, and the store would refuse them."""
    deposit = json.dumps({"number": "+33199001234", "revision": 3, "email": "a@b.example", "caller": came})
    encoded = base64.b64encode(deposit.encode()).decode()
    written = json.loads(FACTS.dump()) | {"deposit": encoded, "call_id": came, "from_tag": came}
    facts = RecordingMetadata.load(json.dumps(written).encode())
    assert facts.call_id == facts.from_tag == identifier(came.encode("utf-8", "surrogatepass"))
    assert facts.deposit.caller == clean_text(came, MAX_VALUE)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        FACTS.dump()[:-1],
        *(
            json.dumps({name: value for name, value in json.loads(FACTS.dump()).items() if name != missing}).encode()
            for missing in ("deposit", "call_id", "from_tag", "answered_at_ms")
        ),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": "nonsense"}).encode(),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": None}).encode(),
        *(
            json.dumps(json.loads(FACTS.dump()) | {"answered_at_ms": at_ms}).encode()
            for at_ms in ("x", "1", 9e17, 2**63 - 1, 253_402_214_400_000, -1, float("inf"), True, None)
        ),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": base64.b64encode(b"[" * 100_000).decode()}).encode(),
        b"[" * 100_000,
        b'{"deposit":' * 50_000,
    ],
)
def test_anything_else_is_told_apart(text: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        RecordingMetadata.load(text)
