"""Kamailio as the supervisor sees it: how it is started, queried and notified of changes."""

import asyncio
import json
import os
import re
import secrets
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cryptography
import email_validator
import phonenumbers

import renvoi
from renvoi import key_file
from renvoi.application.ports.trunks import Trunks
from renvoi.count_files import OWN
from renvoi.domain.shared_key import KeyRing
from renvoi.domain.trunks.digest import Credentials, ha1
from renvoi.edge import sandbox
from renvoi.edge.config import HEP_NAME, EdgeConfig
from renvoi.edge.kamailio import render, rpc, trunk_state
from renvoi.edge.kamailio.programs import SEARCH_PATH, find_programs, why_no_tls
from renvoi.edge.kamailio.registrations import Registrations
from renvoi.edge.kamailio.render import Addresses
from renvoi.edge.kamailio.rpc import EdgeRefused
from renvoi.edge.kamailio.tls import KamailioTls
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.edge.router import challenges
from renvoi.edge.router.secured import CERTIFIED_TABLE, SECURED_TABLE
from renvoi.edge.router.trunk_credentials import CREDENTIALS_TABLE
from renvoi.edge.router.trunk_table import SecuredPlace, TrunkTable
from renvoi.edge.sandbox import EdgeUser
from renvoi.key_file import write_keys

RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
"""Asked of the kernel for UDP; it gives as much as net.core.rmem_max allows (`docs/operating/README.md`)."""
_DRAINING = "draining"
_A_DAY_S, _PERMANENT = 86_400, 2
"""The time of a name in Kamailio's DNS cache, and the flag by which that does not count."""
_DRIVER = ("psycopg", "psycopg_binary")
"""The packages of the driver for PostgreSQL: nothing but the edge itself needs to load them."""
_TRUNKS = "trunks"
NO_KEYS: Mapping[str, str] = {}

PRIVATE_MIB = "16"
"""Memory of each process for its configuration. With TLS, relay and registrations Kamailio's own 8 MiB are too few."""


