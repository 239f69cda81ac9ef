"""TLS of trunks: whether it can be done here, and which certificates end soon."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.kamailio.programs import missing, why_no_tls
from renvoi.edge.tls.certificates import end_of, read_own
from renvoi.edge.tls.support import users_of_tls
from renvoi.node.checks.results import Finding

NAME = "TLS"
SOON = timedelta(days=14)
"""A certificate that ends within this time needs attention."""


def check_tls(trunks: Trunks, own: Path | None = None, now: datetime | None = None) -> Iterator[Finding]:
    """Look at what trunks by TLS need, and at the file of `own` certificate; nothing where there is none."""
    known = (trunk for trunk in trunks.inbound if trunk.certificate)
    wanted: list[InboundTrunk | OutboundTrunk] = [*users_of_tls(trunks), *known]
    if not wanted and own is None:
        return
    names = ", ".join(dict.fromkeys(trunk.name for trunk in wanted))
    if missing() is None and (trouble := why_no_tls()):
        text, _, advice = trouble.rpartition(": ")
        who = f"trunk {names} gets no calls" if names else f"{own} is shown to nobody"
        yield Finding(NAME, False, f"{who}: {text}", advice)
        return
    held = {
        f"{what} of trunk {trunk.name}": pem
        for trunk in wanted
        for what, pem in (("client certificate", getattr(trunk, "client_cert", "")), ("authority", trunk.ca))
        if pem
    }
    if own is not None:
        try:
            held[f"certificate in {own}"] = read_own(own.read_bytes())
        except (OSError, CertificateInvalid) as error:
            yield Finding(NAME, False, f"{own}: {error}", "put a certificate there, and its key beside it")
            if not wanted:
                return
    troubles = [text for what, pem in held.items() for text in _ends(what, pem, now or datetime.now(UTC))]
    if troubles:
        yield Finding(
            NAME, False, "; ".join(troubles), "renew it; `renvoi trunk set` takes that of a trunk", needed=False
        )
    else:
        yield Finding(
            NAME, True, f"{f'trunk {names}' if names else own}, and no certificate ends within {SOON.days} days"
        )


def _ends(what: str, pem: str, now: datetime) -> Iterator[str]:
    """Say which of these certificates do not count at `now`, or will not soon."""
    for each in x509.load_pem_x509_certificates(pem.encode()):
        who = f"the {what} ({each.subject.rfc4514_string()})"
        if why := end_of(each, now):
            yield f"{who} {why}"
        elif each.not_valid_after_utc - now < SOON:
            yield f"{who} ends in {(each.not_valid_after_utc - now).days} days"
