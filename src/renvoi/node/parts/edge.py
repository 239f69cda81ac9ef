"""The edge as a part of the node."""

import asyncio
import math
import os
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi import logs, sip_options
from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.call_records.spool import RECENT_S, trouble
from renvoi.configuration.settings import Settings, variable_of
from renvoi.count_files import OTHERS, OWN, read_counts, write_counts
from renvoi.domain.hosts import bracketed
from renvoi.domain.shared_key import KeyRing
from renvoi.domain.trunks.digest import Credentials
from renvoi.edge.config import EdgeConfig, EdgeConfigInvalid, HepConfig, Listener
from renvoi.edge.kamailio import programs, rpc
from renvoi.edge.kamailio.log_line import BoundedLines, parse_log_line
from renvoi.edge.kamailio.process import Kamailio
from renvoi.edge.kamailio.registrations import Registration, RegistrationState
from renvoi.edge.kamailio.render import TLS_RELOADS, Addresses
from renvoi.edge.kamailio.trunk_state import DestinationState
from renvoi.edge.router.backlog import LOST, LOST_AT, WAITING
from renvoi.edge.router.overload_control import FULL, MEMORY_SHORT, REFUSED_SHARE
from renvoi.edge.sandbox import NoSuchUser, edge_user
from renvoi.http.deps import Measurement
from renvoi.node.parts.edge_measurements import measurements_of
from renvoi.node.parts.processes import Command

WORKERS_PER_CORE_THAT_WAIT = 4
"""Processes of Kamailio for each core where a look-up is a round trip to PostgreSQL (`docs/scale.md`)."""
DRAIN_PERIOD_S = 0.05


def edge_of(settings: Settings, workers: Sequence[tuple[str, int]] = ()) -> "Edge":
    """Return the edge of the node that `settings` describe, whose own voicemail workers are at these addresses.

    Raises:
        OperatorError: the settings do not go together.
    """
    return Edge(config_of(settings, workers), settings.edge_user)


def config_of(settings: Settings, workers: Sequence[tuple[str, int]] = ()) -> EdgeConfig:
    """Return what the edge is started with, see `edge_of`."""
    first, *others = (Listener(host, *settings.sip_advertised_of(host)) for host in settings.sip_hosts)
    try:
        return EdgeConfig(
            directory=settings.edge_dir,
            database=settings.edge_database,
            spool=settings.spool_dir,
            on_store_loss=settings.on_store_loss,
            store_loss_max_s=settings.store_loss_max_s,
            host=first.host,
            port=settings.sip_port,
            workers=edge_workers(settings),
            trunk_retry_s=settings.trunk_retry_s,
            advertised=first.advertised,
            advertised_port=first.port,
            second=others[0] if others else None,
            domain=settings.sip_domain,
            tls_port=settings.sip_tls_port,
            tls_certificate=settings.sip_tls_certificate_file,
            tls_key=settings.sip_tls_key_file,
            # All nodes may have one and the same list.
            longest_call_s=settings.longest_call_h * 3600,
            memory_mib=settings.sip_memory_mib,
            cooling_off_s=settings.country_cooling_off_s,
            identity_key=settings.identity_key_file,
            identity_certificate=settings.identity_certificate_file,
            certificate_url=settings.identity_certificate_url,
            identity_trusted=settings.identity_trusted_file,
            answer_strangers=settings.answer_strangers == "yes",
            relay=settings.relay_address,
            hep=_hep(settings),
            voicemail=tuple(dict.fromkeys((*workers, *settings.voicemail_addresses))),
        )
    except EdgeConfigInvalid as error:
        raise OperatorError(str(error)) from error


def check_certificate(settings: Settings) -> None:
    """Check that our own certificate for TLS can be used, if there is one.

    Raises:
        OperatorError: its key is missing, or Kamailio can do no TLS here.
    """
    certificate, key = map(variable_of, ("sip_tls_certificate_file", "sip_tls_key_file"))
    if (settings.sip_tls_certificate_file is None) != (settings.sip_tls_key_file is None):
        raise OperatorError(f"{certificate} and {key} belong together: set both, or none")
    if settings.sip_tls_certificate_file is None or programs.missing() is not None:
        return
    if trouble := programs.why_no_tls():
        raise OperatorError(f"{certificate} cannot be used: {trouble}, or take the setting out")


def _hep(settings: Settings) -> HepConfig | None:
    if settings.hep_server is None:
        return None
    return HepConfig(settings.hep_server[1], settings.hep_id, settings.hep_key or "")


def edge_workers(settings: Settings) -> int:
    """Return how many processes Kamailio has for each of UDP and TCP: more where each waits for a server."""
    if settings.edge_workers is not None:
        return settings.edge_workers
    return (os.cpu_count() or 1) * (1 if settings.database_path is not None else WORKERS_PER_CORE_THAT_WAIT)