class Kamailio:
    """One edge: its files, its command line, and the ways to ask it. The supervisor starts and ends the process.

    The process must be started with `directory` as working directory, by a thread that lives as long as it shall:
    Kamailio is killed with the thread that started it (prctl(2), PR_SET_PDEATHSIG).
    """

    def __init__(self, config: EdgeConfig, user: EdgeUser | None = None) -> None:
        """Describe an edge that runs as `user` (`sandbox.edge_user`), None for the user that we are."""
        self.config = config
        self.user = user
        self.directory = config.directory
        self._credentials_loaded = False
        self._given: set[str] | None = None
        self._registers = False
        self._callers: dict[str, str] | None = None
        self.tls = KamailioTls(config, user, why_no_tls)
        self._relays = False
        self.registrations = Registrations(self._call, self.config.contact_towards)

    def prepare(
        self,
        trunks: Trunks,
        keys: KeyRing,
        found: Addresses | None = None,
        registrars: Collection[str] = (),
        tls_keys: Mapping[str, str] = NO_KEYS,
    ) -> None:
        """Write every file for a start and set the rights of what Kamailio reads and writes.

        `found` has the addresses of trunks that are known by name; without any such a trunk gets no calls. What comes
        from the addresses `registrars` is heard. `tls_keys` are the private keys of our certificates, by trunk.

        Raises:
            OSError: something cannot be written.
        """
        config, user = self.config, self.user
        runtime = config.directory / render.RUNTIME
        for directory in (config.directory, runtime, config.spool):
            directory.mkdir(parents=True, exist_ok=True)
        sandbox.let_read(user, config.directory)
        sandbox.give_to(user, runtime)
        self.own_spool()
        if config.database_file is not None:
            sandbox.let_use_database(user, config.database_file)
        (runtime / render.SOCKET).unlink(missing_ok=True)
        # It counts from zero.
        (config.directory / OWN).unlink(missing_ok=True)
        # A name in the spool is never used twice, so each start gets one of its own.
        self.tls.wait_for_port(trunks)
        places, addresses = self.tls.places(trunks, _addresses(trunks, found), tls_keys)
        table = _table(trunks, addresses, places)
        tls = self.tls.loaded = self.tls.is_wanted(trunks)
        if tls:
            self.tls.write()
        else:
            self.tls.clear()
        render.write_all(config, secrets.token_hex(6), table, addresses, registrars, user, tls=tls)
        self._credentials_loaded, self._given = table.credentials, None
        self._callers = None
        self._relays = render.needs_relay(config, table)
        self._registers, self.registrations = (
            table.registers,
            Registrations(self._call, self.config.contact_towards),
        )
        self._write_keys(keys)

    def lacks(self, trunks: Trunks) -> bool:
        """Tell whether it has to be started again for these trunks, as it was started without a module they need."""
        if not self._relays and render.needs_relay(self.config, TrunkTable.of(0, trunks.inbound, trunks.outbound)):
            return True
        return (self.tls.is_wanted(trunks) and not self.tls.loaded) or any(
            (trunk.user and not self._credentials_loaded) or (trunk.register and not self._registers)
            for trunk in trunks.outbound
        )

    @property
    def waits_for_credentials(self) -> bool:
        """Whether it takes no calls yet, for it has not been given any since its start."""
        return self._credentials_loaded and self._given is None

    async def take_credentials(self, credentials: Mapping[str, Credentials]) -> None:
        """Have the running Kamailio show these to trunks, by their names, and take calls if it does not yet.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        if not self._credentials_loaded:
            return
        table, given = CREDENTIALS_TABLE, self._given or set()
        for name, each in credentials.items():
            given.add(name)
            for part in ("password", "realm", "user"):
                await self._call("htable.sets", table, f"{name}:{part}", getattr(each, part))
        for name in given - credentials.keys():
            for part in ("user", "realm", "password"):
                with suppress(EdgeRefused):
                    await self._call("htable.delete", table, f"{name}:{part}")
        if self._given is None:
            await self._call("pv.shvSet", _DRAINING, "int", 0)
        self._given = set(credentials)

    async def take_callers(self, callers: Mapping[str, Credentials]) -> None:
        """Have the running Kamailio let in calls from anywhere that prove to be of these, each by its trunk.

        Whoever has been shut out may try again after a change: it may have been that.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        realm, before = self.config.uri_domain, self._callers or {}
        wanted = {each.user: f"{trunk} {ha1(each.user, realm, each.password)}" for trunk, each in callers.items()}
        if wanted == before:
            return
        for user, known_by in wanted.items():
            await self._call("htable.sets", challenges.USERS_TABLE, user, known_by)
        for user in before.keys() - wanted.keys():
            with suppress(EdgeRefused):
                await self._call("htable.delete", challenges.USERS_TABLE, user)
        for table in ("banned", "tries", challenges.WRONG_TABLE):
            await self._call("htable.flush", table)
        await self._call("pv.shvSet", "users", "int", int(bool(wanted)))
        self._callers = wanted

    def own_spool(self) -> None:
        """Let Kamailio alone write into the spool, which must exist.

        Raises:
            OSError: its owner cannot be changed.
        """
        sandbox.give_to(self.user, self.config.spool)

    async def take_keys(self, keys: KeyRing) -> None:
        """Have the running Kamailio use these keys from now on, and forget what it expects because of others.

        Raises:
            OSError: the file cannot be written.
            EdgeSilent: Kamailio does not answer.
        """
        await asyncio.to_thread(self._write_keys, keys)
        await self._call("htable.flush", render.EXPECTED_TABLE)

    def _write_keys(self, keys: KeyRing) -> None:
        write_keys(self.config.directory / key_file.NAME, keys, self.user.gid if self.user is not None else None)

    def command(self) -> list[str]:
        """Return the command line that starts Kamailio in the foreground, its log on stderr.

        Raises:
            FileNotFoundError: something is not installed; the text is that of `missing`.
        """
        programs = find_programs()
        if isinstance(programs, str):
            raise FileNotFoundError(programs)
        config = self.config
        script = render.SCRIPT
        needed = [script, config.directory, config.spool, *map(Path, python_path())]
        if config.database_file is not None:
            needed.append(config.database_file)
        kamailio = [programs.kamailio, "-DD", "-E", "-Y", render.RUNTIME, "-w", ".", "-f", f"./{render.CONFIGURATION}"]
        kamailio += [
            "-L",
            str(programs.modules),
            "-m",
            str(config.memory_mib),
            "-M",
            PRIVATE_MIB,
            "-b",
            str(RECEIVE_BUFFER_BYTES),
        ]
        return sandbox.confinement(self.user, needed) + kamailio

    def environment(self) -> dict[str, str]:
        """Return the whole environment of the process: nothing of ours leaks into it."""
        return {
            "PATH": SEARCH_PATH,
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(python_path()),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONNOUSERSITE": "1",
        }

    async def probe(self, timeout_s: float = 1.0) -> None:
        """Check that SIP is answered on our port, and that it is our Kamailio that answers.

        Raises:
            EdgeSilent: one of the two is not so.
        """
        await self._call("core.version", timeout_s=timeout_s)
        await rpc.options(self.config.contact_host, self.config.port, timeout_s)

    async def reload_trunks(
        self,
        trunks: Trunks,
        found: Addresses | None = None,
        registrars: Collection[str] = (),
        tls_keys: Mapping[str, str] = NO_KEYS,
    ) -> None:
        """Make new calls use `trunks`, at the addresses `found`; returns when they do. See `prepare`.

        Calls in progress are not touched. A destination that stays keeps its state, one that goes is forgotten.

        Raises:
            EdgeSilent: Kamailio did not take them.
            OSError: a file cannot be written.
        """
        before = await self._destinations()
        places, addresses = self.tls.places(trunks, _addresses(trunks, found), tls_keys)
        table = _table(trunks, addresses, places)
        await self.tls.reload(self._call)
        if self.tls.loaded:
            await self._call("pv.shvSet", render.CERTIFIES, "int", int(_certifies(trunks)))
            await self._call("htable.flush", CERTIFIED_TABLE)
        render.write_trunks(self.config, table, addresses, registrars, self.user)
        # The router first: so it knows every trunk that Kamailio may tell it of.
        await self._call("pv.shvSet", _TRUNKS, "int", table.revision)
        await self.tls.leave_changed(self._call)
        await self._call("pv.shvSet", render.NATTED, "str", render.natted(table))
        await self._call("permissions.addressReload")
        await self._call("dispatcher.reload")
        await self._keep_states(before, {each.uri for listed in addresses.values() for each in listed})
        # It counts each worker's calls from 0: the end of an earlier call must not be taken for that of a later one.
        await self._call("htable.flush", render.LOAD_TABLE)

    async def renew_certificate(self) -> None:
        """Have the running Kamailio show our certificate as its files are now.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        await self.tls.renew(self._call)

    async def _keep_states(self, before: Mapping[tuple[int, str], str], listed: Collection[str]) -> None:
        """Mark again what was down `before` a reload, which forgets all marks; forget what is not `listed`.

        What is down is probed from now on also if it was not before.
        """
        down = trunk_state.table(await self._call("htable.dump", render.DOWN_TABLE))
        for (group, uri), flags in before.items():
            trunk = group in render.TRUNK_SETS
            # A trunk that is inactive may only have been asked.
            if (trunk and uri in listed and uri in down) or (group == render.WORKER_SET and flags.startswith("I")):
                with suppress(EdgeRefused):
                    await self._call("dispatcher.set_state", "ip", render.PROBED_SET if trunk else group, uri)
            elif trunk and uri not in listed:
                for table in (render.DOWN_TABLE, render.UP_TABLE, render.HEARD_TABLE, render.RETRY_TABLE):
                    with suppress(EdgeRefused):
                        await self._call("htable.delete", table, uri)

    async def _destinations(self) -> dict[tuple[int, str], str]:
        """Return the flags of each destination, by its set and URI."""
        try:
            return trunk_state.flags(await self._call("dispatcher.list"))
        except EdgeRefused:
            return {}  # it has none

    async def trunk_states(self) -> list[DestinationState]:
        """Return the state of each destination of the outbound trunks, in the order in which they are tried.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        try:
            listed = await self._call("dispatcher.list")
        except EdgeRefused:
            return []  # it has none
        tables = [render.DOWN_TABLE, render.RETRY_TABLE, render.UP_TABLE, render.HEARD_TABLE]
        tables += [SECURED_TABLE] if self.tls.loaded else []
        dumped = [trunk_state.table(await self._call("htable.dump", table)) for table in tables]
        return trunk_state.destination_states(listed, render.TRUNK_SETS, *dumped)

    async def send_copies(self, server: str) -> None:
        """Send copies of SIP messages to the capture server at this IP address from now on.

        Raises:
            EdgeSilent: Kamailio did not take it.
        """
        kind = "aaaa" if ":" in server else "a"
        await self._call("siptrace.status", "off")
        # There is no way to take a permanent entry out alone; the other ones are looked up again.
        await self._call("dns.delete_all_force")
        await self._call(f"dns.add_{kind}", HEP_NAME, _A_DAY_S, server, _PERMANENT)
        await self._call("siptrace.status", "on")

    async def drain(self) -> None:
        """Refuse new calls from now on, with 503 and Retry-After; those in progress go on.

        Raises:
            EdgeSilent: Kamailio did not hear it.
        """
        await self._call("pv.shvSet", _DRAINING, "int", 1)

    async def statistics(self) -> dict[str, int]:
        """Return Kamailio's counters by name, such as `refused_sources`, `forwarded` and `active_transactions`.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        lines: list[str] = await self._call("stats.get_statistics", "script:", "tmx:", "shmem:")
        found = (re.fullmatch(r"[a-z]+:(\w+) = (\d+)", line) for line in lines)
        return {each[1]: int(each[2]) for each in found if each}

    async def shared_number(self, name: str) -> int:
        """Return a shared variable that holds a number.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        return int((await self._call("pv.shvGet", name))["value"])

    async def _call(self, method: str, *parameters: str | int, timeout_s: float = 1.0) -> Any:
        path = self.config.directory / render.RUNTIME / render.SOCKET
        return await rpc.call(path, method, *parameters, timeout_s=timeout_s)


