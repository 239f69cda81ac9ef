"""TLS of trunks: whether it can be done here, and which certificates end soon."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography import x509

from renvoi.application.ports.trunks import Trunks
from renvoi.edge.kamailio.process import missing, why_no_tls
from renvoi.edge.tls.certificates import end_of
from renvoi.edge.tls.support import users_of_tls
from renvoi.node.checks.results import Finding

NAME = "TLS"
SOON = timedelta(days=14)
"""A certificate that ends within this time needs attention."""


def check_tls(trunks: Trunks, now: datetime | None = None) -> Iterator[Finding]:
    """Look at what trunks by TLS need; nothing where there is none."""
    wanted = users_of_tls(trunks)
    if not wanted:
        return
    names = ", ".join(trunk.name for trunk in wanted)
    if missing() is None and (trouble := why_no_tls()):
        text, _, advice = trouble.rpartition(": ")
        yield Finding(NAME, False, f"trunk {names} gets no calls: {text}", advice)
        return
    held = {
        f"{what} of trunk {trunk.name}": pem
        for trunk in wanted
        for what, pem in (("client certificate", trunk.client_cert), ("authority", trunk.ca))
        if pem
    }
    troubles = [text for what, pem in held.items() for text in _ends(what, pem, now or datetime.now(UTC))]
    if troubles:
        yield Finding(NAME, False, "; ".join(troubles), "renew it, and set it with `renvoi trunk set`", needed=False)
    else:
        yield Finding(NAME, True, f"trunk {names}, and no certificate ends within {SOON.days} days")


def _ends(what: str, pem: str, now: datetime) -> Iterator[str]:
    """Say which of these certificates do not count at `now`, or will not soon."""
    for each in x509.load_pem_x509_certificates(pem.encode()):
        who = f"the {what} ({each.subject.rfc4514_string()})"
        if why := end_of(each, now):
            yield f"{who} {why}"
        elif each.not_valid_after_utc - now < SOON:
            yield f"{who} ends in {(each.not_valid_after_utc - now).days} days"
