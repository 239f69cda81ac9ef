"""`renvoi check`: what is installed, reachable and misconfigured, and what to do about it."""

import asyncio
import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

from renvoi.adapters.sql import open_store, schema_of
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreMismatch, StoreUnavailable
from renvoi.application.ports.secrets import SecretClosed
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Reader
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.domain.hosts import host_and_port
from renvoi.node.checks import test_call
from renvoi.node.checks.destinations import check_destinations
from renvoi.node.checks.identity import check_identity
from renvoi.node.checks.limits import check_limits
from renvoi.node.checks.relay import check_relay
from renvoi.node.checks.results import Finding
from renvoi.node.checks.tls import check_tls
from renvoi.node.checks.voicemail import check_voicemail
from renvoi.node.supervisor import control, trunk_reports
from renvoi.node.supervisor.edge import edge_of
from renvoi.node.supervisor.roles import check_duties
from renvoi.node.supervisor.sockets import check_sip_port, listen_inner, listen_public
from renvoi.node.supervisor.supervised_process import State
from renvoi.setting_types import EDGE
from renvoi.settings import EDGE_SHARES_ROLE, Settings

LASTING = frozenset({"on", "remote_write", "remote_apply"})
"""Values of synchronous_commit with which a commit waits for synchronous standbys."""


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
        allowed = [await check_destinations(store), await check_limits(store)]
        signed = await asyncio.to_thread(_certificates, settings, trunks)
        secrets = await store.read(lambda reader: reader.secrets())
    finally:
        await store.close()
    findings = [Finding("store", True, f"{settings.database_shown}: {accounts} account{'' if accounts == 1 else 's'}")]
    findings += [*await _postgresql(settings, is_made=True), *allowed]
    for kind, found, without, option in (
        ("inbound", trunks.inbound, "nobody's calls are answered", "--inbound CIDR"),
        ("outbound", trunks.outbound, "no call can be forwarded", "--outbound SIP_URI"),
    ):
        text, advice = f"{len(found)}" if found else f"none: {without}", f"renvoi trunk add NAME {option}"
        findings.append(Finding(f"{kind} trunks", bool(found), text, advice, needed=False))
    findings += await check_relay(settings, trunks)
    return [*findings, *signed, *([_secrets(settings, secrets)] if secrets else [])]


def _certificates(settings: Settings, trunks: Trunks) -> list[Finding]:
    if EDGE not in settings.parts:
        return []
    return [*check_identity(settings, trunks), *check_tls(trunks, settings.sip_tls_certificate_file)]


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
        "GRANT SELECT ON numbers and usage, and SELECT (id, region, policy_version, policy) ON accounts, "
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
    # A node that has not been started again since an upgrade says nothing of the second.
    unheard = node.status.get("unheard", {})
    return findings + [_trunk(trunk) for trunk in node.status["trunks"]] + [_unheard(*each) for each in unheard.items()]


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
    for host in settings.sip_hosts:
        try:
            check_sip_port(host, settings.sip_port)
            yield Finding("SIP port", True, f"{host_and_port(host, settings.sip_port)} is free, UDP and TCP")
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


def _unheard(trunk: str, why: str) -> Finding:
    advice = "the line about secrets says why; `renvoi trunk set NAME --inbound-password-file FILE` sets another one"
    return Finding(f"calls of trunk {trunk}", False, trunk_reports.describe_unheard(why), advice, needed=False)


def _trunk(trunk: Mapping[str, Any]) -> Finding:
    advice = "check its name, its address and the network with `renvoi trunk test`"
    name, ok = trunk_reports.PART + trunk["name"], trunk_reports.is_well(trunk)
    return Finding(name, ok, trunk_reports.describe(trunk), advice, needed=False)
