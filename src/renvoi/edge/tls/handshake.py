"""A connection by TLS of our own to a trunk, which says why Kamailio's is not verified: Kamailio tells only its log."""

import asyncio
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from renvoi import sip_options
from renvoi.domain.hosts import is_ip_address
from renvoi.domain.trunks.address import Destination
from renvoi.edge.tls.certificates import issuer_of, names_of
from renvoi.edge.tls.profiles import TRUSTED, Profile

HANDSHAKE_S = 4.0
"""How long a handshake, or an answer, may take."""
_MOST_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class Examined:
    """What a peer shows: whom its certificate is for, who signed it, and when it ends; the version of TLS.

    `fault` says why it gets no calls, empty where it does; `answer` is what it said to OPTIONS.
    """

    fault: str = ""
    names: str = ""
    issuer: str = ""
    ends: datetime | None = None
    version: str = ""
    answer: bytes = b""

    def __str__(self) -> str:
        """All of it, as people read it."""
        parts = [f"not verified: {self.fault}" if self.fault else f"verified ({self.version})"]
        if self.ends is not None:
            parts.append(f"certificate for {self.names}, signed by {self.issuer}, until {self.ends:%Y-%m-%d}")
        return ", ".join(parts)


async def examine(uri: str, host: str, at: Destination, profile: Profile) -> Examined:
    """Connect to the trunk with this URI and name at one of its addresses, and ask it by OPTIONS.

    Raises:
        OSError: it cannot be reached, or speaks no TLS.
        TimeoutError: it takes too long.
    """
    try:
        connection = await _connect(host, at, profile, verifies=True)
    except ssl.SSLCertVerificationError as error:
        return await _unverified(host, at, profile, f"its chain does not hold: {error.verify_message}")
    async with connection as (reader, writer):
        shown = _shown(writer)
        certificate = x509.load_der_x509_certificate(_der(writer))
        if not names_of(certificate).has(host):
            return Examined(f"its certificate is for {shown.names}, not for {host}", *_rest(shown))
        try:
            async with asyncio.timeout(HANDSHAKE_S):
                own = sip_options.place_of(writer.get_extra_info("sockname"))
                writer.write(sip_options.message(uri, own, "TLS"))
                answer = await reader.read(_MOST_BYTES)
        except (ssl.SSLError, ConnectionError):
            answer = b""
        if answer:
            return Examined("", *_rest(shown), answer)
        # It looks at our certificate after the handshake (RFC 8446 §4.4.2.4).
        why = "it may refuse our certificate" if profile.certificate else "it may want a certificate (--client-cert)"
        return Examined(f"it closes the connection: {why}", *_rest(shown))


async def exchange(
    write: Callable[[tuple[str, int], str], bytes], host: str, at: Destination, profile: Profile
) -> bytes:
    """Send what `write` makes of our address and the transport to a trunk that is verified; return the final answer.

    Raises:
        OSError: it cannot be reached or is not verified, or the connection is closed.
        TimeoutError: the handshake takes too long.
    """
    async with await _connect(host, at, profile, verifies=True) as (reader, writer):
        if not names_of(x509.load_der_x509_certificate(_der(writer))).has(host):
            raise OSError(f"its certificate is not for {host}")
        writer.write(write(sip_options.place_of(writer.get_extra_info("sockname")), "TLS"))
        return await sip_options.final_answer(lambda: reader.read(_MOST_BYTES), is_stream=True)


async def _unverified(host: str, at: Destination, profile: Profile, why: str) -> Examined:
    """Return what somebody shows whose chain does not hold."""
    try:
        async with await _connect(host, at, profile, verifies=False) as (_, writer):
            return Examined(why, *_rest(_shown(writer)))
    except (OSError, TimeoutError):
        return Examined(why)


class _Connection:
    """Closes a connection, whatever the other side says to that."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._streams = reader, writer

    async def __aenter__(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return self._streams

    async def __aexit__(self, *_: object) -> None:
        self._streams[1].transport.abort()


async def _connect(host: str, at: Destination, profile: Profile, *, verifies: bool) -> _Connection:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Names count as SIP has them (RFC 5922).
    context.check_hostname = False
    if not verifies:
        context.verify_mode = ssl.CERT_NONE
    elif profile.ca:
        context.load_verify_locations(cadata=profile.ca)
    else:
        context.load_verify_locations(capath=TRUSTED)
    if profile.certificate:
        _load(context, profile)
    name = "" if is_ip_address(host) else host
    async with asyncio.timeout(HANDSHAKE_S):
        return _Connection(*await asyncio.open_connection(at.address, at.port, ssl=context, server_hostname=name))


def _load(context: ssl.SSLContext, profile: Profile) -> None:
    """Take our certificate and its key, which OpenSSL reads from files only; this one has no name."""
    descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(profile.certificate + profile.key)
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")


def _der(writer: asyncio.StreamWriter) -> bytes:
    shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    assert shown is not None, "servers show one"
    return shown


def _shown(writer: asyncio.StreamWriter) -> Examined:
    version = str(writer.get_extra_info("ssl_object").version())
    try:
        certificate = x509.load_der_x509_certificate(_der(writer))
        names, issuer = str(names_of(certificate)), issuer_of(certificate)
    except ValueError as error:
        raise OSError(f"its certificate cannot be read: {error}") from error
    return Examined("", names, issuer, certificate.not_valid_after_utc, version)


def _rest(shown: Examined) -> tuple[str, str, datetime | None, str]:
    return shown.names, shown.issuer, shown.ends, shown.version
