"""`renvoi check`: what is installed, reachable and misconfigured, and what to do about it."""

import asyncio
import os
import platform
import shutil
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from renvoi.adapters.mail.server import Security, SmtpServer
from renvoi.adapters.sql import open_store, schema_of
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.node.checks import test_call
from renvoi.node.checks.destinations import check_destinations
from renvoi.node.checks.identity import check_identity
from renvoi.node.checks.results import Finding
from renvoi.node.entrypoints.mailer import MailSettingsInvalid, mailer_of
from renvoi.node.supervisor import control, trunk_reports
from renvoi.node.supervisor.edge import edge_of
from renvoi.node.supervisor.health import load_of, worker_count
from renvoi.node.supervisor.roles import check_duties
from renvoi.node.supervisor.sockets import check_rtp_host, check_sip_port, listen_inner, listen_public
from renvoi.node.supervisor.supervised_process import State
from renvoi.setting_types import EDGE, VOICEMAIL
from renvoi.settings import EDGE_SHARES_ROLE, Settings

LASTING = frozenset({"on", "remote_write", "remote_apply"})
"""Values of synchronous_commit with which a commit waits for synchronous standbys."""
CONNECT_TIMEOUT_S = 3.0
MOST_LINES = 100
"""Lines of one answer of a mail server that are read."""
_MIB = 1024 * 1024


async def check_store(settings: Settings) -> list[Finding]:
    """Look at the store, and change nothing there; one on SQLite that does not exist yet is not reported."""
    path = settings.database_path
    if path is not None and not path.is_file():
        return []
    try:
        schema = await asyncio.to_thread(schema_of, settings.database)
        if schema is None or schema < HEAD:
            return [_schema(settings, schema), *await _postgresql(settings, is_made=schema is not None)]
        store = await open_store(settings.database, migrates=False)
    except (StoreMismatch, StoreUnavailable) as error:
        advice = (
            "the line above says how" if path is not None else "check RENVOI_DATABASE_URL, and that the server runs"
        )
        return [Finding("store", False, str(error), advice)]
    try:
        accounts, trunks = await store.read(_counts)
        destinations = await check_destinations(store)
        signed = await asyncio.to_thread(_signed_identity, settings, trunks)
        secrets = await store.read(lambda reader: reader.secrets())
    finally:
        await store.close()
    findings = [Finding("store", True, f"{settings.database_shown}: {accounts} account{'' if accounts == 1 else 's'}")]
    findings += [*await _postgresql(settings, is_made=True), destinations]
    for kind, found, without, option in (
        ("inbound", trunks.inbound, "nobody's calls are answered", "--inbound CIDR"),
        ("outbound", trunks.outbound, "no call can be forwarded", "--outbound SIP_URI"),
    ):
        text, advice = f"{len(found)}" if found else f"none: {without}", f"renvoi trunk add NAME {option}"
        findings.append(Finding(f"{kind} trunks", bool(found), text, advice, needed=False))
    return [*findings, *signed, *([_secrets(settings, secrets)] if secrets else [])]


def _signed_identity(settings: Settings, trunks: Trunks) -> list[Finding]:
    return list(check_identity(settings, trunks)) if EDGE in settings.parts else []


def _secrets(settings: Settings, sealed: Mapping[str, bytes]) -> Finding:
    """Tell whether each secret in the store can be opened here."""
    # Loaded late: most nodes have none.
    from renvoi.adapters import sealing  # noqa: PLC0415

    name, advice = (
        "secrets",
        f"copy the key from the node where they were set to {settings.secrets_key}, or set them again",
    )
    try:
        key = sealing.load(settings.secrets_key)
    except OperatorError as error:
        return Finding(name, False, str(error), advice)
    if key is None:
        return Finding(name, False, f"{len(sealed)} in the store, and their key is not here", advice)
    closed = []
    for each, content in sealed.items():
        try:
            key.open(each, content)
        except SecretClosed as error:
            closed.append(str(error))
    text = closed[0] if closed else f"{len(sealed)} in the store, which the key here opens"
    return Finding(name, not closed, text, advice)


def _schema(settings: Settings, found: str | None) -> Finding:
    """Say what the store lacks: to open it would make or migrate the schema, under nodes that may run."""
    shown = settings.database_shown
    if found is None:
        return Finding("store", False, f"{shown}: no schema yet", "`renvoi serve` or `renvoi migrate` makes it", False)
    text = f"{shown}: schema {found}, and this renvoi works on {HEAD}; nothing else was looked at there"
    return Finding("store", False, text, "`renvoi serve` or `renvoi migrate` brings it up to date", needed=False)


