"""What trunks need here: TLS and certificates that do not end soon, and a media relay."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from renvoi.application.ports.trunks import Trunks
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import Settings
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.text import counted
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge import relay_client
from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.kamailio.programs import missing, users_of_tls, why_no_tls
from renvoi.edge.tls.certificates import end_of, read_own
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
            yield f"{who} ends in {counted((each.not_valid_after_utc - now).days, 'day')}"


RELAY = "media relay"
ANSWER_TIMEOUT_S = 1.0
_ADVICE = Bilingual(
    "start rtpengine with --listen-ng at that address (docs/operating/network.md), "
    "or set RENVOI_RTPENGINE to where it is",
    "démarrez rtpengine avec --listen-ng à cette adresse (docs/operating/network.md), ou corrigez RENVOI_RTPENGINE",
)


async def check_relay(settings: Settings, trunks: Trunks) -> list[Finding]:
    """Look at whether the relay is there that trunks need."""
    if EDGE not in settings.parts:
        return []
    address = settings.relay_address
    if address is None:
        if not trunks.relayed:
            return []
        names = ", ".join(trunks.relayed)
        text = Bilingual(
            f"none, and without it no call is forwarded that has to do with {names}",
            f"aucun, et sans lui aucun appel qui touche à {names} n’est renvoyé",
        )
        advice = Bilingual(
            "set RENVOI_RTPENGINE to where rtpengine is", "indiquez dans RENVOI_RTPENGINE où est rtpengine"
        )
        return [Finding(RELAY, False, text, advice, needed=False)]
    there = await asyncio.to_thread(relay_client.answers, address, ANSWER_TIMEOUT_S)
    text = Bilingual(
        f"rtpengine {'answers' if there else 'does not answer'} at {settings.rtpengine}",
        f"rtpengine {'répond' if there else 'ne répond pas'} à {settings.rtpengine}",
    )
    return [Finding(RELAY, there, text, _ADVICE, needed=False)]
