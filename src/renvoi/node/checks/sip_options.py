"""Ask a SIP peer by OPTIONS (RFC 3261 §11) whether it is there: `renvoi trunk test`."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from renvoi.adapters.names import look_up
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.trunks.address import TCP, TLS, Destination, NameNotFound, TrunkAddress
from renvoi.edge.tls.profiles import Profile
from renvoi.node.checks.results import Verdict
from renvoi.sip_options import request, status_of

ANSWER_TIMEOUT_S = 4.0


async def ask_each(uri: str, where: TrunkAddress, found: Sequence[Destination], profile: Profile) -> Sequence[Verdict]:
    """Send OPTIONS for `uri` to each of its addresses at once; return what each answers, in their order.

    By TLS `profile` says who is trusted there, and who we are; and one whose certificate does not count does not work.
    Any answer but 408 and 5xx shows that one works.
    """
    return await asyncio.gather(*(_ask_destination(uri, where.host, each, profile) for each in found))


def best_of(where: TrunkAddress, found: Sequence[Destination], verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict about a trunk that is at these addresses: one that works is enough."""
    best = next((verdict for verdict in verdicts if verdict.ok), verdicts[0])
    if not where.is_name:
        return best
    shown = ", ".join(f"{each.uri} ({verdict.text})" for each, verdict in zip(found, verdicts, strict=True))
    return Verdict(best.ok, f"{where.host} is at {shown}", best.took_ms)


async def addresses_of(where: TrunkAddress) -> tuple[Destination, ...]:
    """Return where a trunk is; IPv6 addresses where it has no others.

    Raises:
        NameNotFound: it leads nowhere.
    """
    try:
        return await look_up(where, [False])
    except NameNotFound:
        try:
            return await look_up(where, [True])
        except NameNotFound:
            pass
        raise


async def _ask_destination(uri: str, host: str, destination: Destination, profile: Profile) -> Verdict:
    started = time.monotonic()
    try:
        if destination.transport == TLS:
            return await _ask_by_tls(uri, host, destination, profile)
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            answer = await request(uri, destination.address, destination.port, tcp=destination.transport == TCP)
    except TimeoutError:
        english = f"no answer within {ANSWER_TIMEOUT_S:g} s: is the address right, and are we let in?"
        french = (
            f"pas de réponse en {ANSWER_TIMEOUT_S:g} s\u00a0: l’adresse est-elle juste, et sommes-nous admis\u00a0?"
        )
        return Verdict(False, Bilingual(english, french))
    except OSError as error:
        why = error.strerror or error
        return Verdict(False, Bilingual(f"cannot be reached: {why}", f"ne peut être atteint\u00a0: {why}"))
    return _verdict(answer, (time.monotonic() - started) * 1000)


async def _ask_by_tls(uri: str, host: str, destination: Destination, profile: Profile) -> Verdict:
    # Loaded late: most nodes have no such trunk.
    from renvoi.edge.tls.handshake import examine  # noqa: PLC0415

    started = time.monotonic()
    shown = await examine(uri, host, destination, profile)
    if shown.fault:
        return Verdict(False, str(shown))
    answered = _verdict(shown.answer, (time.monotonic() - started) * 1000)
    return replace(answered, text=f"{answered.text}, {shown}")


def _verdict(answer: bytes, took_ms: float) -> Verdict:
    found = status_of(answer)
    if found is None:
        shown = repr(answer[:60].decode("utf-8", "replace"))
        text = Bilingual(f"the answer is not SIP: {shown}", f"la réponse n’est pas du SIP\u00a0: {shown}")
        return Verdict(False, text, took_ms)
    status, phrase = found
    return Verdict(status < 500 and status != 408, f"{status} {phrase}".strip(), took_ms)