async def _postgresql(settings: Settings, *, is_made: bool) -> list[Finding]:
    if settings.database_path is not None:
        return []
    return await asyncio.to_thread(lambda: list(_server(settings, is_made=is_made)))


def _counts(reader: Reader) -> tuple[int, Trunks]:
    return len(reader.accounts()), reader.trunks()


def _server(settings: Settings, *, is_made: bool) -> Iterator[Finding]:
    # Loaded late: a node on SQLite does without the driver.
    from renvoi.adapters.sql.schema_setup import diagnose  # noqa: PLC0415

    try:
        facts = diagnose(settings.database)
    except StoreUnavailable as error:
        yield Finding("PostgreSQL", False, str(error), "it answered a moment ago: look at its log")
        return
    # Without standbys every value but off (which is refused) waits for the disk, and that is all there is.
    ok = not facts.standbys or facts.synchronous_commit in LASTING
    text = f"{facts.version}, synchronous_commit {facts.synchronous_commit}, "
    text += f"synchronous standbys {facts.standbys}" if facts.standbys else "no synchronous standby"
    text += ", through a pooler in transaction mode" if facts.pooled else ""
    advice = "a fail-over could lose changes: ALTER DATABASE … SET synchronous_commit = remote_apply"
    yield Finding("PostgreSQL", ok, text, advice, needed=False)
    if settings.edge_shares_role:
        text, _, advice = EDGE_SHARES_ROLE.partition(": ")
        yield Finding("edge's role", False, text, advice, needed=False)
    # Nobody can give it rights to tables that are not there.
    if is_made and EDGE in settings.parts and settings.edge_database != settings.database:
        yield _edge(settings)


def _edge(settings: Settings) -> Finding:
    from renvoi.adapters.sql.schema_setup import diagnose  # noqa: PLC0415 - see above

    advice = (
        "GRANT SELECT ON numbers, and SELECT (id, region, policy_version, policy) ON accounts, "
        "TO the role of RENVOI_EDGE_DATABASE_URL"
    )
    try:
        facts = diagnose(settings.edge_database)
    except StoreUnavailable as error:
        return Finding("edge's PostgreSQL", False, str(error), "check RENVOI_EDGE_DATABASE_URL")
    text = "the edge may look up numbers" if facts.reads_numbers else "the edge may not look up numbers"
    if facts.reads_numbers and facts.writes:
        text, advice = "the edge may look up numbers, and change tables", "REVOKE everything but that SELECT"
        return Finding("edge's PostgreSQL", False, text, advice, needed=False)
    return Finding("edge's PostgreSQL", facts.reads_numbers, text, advice)


async def check_voicemail(settings: Settings) -> list[Finding]:
    """Look at what messages and their mails need; sends nothing."""
    findings: list[Finding] = []
    if VOICEMAIL in settings.parts:
        findings = [*_taking(settings), _disk(settings), *await _mail(settings)]
    if EDGE in settings.parts:
        findings += await asyncio.gather(*(_remote(host, port) for host, port in settings.voicemail_addresses))
    return findings


async def _remote(host: str, port: int) -> Finding:
    name = f"voicemail at {f'[{host}]' if ':' in host else host}:{port}"
    load = await load_of(host, port)
    if load is None:
        advice = "check that it runs, that its RENVOI_VOICEMAIL_PEERS names this machine, and the firewall (UDP)"
        return Finding(name, False, "does not answer OPTIONS", advice, needed=False)
    room = "the disk is full" if load.disk_full else f"{load.calls} of {load.capacity} calls"
    return Finding(name, not load.disk_full, room, "free disk space on that node", needed=False)


def _taking(settings: Settings) -> Iterator[Finding]:
    workers = worker_count(settings)
    if not workers:
        yield Finding("voicemail", False, "no workers", "set RENVOI_VOICEMAIL_WORKERS", needed=False)
        return
    calls = workers * settings.voicemail_calls
    yield Finding("voicemail", True, f"{workers} workers take {settings.voicemail_calls} calls each")
    host = settings.rtp_host or settings.sip_host
    try:
        check_rtp_host(host)
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("audio ports", False, text, advice)
        return
    room = len(settings.rtp_range)
    text = f"{settings.rtp_ports} on {host}: audio of {room} calls at once"
    # Below a port for each worker some take no call at all.
    yield Finding("audio ports", room >= calls, text, "widen RENVOI_RTP_PORTS", needed=room < workers)


def _disk(settings: Settings) -> Finding:
    free_mib = shutil.disk_usage(_existing(settings.data_dir)).free // _MIB
    least = settings.voicemail_min_free_mib
    text = f"{free_mib} MiB are free for recordings; messages are taken from {least} MiB on"
    return Finding("disk", free_mib >= least, text, "free disk space, or lower RENVOI_VOICEMAIL_MIN_FREE_MIB")


