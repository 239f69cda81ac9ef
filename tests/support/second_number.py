"""A number whose rule has a second one, and calls to both."""

from datetime import timedelta

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Fallback, Fallbacks, Otherwise, Rule, RuleType
from tests.support.sip import SDP, Call, Incoming, Phone

NUMBER, OTHER, TARGET, SECOND, THIRD = "+33199001234", "+33199005678", "+33612345678", "+33140000009", "+33140000010"
EMAIL = EmailAddress("box@example.org")


def rule(
    target: str, second: str, then: Otherwise = Otherwise.RELEASE, *, ring_s: int = 60, email: EmailAddress = EMAIL
) -> Rule:
    """Return a rule that has `second` for whatever reason."""
    each = Fallback(Otherwise.FORWARD, E164(second), then)
    return Rule(
        RuleType.FORWARD, E164(target), (email,), 5, timedelta(seconds=ring_s), fallbacks=Fallbacks(each, each, each)
    )


def at(phone: Phone, number: str, timeout_s: float = 5) -> Incoming:
    incoming = Incoming.wait(phone, timeout_s)
    assert incoming.invite.uri.startswith(f"sip:{number}@{phone.host}"), incoming.invite.uri
    return incoming


def talk(call: Call, incoming: Incoming, phone: Phone, carrier: Phone) -> None:
    """Answer the call, acknowledge and end it."""
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    phone.expect("ACK", skip=("INVITE",))
    call.send("BYE")
    # The ACK of a first try's refusal may come again.
    incoming.answer(phone.expect("BYE", skip=("ACK",)))
    carrier.expect(200)
