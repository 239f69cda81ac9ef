"""TLS of one Kamailio: what it reads of it, and how that is changed while it runs.

That is our own certificate, in files that somebody renews, and where trunks are reached by TLS, or why not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.trunks.address import TLS, Destination
from renvoi.domain.trunks.branch_plan import in_order
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge import sandbox
from renvoi.edge.config import EdgeConfig
from renvoi.edge.identity.certificates import CertificateInvalid
from renvoi.edge.kamailio import render
from renvoi.edge.kamailio.files import replace
from renvoi.edge.kamailio.programs import port_trouble, users_of_tls
from renvoi.edge.kamailio.rpc import EdgeRefused
from renvoi.edge.router.secured import ASKED_TABLE, SECURED_TABLE
from renvoi.edge.router.trunk_table import SecuredPlace
from renvoi.edge.sandbox import EdgeUser
from renvoi.edge.tls import profiles
from renvoi.edge.tls.certificates import make_own, read_key, read_own
from renvoi.edge.tls.profiles import Profile, profile_name

Addresses = Mapping[str, Sequence[Destination]]
_Stamp = tuple[tuple[int, int] | None, ...]


class OwnCertificate:
    """What who connects to us is shown. `trouble` says why the files are not used as they are; empty for nothing."""

    def __init__(self, certificate: Path | None, key: Path | None, host: str) -> None:
        """Read these files; without them one for `host` is made up, as Kamailio must have some."""
        self._paths = (certificate, key)
        self._host = host
        self._held: tuple[str, str] | None = None
        self._read_at: _Stamp = ()
        self.trouble = ""

    def read(self) -> tuple[str, str]:
        """Return the certificate and its key; those that were good last while the files are not."""
        certificate, key = self._paths
        stamp = self._stamp()
        if certificate is not None and key is not None and stamp != self._read_at:
            # Of a pair that is written just now one may be there: they are looked at again when the other one is.
            self._read_at = stamp
            try:
                shown = read_own(certificate.read_bytes())
                self._held, trouble = (shown, read_key(key.read_bytes(), shown)), ""
            except OSError as error:
                trouble = f"{error.filename} cannot be read: {error.strerror}"
            except CertificateInvalid as error:
                trouble = f"{certificate} with {key}: {error}"
            if trouble and trouble != self.trouble:
                structlog.get_logger("edge").warning("our certificate stays as it was", error=trouble)
            self.trouble = trouble
        if self._held is None:
            self._held = make_own(self._host)
        return self._held

    def has_changed(self) -> bool:
        """Tell whether the files are others than those that were read."""
        return self._paths[0] is not None and self._stamp() != self._read_at

    def _stamp(self) -> _Stamp:
        return tuple(_stamp(path) for path in self._paths if path is not None)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


PORT_PATIENCE_S = 2.0
"""How long a start waits for the port."""
PORT_PAUSE_S = 0.05
Call = Callable[..., Awaitable[Any]]


def _known_by_certificate(trunks: Trunks) -> list[InboundTrunk]:
    return [trunk for trunk in trunks.inbound if trunk.certificate]


class KamailioTls:
    """`troubles` says of trunks by TLS, by name, why they get no calls; `reloads` counts how often profiles changed."""

    def __init__(self, config: EdgeConfig, user: EdgeUser | None, trouble: Callable[[], str]) -> None:
        """Make it find out by `trouble` why there is no TLS on this machine, where it is wanted."""
        self._config, self._user = config, user
        self._trouble = trouble
        self._files: dict[Path, str] = {}
        self._next: dict[Path, str] = {}
        self._places: Mapping[str, SecuredPlace] = {}
        self._changed: list[str] = []
        self._profiles: Mapping[str, Profile] = {}
        self._clients = ""
        self._own = OwnCertificate(config.tls_certificate, config.tls_key, config.public_host)
        self.loaded = False
        self.troubles: Mapping[str, str] = {}
        self.reloads = 0

    def is_wanted(self, trunks: Trunks) -> bool:
        """Tell whether Kamailio has to have TLS for these trunks, and can."""
        return self._has_use(trunks) and not self._why_not()

    def wait_for_port(self, trunks: Trunks) -> None:
        """Wait a moment for the port, which processes of a Kamailio that died may have still."""
        until = time.monotonic() + PORT_PATIENCE_S
        while self._has_use(trunks) and self._port_trouble() and time.monotonic() < until:
            # In a thread of its own; processes that are not our children free a port without a word.
            time.sleep(PORT_PAUSE_S)

    def _has_use(self, trunks: Trunks) -> bool:
        return bool(users_of_tls(trunks) or _known_by_certificate(trunks) or self._config.tls_certificate)

    def _why_not(self) -> str:
        """Return why Kamailio can do no TLS; what it has already it can keep."""
        return self._trouble() or ("" if self.loaded else self._port_trouble())

    def _port_trouble(self) -> str:
        return port_trouble([each.host for each in self._config.listeners], self._config.tls_port)

    def places(
        self, trunks: Trunks, addresses: Addresses, keys: Mapping[str, str]
    ) -> tuple[Mapping[str, SecuredPlace], Addresses]:
        """Return where trunks are reached by TLS, and the addresses that trunks get calls at.

        `keys` has the private keys of our certificates, by the trunks that they are for. What `write` writes is that.
        """
        wanted = users_of_tls(trunks)
        trouble = self._why_not() if wanted else ""
        self._profiles = profiles.profiles_of(wanted, keys, _known_by_certificate(trunks))
        places, usable, self.troubles = secure(wanted, addresses, self._profiles, trouble)
        if _known_by_certificate(trunks) and not self.loaded and (why := self._why_not()):
            structlog.get_logger("edge").warning("no trunk is known by its certificate", error=why)
        self._clients = "".join(dict.fromkeys(trunk.ca for trunk in _known_by_certificate(trunks)))
        if self.loaded or self.is_wanted(trunks):
            self._next = self._written()
        self._changed = [uri for uri, place in self._places.items() if places.get(uri) != place]
        self._places = places
        return places, usable

    def _written(self) -> dict[Path, str]:
        certificate, key = self._own.read()
        return profiles.written(self._profiles, Profile(self._clients, certificate, key))

    async def renew(self, call: Call) -> None:
        """Have the running Kamailio show our own certificate as its files are now.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        if self.loaded and self._own.has_changed():
            self._next = await asyncio.to_thread(self._written)
            await self.reload(call)

    def write(self) -> bool:
        """Write the profiles where they have changed; tell whether they have."""
        if self._next == self._files:
            return False
        directory = self._config.directory
        place = directory / profiles.DIRECTORY
        place.mkdir(exist_ok=True)
        sandbox.let_read(self._user, place)
        for path, text in self._next.items():
            replace(directory / path, text, self._user)
        self._files = self._next
        self._remove_others(place)
        return True

    def clear(self) -> None:
        """Remove what an edge with TLS has left: there are keys among it."""
        self._files = {}
        self._remove_others(self._config.directory / profiles.DIRECTORY)

    def _remove_others(self, place: Path) -> None:
        for path in place.glob("*"):
            if path.relative_to(self._config.directory) not in self._files:
                path.unlink(missing_ok=True)

    async def leave_changed(self, call: Call) -> None:
        """Have connections that were made in another way than they would be now get no calls any more.

        After the router has its trunks: before, it would ask there again, by the same connection, and take it.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        changed, self._changed = self._changed, []
        for uri in changed if self.loaded else ():
            for table in (ASKED_TABLE, SECURED_TABLE):
                with suppress(EdgeRefused):
                    await call("htable.delete", table, uri)

    async def reload(self, call: Call) -> None:
        """Have the running Kamailio read the profiles where they have changed.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        if not self.loaded or not self.write():
            return
        log = structlog.get_logger("edge")
        try:
            await call("tls.reload")
        except EdgeRefused as error:
            # It lacks the memory for that, mostly, and serves on as it was configured before.
            log.warning("TLS is not configured again: restart the node", error=str(error))
            return
        self.reloads += 1
        await call("pv.shvSet", render.TLS_RELOADS, "int", self.reloads)
        # It never gives back the memory of the ones before.
        log.info("TLS is configured again", times_since_start=self.reloads)


