"""What an operator chooses from for a trunk; the values are the words of the command line and of the API."""

from enum import StrEnum


class AuthCseq(StrEnum):
    """Which CSeq a request has that is sent again with credentials: the same, or a higher one (RFC 3261 §22.2)."""

    SAME = "same"
    INCREMENT = "increment"


class CalledNumberFrom(StrEnum):
    """Where an inbound trunk writes the called number (`docs/calls.md §2`, step 4)."""

    REQUEST_URI = "request-uri"
    P_CALLED_PARTY_ID = "p-called-party-id"
    TO = "to"


class NumberFormat(StrEnum):
    """How an outbound trunk wants a number written: `+331…`, `331…`, `00331…`, or as in its own region."""

    E164 = "e164"
    PLAIN = "plain"
    INTERNATIONAL = "international"
    NATIONAL = "national"


class DiversionDepth(StrEnum):
    """Whether an outbound trunk sees every diversion, or the last one alone."""

    ALL = "all"
    TOP = "top"


class DiversionHeaders(StrEnum):
    """Which headers tell an outbound trunk that the call was diverted."""

    BOTH = "both"
    DIVERSION = "diversion"
    HISTORY_INFO = "history-info"
    NONE = "none"


class IdentityHeaders(StrEnum):
    """What is done with the signed identity of calls from an inbound trunk (`docs/trunks.md`)."""

    OFF = "off"
    PASS = "pass"  # noqa: S105 - no password
    VERIFY = "verify"
    ENFORCE = "enforce"


class Probing(StrEnum):
    """When an outbound trunk is asked by OPTIONS whether it is there."""

    ALWAYS = "always"
    DOWN = "down"
    NEVER = "never"


class Redirects(StrEnum):
    """What is done when an outbound trunk answers with 3xx."""

    REFUSE = "refuse"
    FOLLOW = "follow"


class Signing(StrEnum):
    """What is signed of a call to an outbound trunk: nothing, our diversions, or an unsigned call as well."""

    OFF = "off"
    DIV = "div"
    SHAKEN = "shaken"