def python_path() -> list[str]:
    """Return where Kamailio's own Python finds this package and what the router imports."""
    files = [renvoi.__file__, phonenumbers.__file__, email_validator.__file__, cryptography.__file__]
    files += filter(None, (spec.origin for spec in map(find_spec, _DRIVER) if spec is not None))
    return list(dict.fromkeys(str(Path(file).resolve().parents[1]) for file in files))


def _addresses(trunks: Trunks, found: Addresses | None) -> Addresses:
    """Return where each outbound trunk is: a name is where it was found, an IP address is itself."""
    known = found or {}
    return {
        trunk.name: known.get(trunk.name, ()) if trunk.address.is_name else (trunk.address.at(trunk.address.host),)
        for trunk in trunks.outbound
    }


def _certifies(trunks: Trunks) -> bool:
    """Whether some trunk is known by its certificate."""
    return any(trunk.certificate for trunk in trunks.inbound)


def _table(trunks: Trunks, addresses: Addresses, secured: Mapping[str, SecuredPlace]) -> TrunkTable:
    places = {name: [destination.uri for destination in listed] for name, listed in addresses.items()}
    tls = {uri: place.digest for uri, place in secured.items()}
    # The router looks for another table when the revision is another one: so it must be when DNS alone has changed.
    # A shared variable of Kamailio 5.6 has 31 bits for it.
    revision = zlib.crc32(json.dumps([trunks.revision, places, tls]).encode()) & 0x7FFF_FFFF
    return TrunkTable.of(revision, trunks.inbound, trunks.outbound, addresses, secured)
