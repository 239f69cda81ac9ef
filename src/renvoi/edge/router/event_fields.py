"""What call events say, read from the parts of a message."""

from renvoi.domain.calls.name_addr import MAX_VALUE, uri_user
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text
from renvoi.edge.router.invite_parser import InviteFacts

MAX_REASON = 1024
"""Characters that are read of a Reason header."""


def chain(facts: InviteFacts) -> tuple[str, ...]:
    """Return who diverted the call before us, first to last; Diversion has the last one on top."""
    call = facts.call
    if call.diversions:
        return tuple(_diverting(diversion.number, diversion.uri) for diversion in reversed(call.diversions))
    # An entry of History-Info with a cause is where its predecessor sent the call.
    pairs = zip(call.history, call.history[1:], strict=False)
    return tuple(_diverting(entry.number, entry.uri) for entry, later in pairs if later.cause is not None)


def _diverting(number: E164 | None, uri: str) -> str:
    return str(number or uri_user(uri) or clean_text(uri, MAX_VALUE))


def q850_cause(reason: str) -> int | None:
    """Return the cause of a Reason header's Q.850 value (RFC 3326), None when it has none."""
    for value in reason[:MAX_REASON].split(","):
        protocol, *parameters = (part.strip() for part in value.split(";"))
        if protocol.lower() == "q.850":
            for parameter in parameters:
                name, _, number = parameter.partition("=")
                if name.strip().lower() == "cause" and number.strip().isascii() and number.strip().isdigit():
                    return int(number) if len(number) <= 3 else None
    return None