def _existing(path: Path) -> Path:
    return next(each for each in (path, *path.absolute().parents) if each.exists())


async def _mail(settings: Settings) -> list[Finding]:
    try:
        mailer_of(settings)
    except MailSettingsInvalid as error:
        setting, _, reason = str(error).partition(": ")
        return [Finding("mail", False, str(error), f"correct {setting}" if reason else "")]
    signed = _signed(settings)
    if settings.smtp_url is None:
        text = f"kept as files in {settings.mail_dir}{signed}"
        return [Finding("mail", False, text, "set RENVOI_SMTP_URL to have mails sent", needed=False)]
    server = SmtpServer.parse(settings.smtp_url)
    trouble = await _unreachable(server)
    if trouble is not None:
        advice = "mails wait until it can be reached: check RENVOI_SMTP_URL, and that the server runs"
        return [Finding("mail", False, f"{server} {trouble}", advice)]
    return [Finding("mail", True, f"sent through {server}{signed}"), *await _beyond_ascii(server)]


async def _beyond_ascii(server: SmtpServer) -> list[Finding]:
    """Tell whether mails can go to addresses whose local part is beyond ASCII; nothing when the server does not say."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            words = await _extensions(server)
    except (TimeoutError, OSError, ValueError):  # ValueError: a line without end
        return []
    if not words:
        return []
    name, offered = "mail beyond ASCII", "SMTPUTF8" in words
    text = f"{server} offers SMTPUTF8" if offered else f"{server} does not offer SMTPUTF8 (RFC 6531)"
    advice = "mails to addresses such as josé@example.com cannot be sent: use a server with SMTPUTF8 or other addresses"
    return [Finding(name, offered, text, advice, needed=False)]


async def _extensions(server: SmtpServer) -> set[str]:
    """Return what the server offers in its answer to EHLO; empty when it gives none."""
    tls = ssl.create_default_context(cafile=server.ca) if server.security is Security.TLS else None
    reader, writer = await asyncio.open_connection(server.host, server.port, ssl=tls)
    try:
        await _answer(reader)
        writer.write(b"EHLO localhost\r\n")
        lines = await _answer(reader)
        writer.write(b"QUIT\r\n")
        await writer.drain()
    finally:
        writer.close()
    return {line[4:].split(" ")[0].strip().upper() for line in lines if line.startswith("250")}


async def _answer(reader: asyncio.StreamReader) -> list[str]:
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = (await reader.readline()).decode("latin-1")
        lines.append(line)
        if line[3:4] != "-":
            break
    return lines


def _signed(settings: Settings) -> str:
    if settings.dkim_key_file is None:
        return ""
    domain = settings.dkim_domain or EmailAddress(settings.mail_from).domain
    return f", signed by the key at {settings.dkim_selector}._domainkey.{domain}"


async def _unreachable(server: SmtpServer) -> str | None:
    """Return why no connection to `server` comes about; None when one does."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(server.host, server.port)
    except TimeoutError:
        return f"does not answer within {CONNECT_TIMEOUT_S:g} s"
    except OSError as error:
        return f"cannot be reached: {error.strerror or error}"
    writer.close()
    with suppress(OSError):  # it was there, and that is all we asked
        await writer.wait_closed()
    return None


async def check(settings: Settings) -> list[Finding]:
    """Look at everything that a node needs, by the settings of the one that runs if any does; changes nothing."""
    try:
        node = await control.find_node(settings)
    except control.NoNode:
        todo = "renvoi serve" if settings.data_dir.is_dir() else "renvoi serve, or name its directory with --data"
        absent = Finding("node", False, f"no node runs on {settings.data_dir}", todo, needed=False)
        return [*await _needs(settings), _tracing(settings, None), absent, *_ports(settings)]
    except control.ControlError as error:
        return [
            *await _needs(settings),
            Finding("node", False, f"it does not answer: {error}", "look at its log, then restart it"),
        ]
    findings = [*_told(node), *await _needs(node.settings), _tracing(node.settings, node.status.get("tracing"))]
    findings += [_part(name, part) for name, part in node.status["parts"].items()]
    return findings + [_trunk(trunk) for trunk in node.status["trunks"]]


