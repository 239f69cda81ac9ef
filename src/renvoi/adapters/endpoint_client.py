"""The HTTP client of webhooks: a POST to an address that a customer chose.

So it connects to no inner network whatever DNS says, to the very address that was looked at, and goes nowhere from
there; and neither time nor memory depends on the other side. httptools, which serves our own HTTP, reads the answer:
a client such as httpx looks names up by itself, and connects to what it finds.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

import httptools

from renvoi.adapters.names import host_addresses
from renvoi.application.ports.unit_of_work import Clock
from renvoi.application.ports.webhooks import Answer
from renvoi.domain.events.endpoint_url import EndpointUrl, EndpointUrlInvalid, read_url
from renvoi.domain.events.webhook import MAX_SHOWN
from renvoi.domain.hosts import Address, is_ip_address, is_public
from renvoi.domain.text import clean_text
from renvoi.domain.trunks.address import NameNotFound

TIME_S = 15.0
"""How long an attempt may take, from the name's look-up to the end of the answer."""
MAX_HEAD = 16 * 1024
"""Bytes of an answer's first line and headers."""
_CHUNK = 8 * 1024
_MAX_REASON = 200
Networks = Collection[IPv4Network | IPv6Network]


class _Refused(Exception):
    """Nothing was sent, or no answer can be read; the text says why."""


async def resolve(host: str) -> Collection[Address]:
    """Return the addresses of a host, those of IPv4 first.

    Raises:
        NameNotFound: it has none.
    """
    found = await asyncio.gather(*(host_addresses(host, ipv6=ipv6) for ipv6 in (False, True)), return_exceptions=True)
    listed = [ip_address(each) for part in found if not isinstance(part, BaseException) for each in part]
    if not listed:
        raise next(part for part in found if isinstance(part, BaseException))
    return dict.fromkeys(listed)


@dataclass(frozen=True, slots=True)
class HttpEndpointClient:
    """See `EndpointClient`. `networks` are inner ones that may be sent to all the same."""

    clock: Clock
    allow_http: bool = False
    networks: Networks = ()
    agent: str = "renvoi"
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    resolve: Callable[[str], Awaitable[Collection[Address]]] = resolve
    time_s: float = TIME_S

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """See `EndpointClient`."""
        reading = _Reading()
        try:
            parts = read_url(url, allow_http=self.allow_http)
            async with asyncio.timeout(self.time_s):
                await self._post(parts, headers, body, reading)
        except TimeoutError:
            why = f"no answer within {self.time_s:g} s"
        except (_Refused, EndpointUrlInvalid, NameNotFound) as error:
            why = str(error)
        except ssl.SSLCertVerificationError as error:
            why = f"its certificate is not good: {error.verify_message or error.reason}"
        except ssl.SSLError as error:
            why = f"TLS failed: {error.reason or error}"
        except OSError as error:
            why = f"it cannot be reached: {error.strerror or error}"
        except ValueError as error:  # of what TLS and asyncio make of odd names
            why = f"it cannot be reached: {error}"
        else:
            why = ""
        return self._answer(reading, why)

    def _answer(self, reading: "_Reading", why: str) -> Answer:
        if reading.status is None:
            return Answer(None, clean_text(why or "the connection was closed without an answer", _MAX_REASON))
        # What comes after the head may end as it will: the head has said whether the event was taken.
        note = "" if 200 <= reading.status < 300 else _note(reading.status)
        retry_after = _retry_after(reading.retry_after, self.clock.now_ms())
        return Answer(reading.status, note, _shown(bytes(reading.body)), retry_after)

    async def _post(self, url: EndpointUrl, headers: dict[str, str], body: bytes, reading: "_Reading") -> None:
        addresses = await self._addresses(url.host)
        reader, writer = await _connect(addresses, url, self.tls)
        try:
            fields = {"Host": url.authority, **headers, "Content-Length": str(len(body)), "User-Agent": self.agent}
            fields |= {"Accept": "*/*", "Connection": "close"}
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"POST {url.target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body)
            await reading.read(reader)
        finally:
            writer.transport.abort()

    async def _addresses(self, host: str) -> Collection[Address]:
        """Return where a host is, if all of that may be sent to."""
        found = [ip_address(host)] if is_ip_address(host) else await self.resolve(host)
        # One that leads inside is not a slip: nothing of it is trusted.
        inside = [str(each) for each in found if not self._is_allowed(each)]
        if inside:
            raise _Refused(f"{host} is at {', '.join(inside)[:100]}, which is not a public address")
        return found

    def _is_allowed(self, address: Address) -> bool:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        plain = address if mapped is None else mapped
        return is_public(address) or any(
            plain.version == network.version and plain in network for network in self.networks
        )


async def _connect(
    addresses: Collection[Address], url: EndpointUrl, tls: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the first address that takes it; the name is the one that is asked for and certified."""
    last: OSError | None = None
    for address in addresses:
        try:
            if not url.is_secure:
                return await asyncio.open_connection(str(address), url.port, limit=_CHUNK)
            return await asyncio.open_connection(
                str(address), url.port, limit=_CHUNK, ssl=tls, server_hostname=url.host
            )
        except ssl.SSLError:
            raise
        except OSError as error:
            last = error
    raise last or _Refused("it has no address")


class _Reading:
    """What httptools calls: keeps of an answer what is of use, however long it is."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self.status: int | None = None
        """Of the answer whose head has come; None before."""
        self.is_complete = False
        self.retry_after = b""
        self.body = bytearray()

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Read an answer as far as it is kept.

        Raises:
            _Refused: it is none.
        """
        while not self.is_complete and len(self.body) < MAX_SHOWN:
            data = await reader.read(_CHUNK)
            if not data:
                return
            self._feed(data)

    def _feed(self, data: bytes) -> None:
        if self.status is None:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.is_complete = True
        except httptools.HttpParserError as error:
            if self.status is None:
                raise _Refused("its answer is not HTTP") from error
            # The head has said what there is to know.
            self.is_complete = True
        if self.status is None and self._head_bytes > MAX_HEAD:
            raise _Refused(f"the headers of its answer are longer than {MAX_HEAD} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self.retry_after = value

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        # After an interim answer another one comes (RFC 9110 §15.2); 101 is for who asked for it.
        if status >= 200 or status == 101:
            self.status = status

    def on_body(self, body: bytes) -> None:
        self.body += body[: MAX_SHOWN - len(self.body)]

    def on_message_complete(self) -> None:
        self.is_complete = self.status is not None


def _note(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}: redirects are not followed, give the final address"
    return f"HTTP {status}"


def _shown(body: bytes) -> str:
    """Return the beginning of what was said as a text that every store and screen takes."""
    text = body.decode("utf-8", "replace")
    return "".join(each if each in "\n\t" else clean_text(each, 1) for each in text) if text else ""


def _retry_after(value: bytes, now_ms: int) -> timedelta | None:
    """Read `Retry-After` (RFC 9110 §10.2.3): seconds or a date; None for anything else."""
    text = value.decode("ascii", "replace").strip()
    if text.isascii() and text.isdigit():
        # Nine digits are longer than anything that is waited for, and no more fit.
        return timedelta(seconds=int((text.lstrip("0") or "0")[:9]))
    with suppress(ValueError, TypeError, OverflowError):
        date = parsedate_to_datetime(text)
        date = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
        left_ms = int(date.timestamp() * 1000) - now_ms
        return timedelta(milliseconds=left_ms) if left_ms > 0 else None
    return None