class Edge:
    """Starts, asks and ends Kamailio."""

    def __init__(self, config: EdgeConfig, wanted_user: str | None) -> None:
        self._config = config
        self._wanted_user = wanted_user
        self._kamailio = Kamailio(config)
        self._credentials: Mapping[str, Credentials] = {}
        self._callers: Mapping[str, Credentials] = {}
        self._repetitions = BoundedLines(time.monotonic)
        self._server = self._told_server = ""
        """Where copies of SIP messages go, and what the running Kamailio knows of that."""
        self._telling = asyncio.Lock()

    def missing(self) -> str | None:
        """Return what keeps the edge from starting on this machine and how to fix it; None for nothing."""
        found = programs.missing()
        if found is not None:
            return found
        try:
            edge_user(self._wanted_user)
        except NoSuchUser as error:
            return str(error)
        return None

    async def prepare(
        self,
        trunks: Trunks,
        keys: KeyRing,
        found: Addresses,
        registrars: Collection[str],
        credentials: Mapping[str, Credentials],
        tls_keys: Mapping[str, str],
    ) -> Command:
        """Write what a start of Kamailio reads, with named trunks at the addresses `found`; return the command.

        It takes no calls before `is_ready` has given it `credentials`.
        """
        self._credentials = credentials
        self._kamailio = Kamailio(self._config, edge_user(self._wanted_user))
        self._told_server = ""
        await asyncio.to_thread(self._kamailio.prepare, trunks, keys, found, registrars, tls_keys)
        command, environment = self._kamailio.command(), self._kamailio.environment()
        return Command(command, environment, directory=self._config.directory)

    def own_spool(self) -> None:
        """Let Kamailio write into the spool, which was made again; see `Kamailio.own_spool`."""
        self._kamailio.own_spool()

    @property
    def counts_directory(self) -> Path:
        """Where Kamailio writes what it counts."""
        return (self._config.directory / OWN).parent

    def own_counts(self) -> Mapping[str, int]:
        """Return what Kamailio counts for limits, by name.

        Raises:
            CountsInvalid: that cannot be read.
        """
        return read_counts(self._config.directory / OWN)

    def take_other_counts(self, counts: Mapping[str, int], file: str = OTHERS) -> None:
        """Have Kamailio add what other nodes count, or take what else is told in that form (`removed_file`).

        Raises:
            OSError: it cannot be written.
        """
        user = self._kamailio.user
        write_counts(self._config.directory / file, counts, None if user is None else user.gid)

    async def is_ready(self) -> bool:
        """Tell whether SIP is answered by UDP and TCP, by our own Kamailio, which has the passwords of trunks."""
        if not (await self.probe(timeout_s=1.0) and await self._answers_by_tcp(timeout_s=1.0)):
            return False
        if not await self._has_credentials():
            return False
        await self._tell_server()
        return True

    async def _has_credentials(self) -> bool:
        try:
            if self._kamailio.waits_for_credentials:
                await self._kamailio.take_credentials(self._credentials)
            await self._kamailio.take_callers(self._callers)
        except rpc.EdgeSilent:
            return False
        return True

    def why_no_copies(self, server: str) -> str:
        """Return why copies of SIP messages cannot be sent to the address `server`; "" when they can."""
        return self._config.why_no_copies(server)

    async def send_copies_to(self, server: str) -> str:
        """Send copies of SIP messages to this address, after restarts too; return why that is not possible, if so."""
        why_not = self.why_no_copies(server)
        if not why_not:
            self._server = server
            await self._tell_server()
        return why_not

    async def _tell_server(self) -> None:
        async with self._telling:
            if self._config.hep is None or self._server == self._told_server:
                return
            server = self._server
            # A Kamailio that does not run yet is told when it does.
            with suppress(rpc.EdgeSilent):
                await self._kamailio.send_copies(server)
                self._told_server = server

    async def _answers_by_tcp(self, timeout_s: float) -> bool:
        host, port = self._config.contact_host, self._config.port
        try:
            async with asyncio.timeout(timeout_s):
                answer = await sip_options.request(f"sip:{bracketed(host)}:{port};transport=tcp", host, port, tcp=True)
        except (TimeoutError, OSError):
            return False
        return answer.startswith(b"SIP/2.0 200 ")

    async def probe(self, timeout_s: float) -> bool:
        """Tell whether our own Kamailio answers within that time, to SIP and to its own interface."""
        try:
            await self._kamailio.probe(timeout_s)
        except rpc.EdgeSilent:
            return False
        return True

    @property
    def has_relay(self) -> bool:
        """Whether it has a media relay, which may be away."""
        return self._config.relay is not None

    def lacks(self, trunks: Trunks) -> bool:
        """Tell whether Kamailio has to be started again for these trunks."""
        return self._kamailio.lacks(trunks)

    async def reload_trunks(
        self,
        trunks: Trunks,
        found: Addresses,
        registrars: Collection[str],
        credentials: Mapping[str, Credentials],
        tls_keys: Mapping[str, str],
    ) -> None:
        """Make new calls use `trunks`, named ones at the addresses `found`; returns when they do."""
        self._credentials = credentials
        await self._kamailio.take_credentials(credentials)
        await self._kamailio.reload_trunks(trunks, found, registrars, tls_keys)

    async def renew_certificate(self) -> None:
        """Have Kamailio show our certificate as its files are now.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        await self._kamailio.renew_certificate()

    @property
    def tls_troubles(self) -> Mapping[str, str]:
        """Why trunks by TLS get no calls, by name, where that does not depend on them."""
        return self._kamailio.tls.troubles

    async def take_callers(self, callers: Mapping[str, Credentials]) -> None:
        """Let in calls that prove to be of these, each by its inbound trunk; an edge that starts does so by itself.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        self.expect_callers(callers)
        await self._kamailio.take_callers(callers)

    def expect_callers(self, callers: Mapping[str, Credentials]) -> None:
        """Take what the next start of the edge lets in."""
        self._callers = callers

    async def register(self, wanted: Mapping[str, Registration]) -> None:
        """Register this at the trunks, and nothing else.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        await self._kamailio.registrations.follow(wanted)

    async def registration_states(self) -> Mapping[str, RegistrationState]:
        """Return the state of what is registered, by trunk.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        return await self._kamailio.registrations.states()

    async def trunk_states(self) -> list[DestinationState]:
        """Return the state of each address of each outbound trunk.

        Raises:
            EdgeSilent: Kamailio does not answer.
        """
        return await self._kamailio.trunk_states()

    async def take_keys(self, keys: KeyRing) -> None:
        """Have Kamailio use these keys from now on.

        Raises:
            OSError: they cannot be written.
            EdgeSilent: Kamailio does not answer.
        """
        await self._kamailio.take_keys(keys)

    async def refuse_calls(self) -> None:
        """Refuse new calls from now on; those in progress go on."""
        try:
            await self._kamailio.drain()
        except rpc.EdgeSilent as error:
            structlog.get_logger("node").warning("the edge cannot be told to refuse calls", error=str(error))

    async def drain(self, grace_s: float) -> None:
        """Refuse new calls, and wait until no call is being set up, for `grace_s` seconds at most."""
        await self._kamailio.drain()
        async with asyncio.timeout(grace_s):
            while (await self._kamailio.statistics()).get("active_transactions", 0):  # noqa: ASYNC110 - Kamailio sends no event
                await asyncio.sleep(DRAIN_PERIOD_S)

    async def measurements(self) -> Sequence[Measurement]:
        """Return Kamailio's counters, which start from 0 with it; none while it is away."""
        try:
            found = await self._kamailio.statistics()
        except rpc.EdgeSilent:
            return ()
        return [*measurements_of(found), *await self._tls_reloads()]

    async def _tls_reloads(self) -> Sequence[Measurement]:
        """Return how often TLS was configured again; nothing where there is none."""
        text = "How often the edge has configured TLS since it started; it keeps the memory of each."
        try:
            count = await self._kamailio.shared_number(TLS_RELOADS)
        except rpc.EdgeSilent:
            return ()
        return [Measurement("renvoi_edge_tls_reloads_total", text, count, "counter")]

    async def trouble(self) -> str:
        """Return why the edge needs attention though it answers, as far as it says; "" for no reason."""
        try:
            return "; ".join(filter(None, [await self._load_trouble(), await self._spool_trouble()]))
        except rpc.EdgeSilent:
            return ""

    async def _load_trouble(self) -> str:
        """Return which new calls are refused, as there are too many."""
        if await self._kamailio.shared_number(MEMORY_SHORT):
            return "refuses new calls until others end, which take its memory (RENVOI_SIP_MEMORY_MIB)"
        share = await self._kamailio.shared_number(REFUSED_SHARE)
        return f"refuses {math.ceil(100 * share / FULL)} % of new calls, more come than it can handle" if share else ""

    async def _spool_trouble(self) -> str:
        """Return what is wrong with the spool."""
        found = await self._kamailio.statistics()
        lost, waiting = found.get(LOST, 0), found.get(WAITING, 0)
        if lost and time.time() - await self._kamailio.shared_number(LOST_AT) >= RECENT_S:
            lost = 0
        return trouble(lost, waiting)

    def relay(self, line: str) -> None:
        """Log a line that Kamailio wrote."""
        parsed = parse_log_line(line)
        if parsed is None:
            return
        for each in self._repetitions.filter(parsed):
            fields = {"part": "edge", "module": each.module, "call_id": each.call_id, "pid": each.pid}
            known = {name: value for name, value in fields.items() if value is not None}
            logs.log("edge", each.level, each.text, known)