def secure(
    trunks: Iterable[OutboundTrunk], addresses: Addresses, profiles: Mapping[str, Profile], trouble: str
) -> tuple[dict[str, SecuredPlace], Addresses, dict[str, str]]:
    """Return the places of trunks by TLS, the addresses of all trunks that get calls, and what is wrong with others.

    `trouble` is why there is no TLS here, empty where there is. Connections are known by the address and port that they
    lead to: so two trunks share one only if they are verified alike.
    """
    places: dict[str, SecuredPlace] = {}
    usable = dict(addresses)
    troubles: dict[str, str] = {}
    for trunk in in_order(trunks):
        if not trunk.address.is_tls:
            continue
        name = profile_name(trunk)
        why = trouble
        if not why and name not in profiles:
            why = "the key of our certificate for it cannot be opened"
        if not why:
            place = SecuredPlace(trunk.name, trunk.address.host, name, profiles[name].digest)
            found = [each for each in addresses.get(trunk.name, ()) if each.transport == TLS]
            for each in found:
                held = places.setdefault(each.uri, place)
                if (held.host.lower(), held.digest) != (place.host.lower(), place.digest):
                    why = f"it is at {each.uri}, as is trunk {held.trunk}, which has another name or other certificates"
        if why:
            troubles[trunk.name] = why
            usable[trunk.name] = ()
            places = {uri: each for uri, each in places.items() if each.trunk != trunk.name}
    return places, usable, troubles