def _tracing(settings: Settings, told: Mapping[str, str] | None) -> Finding:
    """Say whether copies of SIP messages are sent, and what the edge of a running node says of that."""
    if settings.hep_url is None:
        return Finding("tracing", True, "off: no copies of SIP messages are sent (RENVOI_HEP_URL)")
    text = f"on: copies of all SIP messages go to {settings.hep_url}, capture id {settings.hep_id}"
    if told is None:
        return Finding("tracing", True, text)
    if told["error"] or not told["address"]:
        text += f", but not from the edge: {told['error'] or 'the server is being looked up'}"
        return Finding("tracing", False, text, "check RENVOI_HEP_URL and RENVOI_SIP_HOST", needed=False)
    return Finding("tracing", True, f"{text}, at {told['address']}")


def _told(node: control.Running) -> Iterator[Finding]:
    """Say by whose settings all else is found out."""
    if node.unknown:
        advice = "restart it with this version; until then these checks use this command's settings"
        yield Finding("node", False, node.unknown, advice, needed=False)
        return
    text = "it runs, and the checks below use its settings"
    if node.adopted:
        text += f", not this command's: {'; '.join(node.adopted)}"
    yield Finding("node", True, text)
    for difference in node.foreign:
        advice = "give this command the node's value; the checks below use the command's own"
        yield Finding("node's settings", False, difference, advice, needed=False)


async def _needs(settings: Settings) -> list[Finding]:
    findings = [Finding("python", True, platform.python_version()), *_programs(settings), _data(settings)]
    try:
        check_duties(settings)
    except OperatorError as error:
        text, _, advice = str(error).rpartition(": ")
        findings.append(Finding("settings", False, text, advice))
    findings += await check_store(settings)
    findings += await check_voicemail(settings)
    return [*findings, *await asyncio.to_thread(lambda: list(_dead_letters(settings)))]


def _dead_letters(settings: Settings) -> Iterator[Finding]:
    letters = DeadLetters(settings.dead_letters_dir)
    try:
        held = letters.held()
    except OSError as error:
        advice = f"give this user access to {letters.directory}, or run this as the node's user"
        yield Finding("dead letters", False, f"cannot be listed: {error.strerror}", advice, needed=False)
        return
    if held:
        advice = "see what they say (docs/operating.md, Dead letters), then remove the files"
        yield Finding("dead letters", False, f"{held} in {letters.directory}", advice, needed=False)


def _programs(settings: Settings) -> Iterator[Finding]:
    if EDGE not in settings.parts:
        return
    missing = edge_of(settings).missing()
    text, _, advice = (missing or "Kamailio is installed").partition(": ")
    yield Finding("calls", missing is None, text, advice, needed=False)
    try:
        yield Finding("try", True, f"SIPp is {test_call.find_sipp()}", needed=False)
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("try", False, text, advice, needed=False)


def _data(settings: Settings) -> Finding:
    path = settings.data_dir
    if not path.is_dir():
        return Finding("data", False, f"{path} is not there yet", "`renvoi serve` makes it", needed=False)
    if not os.access(path, os.W_OK | os.X_OK):
        return Finding(
            "data", False, f"{path} cannot be written by this user", f"make this user its owner: chown {path}"
        )
    return Finding("data", True, str(path))


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, listen, host, port in (
        ("HTTP port", listen_public, settings.http_host, settings.http_port),
        ("inner port", listen_inner, settings.inner_host, settings.inner_port),
    ):
        try:
            listen(settings).close()
            yield Finding(
                name, True, f"{host}:{port} is free" if port else f"a free port of {host}, chosen at each start"
            )
        except OperatorError as error:
            text, _, advice = str(error).partition(": ")
            yield Finding(name, False, text, advice)
    if EDGE not in settings.parts:
        return
    try:
        check_sip_port(settings.sip_host, settings.sip_port)
        yield Finding("SIP port", True, f"{settings.sip_host}:{settings.sip_port} is free, UDP and TCP")
    except OperatorError as error:
        text, _, advice = str(error).partition(": ")
        yield Finding("SIP port", False, text, advice)


def _part(name: str, part: dict[str, object]) -> Finding:
    state, alarm = State(str(part["state"])), str(part["alarm"])
    runs, wanted = state is State.RUNNING, state is not State.ABSENT
    text = state.value
    if part["restarts"]:
        text += f", restarts: {part['restarts']}"
    why = alarm or (not runs and part["detail"])
    if why:
        text += f": {why}"
    advice = "look at the node's log; a part needs some seconds to start"
    return Finding(f"part {name}", not alarm and (runs or not wanted), text, advice, needed=wanted and not runs)


def _trunk(trunk: Mapping[str, Any]) -> Finding:
    advice = "check its name, its address and the network with `renvoi trunk test`"
    name, ok = trunk_reports.PART + trunk["name"], trunk_reports.is_well(trunk)
    return Finding(name, ok, trunk_reports.describe(trunk), advice, needed=False)
