"""A message and a call of NUMBER, as examples and tests of `/v2` read them."""

from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, MailState, Message
from tests.support.http_api import NUMBER, START_MS, TARGET
from tests.unit.adapters.test_audio import tone, wav

CALLER = "+33140000001"
SIP_CALL_ID = "a84b4c76e66710@198.51.100.7"
MESSAGE_ID = "4f6b3c0e9a7d4d5c8b1f2e3a4d5c6b7a"
MESSAGE = Message(MESSAGE_ID, NUMBER, 1, 3, CALLER, SIP_CALL_ID, START_MS, 4200)
MAIL = Mail(
    MESSAGE_ID,
    EmailAddress("owner@example.com"),
    START_MS,
    START_MS,
    MailState.SENT,
    1,
    "250 OK",
    ended_at_ms=START_MS + 9000,
)
AUDIO = wav(tone(0.5, rate=8000), rate=8000)
CALL = CallRecord(
    CallKey(SIP_CALL_ID, "tag", 1),
    CALLER,
    f"sip:{NUMBER}@renvoi.example",
    NUMBER.value,
    3,
    "forward",
    None,
    TARGET,
    "carrier",
    START_MS,
    ring_at_ms=START_MS + 1000,
    answer_at_ms=START_MS + 5000,
    end_at_ms=START_MS + 65_500,
    status=200,
    cause=16,
    hung_up_by="caller",
    diversions=(NUMBER.value,),
)


def put_message(writer: Writer) -> None:
    """Store the message with its mail and audio."""
    writer.add_message(MESSAGE, MAIL, AUDIO)


def put_call(writer: Writer) -> None:
    """Store the call."""
    writer.put_call(CALL)
