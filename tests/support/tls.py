"""An authority for certificates of TLS, and phones that show and demand them."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from renvoi.edge.kamailio.programs import Programs, find_programs, tls_trouble
from tests.support.sip import TIMEOUT_S, Phone
from tests.support.sip_message import Address, SipMessage

_DAY = timedelta(days=1)
HANDSHAKE_S = 10.0
PATIENCE_S = 60.0
"""For what takes a command, or a look of the node."""


def tls_is_missing() -> str:
    """Return why Kamailio can do no TLS here, empty where it can."""
    found = find_programs()
    return tls_trouble(found.kamailio, found.modules) if isinstance(found, Programs) else found


needs_tls = pytest.mark.skipif(bool(tls_is_missing()), reason=f"{tls_is_missing()} (./test --debian13 runs it)")


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, in PEM form."""

    certificate: str
    key: str

    def write(self, directory: Path, name: str) -> tuple[Path, Path]:
        """Write both to files; return their paths."""
        paths = directory / f"{name}.pem", directory / f"{name}.key"
        for path, text in zip(paths, (self.certificate, self.key), strict=True):
            path.write_text(text, "ascii")
        return paths


class Authority:
    """Signs certificates; `pem` is its own one."""

    def __init__(self, name: str, until: timedelta = 365 * _DAY) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        own = self._builder(self._name, self._key, -_DAY, until)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        self.pem = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    def issue(
        self, *hosts: str, common: str = "", since: timedelta = -_DAY, until: timedelta = 90 * _DAY, uri: str = ""
    ) -> Identity:
        """Sign a certificate for names and addresses, good from `since` to `until` as seen from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)] if common else [])
        names: list[x509.GeneralName] = [_general(host) for host in hosts]
        names += [x509.UniformResourceIdentifier(uri)] if uri else []
        builder = self._builder(name, key, since, until)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not common)
        certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return Identity(certificate, secret)

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, since: timedelta, until: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now + since).not_valid_after(now + until)


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def server_side(directory: Path, identity: Identity, clients: str = "") -> ssl.SSLContext:
    """Return what a server shows, and the authority of the clients that it demands certificates of."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*identity.write(directory, "server"))
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients)
    return context


def client_side(directory: Path, authority: str, identity: Identity | None = None) -> ssl.SSLContext:
    """Return what a client demands, whatever the name, and shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=authority)
    if identity is not None:
        context.load_cert_chain(*identity.write(directory, "client"))
    return context


class SecurePhone(Phone):
    """A phone by TLS. It answers probes by itself whenever it is asked for a message, unless it is `mute`."""

    def __init__(
        self,
        server: ssl.SSLContext | None = None,
        client: ssl.SSLContext | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        mute: bool = False,
    ) -> None:
        super().__init__("tls", host, port)
        self._server, self._client = server, client
        self.mute = mute
        self.probes: list[SipMessage] = []
        self.names: list[str | None] = []
        """The server names (SNI) that were asked for."""
        self.client_certificates: list[object] = []
        self.refused: list[str] = []
        """Why handshakes failed."""
        if server is not None:
            server.sni_callback = lambda _socket, name, _context: self.names.append(name)

    def receive(self, timeout_s: float = TIMEOUT_S) -> SipMessage:
        """Return the next message that is not a probe."""
        deadline = time.monotonic() + timeout_s
        while True:
            message = super().receive(max(0.0, deadline - time.monotonic()))
            if message.status is not None or message.method != "OPTIONS":
                return message
            self.seen.remove(message)
            self.probes.append(message)
            if not self.mute:
                self.send(message.answer(200, "OK", tag="probed"), message.source)

    def serve(self, until: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
        """Answer probes until something is so; nothing else may come meanwhile."""
        deadline = time.monotonic() + timeout_s
        while not until():
            assert time.monotonic() < deadline, f"waited for {what} (handshakes refused: {self.refused})"
            self.expect_silence(0.05)

    def drop(self) -> None:
        """Close every connection."""
        for stream in self._streams.values():
            stream.close()
        self._streams.clear()
        self._buffers.clear()

    def _connect(self, to: Address) -> socket.socket:
        assert self._client is not None
        plain = super()._connect(to)
        try:
            return self._client.wrap_socket(plain)
        except OSError:
            plain.close()
            raise

    def _read(self, ready: socket.socket) -> None:
        if ready is self._socket:
            plain, source = ready.accept()
            assert self._server is not None
            plain.settimeout(HANDSHAKE_S)
            try:
                stream = self._server.wrap_socket(plain, server_side=True)
            except OSError as error:
                self.refused.append(str(error))
                plain.close()
                return
            self.client_certificates.append(stream.getpeercert())
            # That of an address of IPv6 has four parts.
            self._streams[source[:2]] = stream
            return
        try:
            super()._read(ready)
            while isinstance(ready, ssl.SSLSocket) and ready.fileno() >= 0 and ready.pending():
                super()._read(ready)
        except (ssl.SSLError, BrokenPipeError) as error:
            if isinstance(error, ssl.SSLError):
                self.refused.append(str(error))
            for peer in [peer for peer, stream in self._streams.items() if stream is ready]:
                del self._streams[peer]
            ready.close()
